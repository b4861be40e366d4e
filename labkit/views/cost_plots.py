"""The pictures of a run of the cost lab as something a cell shows: with alt text, and the table behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from matplotlib.figure import Figure

from labkit.cost.pool import PoolReport
from labkit.cost.results import Results, Table
from labkit.errors import unknown
from labkit.views import cost_words as words
from labkit.views import markup
from labkit.views.cost_curves import pool_figure, reuse_figure, touched_figure, traps_figure, workers_figure
from labkit.views.cost_rows import phases_figure, policies_figure, python_figure
from labkit.views.page import figure_html


@dataclass(frozen=True)
class _Kind:
    table: str
    figure: Callable[..., Figure]
    reading: Callable[..., str]
    defaults: Mapping[str, str]


_RUST: Final = {"guest": "rust-component"}
_KINDS: Final[Mapping[str, _Kind]] = {
    "policies": _Kind("policies", policies_figure, words.policies_reading, _RUST),
    "phases": _Kind("phases", phases_figure, words.phases_reading, {}),
    "python": _Kind("instantiation", python_figure, words.python_reading, {}),
    "traps": _Kind("traps", traps_figure, words.traps_reading, {"guest": "component", "reading": "native"}),
    "touched": _Kind("touched", touched_figure, words.touched_reading, {}),
    "reuse": _Kind("reuse", reuse_figure, words.reuse_reading, _RUST),
    "workers": _Kind("workers", workers_figure, words.workers_reading, _RUST),
}


class CostPlot:
    """One picture of a run: `figure(dark=…)` for a slide, the reading as its text, the table to open below it."""

    def __init__(self, reading: str, alt: str, table: str, draw: Callable[..., Figure]) -> None:
        self.reading = reading
        self._alt = alt
        self._table = table
        self._draw = draw

    def figure(self, *, dark: bool = False) -> Figure:
        """The matplotlib figure, on white or on dark paper."""
        return self._draw(dark=dark)

    def _repr_html_(self) -> str:
        table = markup.boxed(markup.details("show as a table", self._table))
        return figure_html(self.figure(), self._alt) + table

    def __repr__(self) -> str:
        return self.reading


def cost_plot(results: Results, name: str, **choices: Any) -> CostPlot:
    """The picture `name` (policies, phases, python, traps, touched, reuse, workers) of a run.

    `choices` are those of its figure, such as `guest="component"`. Raises `UnknownNameError` for another name, and
    for a table that the run does not have.
    """
    kind = _KINDS.get(name)
    if kind is None:
        raise unknown("cost plot", name, _KINDS)
    chosen = {**kind.defaults, **choices}
    table = results.table(kind.table)
    reading = kind.reading(results, **chosen)
    return CostPlot(
        reading,
        f"{table.title}. {reading} {words.noise_note(results, kind.table)}",
        times_table(table, guest=chosen.get("guest")),
        partial(kind.figure, results, **chosen),
    )


def times_table(table: Table, guest: str | None = None) -> str:
    """What was timed, row by row, as an accessible HTML table; of one guest if it is named."""
    rows = [
        [
            markup.text(row.subject.describe()),
            words.ns(row.times.median) if row.times else "–",
            f"{words.ns(row.times.q1)} – {words.ns(row.times.q3)}" if row.times else markup.text(row.absent),
            f"{row.times.samples:,}".replace(",", " ") if row.times else "",
        ]
        for row in table
        if guest is None or row.subject.guest == guest
    ]
    return markup.table(
        table.title, ["what", f"median per {table.per}", "middle half", "timings"], rows, numbers=(1, 2, 3)
    )


def table_html(table: Table) -> str:
    """A table of times as a cell shows it, with the noise of its run."""
    note = markup.paragraph(markup.text(table.noise.describe()), "lk-muted")
    return markup.boxed(times_table(table), note)


def table_text(table: Table) -> str:
    """A table of times in lines of text."""
    timed = (f"{row.subject.describe()}: {words.ns(row.times.median)}" for row in table if row.times)
    return "\n".join([table.title, *timed, table.noise.describe()])


def pool_html(report: PoolReport) -> str:
    """A pool's tail as its plot, with the table to open below."""
    rows = [
        [str(cost.size), words.ns(cost.p50), words.ns(cost.p95), words.ns(cost.p99), str(cost.calls)]
        for cost in report.costs
    ]
    head = ["instances", "p50", "p95", "p99", "calls"]
    table = markup.table(words.pool_reading(report), head, rows, numbers=range(1, len(head)))
    alt = f"Time of a call by the size of a pool. {words.pool_reading(report)}"
    return figure_html(pool_figure(report), alt) + markup.boxed(markup.details("show as a table", table))
