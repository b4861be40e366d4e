"""The notebook in which a repro, or a program of one's own, is opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labkit.files import write_file

_CELLS = (
    (
        "markdown",
        "about",
        "# {title}\n\n"
        "Somebody recorded what follows, and nothing of it has run on this machine yet. Run the cells to see what "
        "was done, what came of it, and why. `replay` plays it in a child process with limits, under the Wasmtime "
        "release you choose, and says whether every step went as it was recorded.",
    ),
    (
        "code",
        "open",
        "from labkit import Lab, load_repro\n\nlab = Lab()\nrepro = load_repro({file})\nlab.open(repro)",
    ),
    (
        "markdown",
        "why",
        "Any step can be explained from the recording, and everything in the file can be looked at: "
        "`repro.scenario`, `repro.trace`, `repro.programs`.",
    ),
    (
        "code",
        "explain",
        "from labkit import explain\n\nfailed = [step.n for step in repro.trace if not step.outcome.ok]\n"
        "explain(repro.trace, failed[-1]) if failed else repro",
    ),
    ("markdown", "again", "Under the release of this environment:"),
    ("code", "replay", "lab.replay(repro)"),
)


_OWN_CELLS = (
    (
        "markdown",
        "about",
        "# {title}\n\n"
        "A program to look at and to call. Nothing of it runs before a call is made; then it runs in a child "
        "process, with limits on time, memory and output.",
    ),
    ("code", "open", "from labkit import Lab\n\nlab = Lab()\nbench = lab.explore({file})\nbench"),
    (
        "markdown",
        "health",
        "What a host has to know of it: each export is called under each reuse policy, with arguments made from "
        "its types.",
    ),
    ("code", "check", "lab.health({file})"),
)


def notebook_beside(file: Path, *, program: bool = False) -> Path:
    """The notebook that opens the repro, or the `program`, in `file`, made beside it unless it is there.

    Raises `FormatError` when it cannot be written.
    """
    path = file.with_suffix(".ipynb")
    return path if path.exists() else write_file(path, notebook_for(file.name, program=program).encode())


def notebook_for(name: str, *, program: bool = False) -> str:
    """The text of a notebook that opens the repro, or the `program`, of this file name in its own folder."""
    shown = "".join(sign if sign.isprintable() and sign not in "<>`\\" else " " for sign in Path(name).stem)
    cells = [
        _cell(kind, cell, text.format(title=shown, file=json.dumps(name)))
        for kind, cell, text in (_OWN_CELLS if program else _CELLS)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def _cell(kind: str, cell: str, text: str) -> dict[str, Any]:
    common = {"cell_type": kind, "id": cell, "metadata": {}, "source": text.splitlines(keepends=True)}
    return common if kind == "markdown" else {**common, "execution_count": None, "outputs": []}
