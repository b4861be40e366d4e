"""Notebooks are committed without outputs: `python tests/project/notebooks.py [--fix]` says or sets it right.

The start page's list of claims is written from the ledger and from the tags of the cells.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat

from labkit.claims import claims, overview

FOLDER = Path(__file__).parents[2] / "notebooks"
START = FOLDER / "00-start-here.ipynb"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def shipped() -> list[Path]:
    """Every notebook of the project."""
    return sorted(path for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def problems(path: Path) -> list[str]:
    """What keeps a notebook from being committed, one sentence each."""
    text = path.read_text("utf-8")
    try:
        # From the text itself: nbformat gives new ids to cells that lack one or share one.
        ids = [cell.get("id") for cell in json.loads(text)["cells"]]
        if None in ids or len(set(ids)) < len(ids):
            return [f"{path.name} has cells without an id of their own."]
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        # JSON's errors, nbformat's own and those of jsonschema.
        return [f"{path.name} is no valid notebook: {str(error).splitlines()[0]}"]
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        if cell.get("outputs") or cell.get("execution_count"):
            found.append(f"{path.name} has outputs in cell {number}.")
    if not found and text != cleaned(text):
        found.append(f"{path.name} carries metadata of whoever ran it last, or is laid out differently.")
    return found


def cleaned(text: str) -> str:
    """The notebook without outputs, counts and metadata of a run; ids, tags and texts stay."""
    notebook = nbformat.reads(text, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    return str(nbformat.writes(notebook)) + "\n"


def with_claims(text: str) -> str:
    """The start page with the list of claims as the ledger and the cells have it."""
    notebook = nbformat.reads(text, as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.id == "claims-and-cells"]
    cell.source = overview(claims())
    return str(nbformat.writes(notebook)) + "\n"


def main() -> int:
    """Check the shipped notebooks, after setting them right if asked to."""
    if "--fix" in sys.argv[1:]:
        for path in shipped():
            path.write_text(cleaned(path.read_text("utf-8")), "utf-8")
        START.write_text(with_claims(START.read_text("utf-8")), "utf-8")
    found = [problem for path in shipped() for problem in problems(path)]
    if not found and with_claims(START.read_text("utf-8")) != START.read_text("utf-8"):
        found.append(f"{START.name} does not list the claims as the ledger and the cells have them.")
    if found:
        found.append("`make format` sets this right.")
    sys.stderr.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
