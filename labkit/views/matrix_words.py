"""A matrix in words: its reading, what each cell says, and what changed from one release to the next."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from labkit.host.outcome import Kind
from labkit.record.trace import Step
from labkit.runtimes import Cell, Matrix, Row, change_sentence, first_difference
from labkit.views.words import clean, clip, counted, listed

NOT_PLAYED = "It has not been played."


def shown_steps(cell: Cell) -> list[Step]:
    """The steps a cell has a sign for: its calls, and what went wrong between them."""
    return [
        step
        for step in cell.trace or ()
        if step.outcome is not None and (step.do == "call" or step.outcome.kind != "returned")
    ]


def kinds(cell: Cell) -> tuple[Kind, ...]:
    """The outcome kinds of a cell's signs."""
    return tuple(step.outcome.kind for step in shown_steps(cell) if step.outcome)


def cell_words(cell: Cell) -> str:
    """A cell's outcomes, equal neighbours counted: `trapped, 2 × refused`; or that it has none."""
    if cell.trace is None:
        return "no result" if cell.problem else "not played"
    told = [(kind, len(list(group))) for kind, group in itertools.groupby(kinds(cell))]
    return ", ".join(kind if n == 1 else f"{n} × {kind}" for kind, n in told) or "no calls"


def row_names(rows: Sequence[Row]) -> list[str]:
    """A name per row: the scenario, without a family that all share, and its policy where it has several rows."""
    families = {row.scenario.partition("/")[0] for row in rows}
    played = Counter(row.scenario for row in rows)
    names = []
    for row in rows:
        variant = row.scenario.partition("/")[2]
        name = clean(variant if variant and len(families) == 1 and len(rows) > 1 else row.scenario)
        names.append(f"{name} · {row.policy}" if row.policy and played[row.scenario] > 1 else name)
    return names


def cell_title(row: Row, cell: Cell) -> str:
    """Which cell this is: scenario, policy, release."""
    policy = f" under {row.policy}" if row.policy else ""
    return f"{clean(row.scenario)}{policy}, Wasmtime {cell.runtime}"


def left_of(row: Row, cell: Cell) -> Cell | None:
    """The cell to the left, if there is one."""
    at = row.cells.index(cell)
    return row.cells[at - 1] if at else None


def differs_from_left(row: Row, cell: Cell) -> bool:
    """Whether it went differently under the release to the left; a missing result is no difference."""
    before = left_of(row, cell)
    return cell.runtime in row.changed and before is not None and None not in (before.trace, cell.trace)


def differs_unseen(row: Row, cell: Cell) -> bool:
    """Whether it differs from the release to the left behind equal signs: in a value or in words."""
    before = left_of(row, cell)
    return before is not None and differs_from_left(row, cell) and kinds(before) == kinds(cell)


def change_in(row: Row, cell: Cell) -> str:
    """What changed from the release to the left, in a sentence; empty where nothing did."""
    before = left_of(row, cell)
    if before is None or before.trace is None or cell.trace is None:
        return ""
    n = first_difference(before.trace, cell.trace)
    return "" if n is None else change_sentence(before.trace, cell.trace, n)


def matrix_reading(matrix: Matrix) -> str:
    """How many rows went differently, and with which releases, in a sentence."""
    cells = [cell for row in matrix.rows for cell in row.cells]
    played = sum(cell.trace is not None or cell.problem is not None for cell in cells)
    size = f"{counted(len(matrix.rows), 'row')} under {counted(len(matrix.runtimes), 'release')}"
    changed = Counter(cell.runtime for row in matrix.rows for cell in row.cells if differs_from_left(row, cell))
    if played < len(cells):
        return f"{size}: {played} of {counted(len(cells), 'cell')} played."
    lacking = sum(cell.trace is None for cell in cells)
    if lacking and not changed:
        return f"{size}: {len(cells) - lacking} of {counted(len(cells), 'cell')} could be played."
    if not changed:
        return f"{size}: every row went the same under each." if len(matrix.runtimes) > 1 else f"{size}."
    rows = sum(any(differs_from_left(row, cell) for cell in row.cells) for row in matrix.rows)
    turns = [f"{version} ({changed[version]})" for version in matrix.runtimes if changed[version]]
    verb = "differs" if rows == 1 else "differ"
    return f"{size}: {rows} {verb} between releases, at {listed(turns)}."


def changes(matrix: Matrix) -> list[tuple[str, str]]:
    """Every change of the matrix: the row's name, and what changed."""
    named = zip(row_names(matrix.rows), matrix.rows, strict=True)
    return [(name, said) for name, row in named for cell in row.cells if (said := change_in(row, cell))]


def problems(matrix: Matrix) -> list[str]:
    """Why cells have no result, every sentence once."""
    found = (cell.problem for row in matrix.rows for cell in row.cells if cell.problem)
    return [clip(problem, 400) for problem in dict.fromkeys(found)]
