"""The tables of the cost lab in a terminal: a row for what is done, a column for who calls the runtime."""

from __future__ import annotations

from typing import Any

from rich.table import Table as Grid
from rich.text import Text

from labkit.cost import Row, Subject, Table
from labkit.views.costs import duration

_READINGS = {"floor": "C", "native": "native", "python": "Python"}


def grid(table: Table) -> Grid:
    """Medians, by what is done and who calls; and how much more Python takes, where that can be told."""
    readings = [reading for reading in _READINGS if any(row.subject.reading == reading for row in table)]
    made = Grid(title=f"{table.id}: {table.title}", title_justify="left", title_style="bold")
    made.add_column("guest")
    made.add_column("what")
    if table.axis is not None:
        made.add_column(table.axis, justify="right", overflow="fold", max_width=16)
    made.add_column("engine")
    for reading in readings:
        made.add_column(_READINGS[reading], justify="right")
    made.add_column("middle half", justify="right")
    made.add_column("Python ÷ native", justify="right")
    for key, rows in _by_subject(table).items():
        guest, what, at, engine = key
        cells = [guest, what, *([_position(at)] if table.axis is not None else []), engine]
        cells += [_median(rows.get(reading)) for reading in readings]
        made.add_row(*cells, _spread(rows.get("native") or next(iter(rows.values()))), _beside(table, rows))
    return made


def _by_subject(table: Table) -> dict[tuple[Any, ...], dict[str, Row]]:
    found: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in table:
        subject = row.subject
        key = subject.guest, subject.what, subject.at, subject.engine
        found.setdefault(key, {})[subject.reading] = row
    return found


def _position(at: float | None) -> str:
    return "" if at is None else f"{at:,.12g}".replace(",", " ")


def _median(row: Row | None) -> str:
    if row is None:
        return ""
    return duration(row.times.median / 1000) if row.times else "–"


def _spread(row: Row) -> Text:
    if row.times is None:
        return Text("")
    low, high = duration(row.times.q1 / 1000), duration(row.times.q3 / 1000)
    return Text(f"{low} – {high}", style="dim")


def _beside(table: Table, rows: dict[str, Row]) -> str:
    ours, theirs = rows.get("python"), rows.get("native")
    if ours is None or theirs is None or ours.times is None or theirs.times is None:
        return ""
    found = table.compare(_subject(ours), _subject(theirs))
    return "cannot tell" if found.verdict == "no-difference" else f"{found.ratio:.2g}×"


def _subject(row: Row) -> Subject:
    return row.subject
