"""Runs a notebook in a fresh kernel, and reads what its cells put out."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient


def run(
    path: Path, folder: Path, *, tags_left_out: frozenset[str] = frozenset(), only: frozenset[str] = frozenset()
) -> nbformat.NotebookNode:
    """The notebook, or `only` some cells of it, after a run in `folder`; a cell that raises fails the test."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not only or cell.id in only]
    notebook.cells = [c for c in notebook.cells if not tags_left_out & set(c.metadata.get("tags", []))]
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def output(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    """All text a cell put out, plain or HTML."""
    cell = next(cell for cell in notebook.cells if cell.id == cell_id)
    # One stream may come in any number of pieces.
    shown = ["\n".join(["", *map(str, output.get("data", {}).values()), ""]) for output in cell.outputs]
    return "".join(output.get("text") or other for output, other in zip(cell.outputs, shown, strict=True))
