"""The notebook in which a repro, or a program of one's own, is opened.

The texts lie in `labextensions/labkit/static/`: JupyterLab fills in the same one when a repro is double-clicked.
"""

from __future__ import annotations

import json
from pathlib import Path

from labkit import resources
from labkit.files import write_file

_TEMPLATES = resources.PACKAGE / "labextensions" / "labkit" / "static"


def notebook_beside(file: Path, *, program: bool = False) -> Path:
    """The notebook that opens the repro, or the `program`, in `file`, made beside it unless it is there.

    Raises `FormatError` when it cannot be written.
    """
    path = file.with_suffix(".ipynb")
    return path if path.exists() else write_file(path, notebook_for(file.name, program=program).encode())


def notebook_for(name: str, *, program: bool = False) -> str:
    """The text of a notebook that opens the repro, or the `program`, of this file name in its own folder."""
    shown = "".join(sign if sign.isprintable() and sign not in "<>`\\" else " " for sign in Path(name).stem)
    template = _TEMPLATES / ("program.json" if program else "notebook.json")
    book = json.loads(template.read_text("utf-8"))
    for cell in book["cells"]:
        filled = (line.replace("@TITLE@", shown).replace("@FILE@", json.dumps(name)) for line in cell["source"])
        cell["source"] = list(filled)
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"
