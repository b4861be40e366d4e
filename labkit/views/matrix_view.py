"""The matrix as a widget: scenarios down, releases across, and the trace behind every cell."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import ipywidgets

from labkit.host.versions import current
from labkit.record.scenario import Scenario
from labkit.record.trace import FORMAT, Trace
from labkit.runtimes import Cell, Matrix, first_difference, tabulate
from labkit.runtimes.sweep import Key, Progress
from labkit.views import markup
from labkit.views.matrix_buttons import MatrixButtons
from labkit.views.matrix_table import matrix_changes, matrix_legend, matrix_table
from labkit.views.matrix_words import (
    NOT_PLAYED,
    cell_title,
    change_in,
    changes,
    differs_from_left,
    left_of,
    matrix_reading,
    problems,
)
from labkit.views.timeline_view import Explain, TimelineView
from labkit.views.widget import EarlyWidget
from labkit.views.words import counted

_PERIOD: Final = 0.15
"""Seconds between two redraws while it fills."""


class MatrixView(EarlyWidget):
    """A grid with a button per cell; the chosen cell's trace is shown and explained below it.

    `rows` are the scenarios with the policy each is played under, `runtimes` the columns. `fill` plays it;
    `matrix` is what came of it so far.
    """

    def __init__(
        self,
        rows: Sequence[tuple[Scenario, str | None]],
        runtimes: Sequence[str],
        explain: Explain,
    ) -> None:
        super().__init__()
        self._rows = tuple(rows)
        self._runtimes = tuple(runtimes)
        self._cells: dict[Key, Cell] = {}
        self._stopped = False
        self.matrix: Matrix = tabulate(self._rows, self._runtimes, self._cells)
        self.chosen: tuple[int, int] | None = None
        self.reading = ipywidgets.HTML()
        self.progress = ipywidgets.IntProgress(max=len(self._rows) * len(self._runtimes), description="playing")
        self.count = ipywidgets.HTML()
        self.bar = ipywidgets.HBox([self.progress, self.count])
        self.bar.layout.display = "none"
        self.buttons = MatrixButtons(self.matrix, self.choose)
        self.legend = ipywidgets.HTML()
        self.next_button = ipywidgets.Button(
            description="≠ next difference",
            tooltip="Choose the next cell that differs from the release to its left",
        )
        self.next_button.layout.width = "auto"
        self.next_button.layout.align_self = "flex-start"
        self.heading = ipywidgets.HTML()
        self.timeline = TimelineView(Trace(format=FORMAT, runtime=current().version), explain)
        self.timeline.layout.display = "none"
        self.next_button.on_click(lambda _button: self.guarded("The next difference cannot be shown", self._next))
        self.children = (
            *(self.reading, self.bar, self.buttons, self.legend),
            *(self.next_button, self.problem, self.heading, self.timeline),
        )
        self._draw()

    def fill(self, play: Callable[[Progress], object]) -> None:
        """Play the cells with `play`, which tells of each one, and show each as it comes.

        In a notebook the widget appears at once, in the cell that runs. An interrupt ends the play and keeps what
        is there. Raises what `play` raises.
        """
        self.appear()
        self.bar.layout.display = None
        drawn = time.monotonic()

        def on_cell(cell: Cell, done: int, total: int) -> None:
            nonlocal drawn
            self._cells[cell.scenario, cell.policy, cell.runtime] = cell
            self.progress.value = done
            self.count.value = markup.boxed(markup.paragraph(f"{done} of {counted(total, 'cell')}", "lk-muted"))
            if time.monotonic() - drawn > _PERIOD:
                self._draw()
                drawn = time.monotonic()

        try:
            play(on_cell)
        except KeyboardInterrupt:
            self._stopped = True
        finally:
            self.bar.layout.display = "none"
            self._draw()
            self._next()
            self.renew()

    def choose(self, row: int, column: int) -> None:
        """Show the cell in that row and column, both counted from 0, below the grid."""
        self.chosen = row, column
        self.buttons.choose(row, column)
        self.guarded("The cell cannot be shown", self._show_chosen)

    def static(self) -> str:
        """The grid as a table, what changed in it, and the chosen cell's timeline."""
        parts = [matrix_table(self.matrix), matrix_legend(self.matrix), matrix_changes(self.matrix), self._noted()]
        cell = self._chosen_cell()
        timeline = self.timeline.static() if cell is not None and cell.trace is not None else ""
        return f"{markup.boxed(*parts)}{self.heading.value}{timeline}"

    def told(self) -> str:
        """The reading, every change, and what could not be played."""
        lines = [matrix_reading(self.matrix), *(f"{name}: {said}" for name, said in changes(self.matrix))]
        return "\n".join([*lines, *self._notes()])

    def _draw(self) -> None:
        self.matrix = tabulate(self._rows, self._runtimes, self._cells)
        self.reading.value = markup.boxed(
            markup.paragraph(f"<strong>{markup.text(matrix_reading(self.matrix))}</strong>")
        )
        self.buttons.update(self.matrix)
        self.legend.value = markup.boxed(matrix_legend(self.matrix), self._noted())
        self.next_button.disabled = not self._differences()

    def _noted(self) -> str:
        return "".join(markup.paragraph(markup.prose(sentence), "lk-muted") for sentence in self._notes())

    def _notes(self) -> list[str]:
        stopped = (
            ["Stopped before the end; make the matrix again to play what is missing."] if self._stopped else []
        )
        return [*problems(self.matrix), *stopped]

    def _differences(self) -> list[tuple[int, int]]:
        rows = enumerate(self.matrix.rows)
        return [(i, j) for i, row in rows for j, cell in enumerate(row.cells) if differs_from_left(row, cell)]

    def _next(self) -> None:
        """Choose the first difference after the chosen cell, else the first; without any, the last release."""
        found = self._differences() or [(0, len(self._runtimes) - 1)]
        self.choose(*next((place for place in found if self.chosen and place > self.chosen), found[0]))

    def _chosen_cell(self) -> Cell | None:
        return self.matrix.rows[self.chosen[0]].cells[self.chosen[1]] if self.chosen else None

    def _show_chosen(self) -> None:
        cell = self._chosen_cell()
        if cell is None or self.chosen is None:
            return
        row = self.matrix.rows[self.chosen[0]]
        said = change_in(row, cell) or cell.problem or (NOT_PLAYED if cell.trace is None else "")
        title = markup.paragraph(f"<strong>{markup.text(cell_title(row, cell))}</strong>")
        self.heading.value = markup.boxed(title, markup.paragraph(markup.prose(said)) if said else "")
        self.timeline.layout.display = "none" if cell.trace is None else None
        if cell.trace is not None:
            before = left_of(row, cell)
            n = first_difference(before.trace, cell.trace) if before and before.trace else None
            known = n is not None and any(step.n == n for step in cell.trace)
            self.timeline.update(cell.trace, select=n if known else None)
