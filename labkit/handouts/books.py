"""A shipped notebook in the form in which it is handed out: as trainees get it, or with the exercises solved."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

import nbformat
from nbformat import NotebookNode

from labkit import resources
from labkit.errors import unknown
from labkit.numbered import numbered
from labkit.workshop import Exercise, exercises

Variant = Literal["clean", "executed", "solved"]
VARIANTS: Final[tuple[Variant, ...]] = get_args(Variant)

ANSWER: Final = "answer:"
WIDGET: Final = "widget:"
NEEDS_TOOLCHAIN: Final = "needs:toolchain"
_STANDINGS: Final = re.compile(r'overview\("\d\d"\)')
_CHECK: Final = re.compile(r"^\w*task\.check\(\w+\)$", re.MULTILINE)


def chosen(names: Sequence[str]) -> list[Path]:
    """The shipped notebooks of these names or numbers, in order; all of them for no names.

    Raises `UnknownNameError` with the nearest names.
    """
    known = {path.stem: path for path in sorted(resources.notebooks_dir().glob("*.ipynb"))}
    wanted = {numbered(name.removesuffix(".ipynb"), known) for name in names}
    for name in sorted(wanted - known.keys()):
        raise unknown("notebook", name, known)
    return [path for name, path in known.items() if not names or name in wanted]


def read_book(path: Path, variant: Variant) -> nbformat.NotebookNode:
    """The notebook without outputs; `solved` has each exercise's solution where the answer is asked for."""
    book: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if variant == "solved":
        answered = [one for cell in book.cells for one in _answered(cell)]
        book.cells = _standings_last(answered)
    return book


def _answered(cell: NotebookNode) -> list[NotebookNode]:
    """A cell with the solution it asks for; one that asks in a widget is followed by a cell that answers."""
    known = exercises()
    for one in _named(cell, ANSWER):
        cell.source = solved(cell.source, known[one])
    asked_in_widget = [one for one in _named(cell, WIDGET) if one in known and known[one].plays]
    return [cell, *(_answer(f"{cell.id}-answer", known[one]) for one in asked_in_widget)]


def _answer(cell_id: str, exercise: Exercise) -> NotebookNode:
    cell: NotebookNode = nbformat.v4.new_code_cell(
        exercise.solution.strip(), id=cell_id, metadata={"tags": [f"{ANSWER}{exercise.id}"]}
    )
    return cell


def _standings_last(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """How many exercises have passed comes where its section ends; before they are solved it would say none."""
    arranged: list[NotebookNode] = []
    standings: list[NotebookNode] = []
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            arranged += standings
            standings = []
        (standings if _STANDINGS.fullmatch(cell.source) else arranged).append(cell)
    return [*arranged, *standings]


def solved(source: str, exercise: Exercise) -> str:
    """An answer cell with the exercise's solution in it; the check that stood there stays."""
    solution = exercise.solution.strip()
    check = _CHECK.search(source)
    return f"{solution}\n\n\n{check[0]}" if check and check[0] not in solution else solution


def asked(book: nbformat.NotebookNode, left_out: Collection[str]) -> list[str]:
    """The ids of the exercises that a notebook asks for an answer to, but for cells that are left out."""
    cells = [cell for cell in book.cells if cell.id not in left_out]
    return [one for cell in cells for one in _named(cell, ANSWER)]


def needs_toolchain(cell: Any) -> bool:
    """Whether a cell cannot run without a compiler for its guest."""
    return NEEDS_TOOLCHAIN in _tags(cell)


def guest_of(cell: Any) -> str | None:
    """The guest that a `%%guest` cell compiles; None for other cells."""
    found = re.match(r"%%guest\s+(\S+)", cell.source)
    return found[1] if found else None


def _named(cell: Any, kind: str) -> list[str]:
    """What a cell's tags of one kind name."""
    return [tag.removeprefix(kind) for tag in _tags(cell) if tag.startswith(kind)]


def _tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))
