"""A matrix as an accessible HTML table, with its legend and what changed below it."""

from __future__ import annotations

from typing import Final

from labkit.host.outcome import KINDS
from labkit.runtimes import Cell, Matrix, Row
from labkit.views import markup
from labkit.views.matrix_words import (
    cell_words,
    changes,
    differs_from_left,
    differs_unseen,
    kinds,
    left_of,
    matrix_reading,
    problems,
    row_names,
)

_CHANGES_SHOWN: Final = 24


def matrix_table(matrix: Matrix) -> str:
    """Signs for those who see them, words for those who hear them; `≠` where a release differs from the last."""
    rows = [
        [markup.text(name), *(_cell(row, cell) for cell in row.cells)]
        for name, row in zip(row_names(matrix.rows), matrix.rows, strict=True)
    ]
    return markup.table(matrix_reading(matrix), ["scenario", *matrix.runtimes], rows)


def matrix_legend(matrix: Matrix) -> str:
    """The signs that occur, with their names."""
    cells = [cell for row in matrix.rows for cell in row.cells]
    occurring = {kind for cell in cells for kind in kinds(cell)}
    entries = [markup.labelled(kind) for kind in KINDS if kind in occurring]
    if any(differs_from_left(row, cell) for row in matrix.rows for cell in row.cells):
        entries.append("<strong>≠</strong> differs from the release to its left")
    if any(differs_unseen(row, cell) for row in matrix.rows for cell in row.cells):
        entries.append("<strong>≈</strong> the same outcomes, with another value or other words")
    if any(cell.trace is None and cell.problem for cell in cells):
        entries.append("<strong>?</strong> no result")
    if any(cell.trace is None and not cell.problem for cell in cells):
        entries.append("<strong>·</strong> not played")
    return markup.paragraph("".join(f'<span class="lk-answer">{entry}</span>' for entry in entries), "lk-muted")


def matrix_changes(matrix: Matrix) -> str:
    """Every change and every problem as a list of sentences."""
    found = changes(matrix)
    items = [
        f"<strong>{markup.text(name)}</strong>: {markup.prose(said)}" for name, said in found[:_CHANGES_SHOWN]
    ]
    if len(found) > _CHANGES_SHOWN:
        items.append(f"and {len(found) - _CHANGES_SHOWN} more")
    items += [f'<span class="lk-muted">? {markup.prose(problem)}</span>' for problem in problems(matrix)]
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""


def _cell(row: Row, cell: Cell) -> str:
    before = left_of(row, cell)
    differs = ""
    if before is not None and differs_from_left(row, cell):
        unseen = " in a value or in words" if differs_unseen(row, cell) else ""
        spoken = f'<span class="lk-spoken">differs from {markup.text(before.runtime)}{unseen}: </span>'
        sign = "≈" if differs_unseen(row, cell) else "≠"
        differs = f'<strong class="lk-differs" aria-hidden="true">{sign}</strong>{spoken}'
    words = f'<span class="lk-spoken">{markup.text(cell_words(cell))}</span>'
    if cell.trace is None:
        sign = "?" if cell.problem else "·"
        title = markup.text(cell.problem or "")
        return f'{differs}<span class="lk-muted" title="{title}" aria-hidden="true">{sign}</span>{words}'
    return f"{differs}{''.join(markup.glyph(kind) for kind in kinds(cell))}{words}"
