"""A shipped notebook in the form in which it is handed out: as trainees get it, or with the exercises solved."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

import nbformat

from labkit import resources
from labkit.errors import unknown
from labkit.numbered import numbered
from labkit.workshop import Exercise, exercises

Variant = Literal["clean", "executed", "solved"]
VARIANTS: Final[tuple[Variant, ...]] = get_args(Variant)

ANSWER: Final = "answer:"
NEEDS_TOOLCHAIN: Final = "needs:toolchain"
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
    known = exercises()
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        answers = [tag.removeprefix(ANSWER) for tag in _tags(cell) if tag.startswith(ANSWER)]
        if variant == "solved" and answers:
            cell.source = solved(cell.source, known[answers[0]])
    return book


def solved(source: str, exercise: Exercise) -> str:
    """An answer cell with the exercise's solution in it; the check that stood there stays."""
    solution = exercise.solution.strip()
    check = _CHECK.search(source)
    return f"{solution}\n\n\n{check[0]}" if check and check[0] not in solution else solution


def asked(book: nbformat.NotebookNode, left_out: Collection[str]) -> list[str]:
    """The ids of the exercises that a notebook asks for an answer to, but for cells that are left out."""
    cells = [cell for cell in book.cells if cell.id not in left_out]
    return [tag.removeprefix(ANSWER) for cell in cells for tag in _tags(cell) if tag.startswith(ANSWER)]


def needs_toolchain(cell: Any) -> bool:
    """Whether a cell cannot run without a compiler for its guest."""
    return NEEDS_TOOLCHAIN in _tags(cell)


def guest_of(cell: Any) -> str | None:
    """The guest that a `%%guest` cell compiles; None for other cells."""
    found = re.match(r"%%guest\s+(\S+)", cell.source)
    return found[1] if found else None


def _tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))
