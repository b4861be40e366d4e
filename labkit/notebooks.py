"""The notebook in which a repro is opened.

Its text is `labextensions/labkit/static/notebook.json`, which JupyterLab fills in when a repro is double-clicked.
"""

from __future__ import annotations

import json
from pathlib import Path

from labkit import resources
from labkit.files import write_file

_TEMPLATE = resources.PACKAGE / "labextensions" / "labkit" / "static" / "notebook.json"


def notebook_beside(file: Path) -> Path:
    """The notebook that opens the repro in `file`, made beside it unless it is there.

    Raises `FormatError` when it cannot be written.
    """
    path = file.with_suffix(".ipynb")
    return path if path.exists() else write_file(path, notebook_for(file.name).encode())


def notebook_for(name: str) -> str:
    """The text of a notebook that opens the repro of this file name in its own folder."""
    shown = "".join(sign if sign.isprintable() and sign not in "<>`\\" else " " for sign in Path(name).stem)
    book = json.loads(_TEMPLATE.read_text("utf-8"))
    for cell in book["cells"]:
        filled = (line.replace("@TITLE@", shown).replace("@FILE@", json.dumps(name)) for line in cell["source"])
        cell["source"] = list(filled)
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"
