"""The blast radius: who can still be called after something went wrong, here and there, then and now."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

from matplotlib.figure import Figure

from labkit.record.trace import Step, Trace
from labkit.views import markup
from labkit.views.canvas import (
    LEADING,
    SMALL,
    TITLE,
    WIDTH,
    Sheet,
    fit,
    house_style,
    kind_entries,
    rows_of,
    text_width,
    wrap,
)
from labkit.views.page import figure_html
from labkit.views.theme import palette
from labkit.views.words import answer, clip, counted, listed, why

_ROW: Final = 25.0
_WIDEST_NAME: Final = 230.0
_WIDEST_CELL: Final = 92.0

Rule = tuple[int, str]
"""A labelled vertical rule before the column with that index."""


def callers(traces: Mapping[str, Trace]) -> tuple[str, ...]:
    """The rows: who calls, as the calls' `caller` labels name them, in the order they first occur."""
    return tuple(
        dict.fromkeys(
            step.caller for trace in traces.values() for step in trace if step.do == "call" and step.caller
        )
    )


def cell(trace: Trace, caller: str) -> Step | None:
    """The last call that `caller` made in a trace; None if there was none."""
    return next((step for step in reversed(trace.steps) if step.do == "call" and step.caller == caller), None)


def blast_radius_figure(
    traces: Mapping[str, Trace],
    *,
    dark: bool = False,
    rule: Rule | None = None,
    axis: str = "",
) -> Figure:
    """Rows are callers, columns the keys of `traces`, cells the outcome of that caller's last call.

    `axis` names what the columns are ("Wasmtime release"); a call that was not made is a muted dash. 9.6
    inches wide, as high as its rows. Gids: `cell-ROW-COLUMN`.
    """
    rows = callers(traces)
    names = {row: wrap(row, 9.5, _WIDEST_NAME, 2) for row in rows}
    left = 26 + max([text_width(line, 9.5) for lines in names.values() for line in lines], default=40)
    pitch = min(_WIDEST_CELL, (WIDTH - 14 - left) / max(len(traces), 1))
    heads = {column: wrap(column, SMALL, pitch - 4, 2) for column in traces}
    title = wrap(blast_radius_reading(traces, rule=rule), TITLE, WIDTH - 24, 3)
    top = 20 + TITLE * LEADING * len(title) + (16 if rule else 0)
    occurring = (step.outcome.kind for step in _cells(traces) if step.outcome)
    legend = rows_of(kind_entries(occurring), WIDTH - 12 - left)
    foot = 34.0 + 15 * len(legend) + (12 if max((len(lines) for lines in heads.values()), default=1) > 1 else 0)
    with house_style():
        sheet = Sheet(top + _ROW * max(len(rows), 1) + foot, palette(dark))
        sheet.title(title)
        for i, row in enumerate(rows):
            y = sheet.height - top - _ROW * (i + 0.5)
            for j, line in enumerate(names[row]):
                shift = 0 if len(names[row]) == 1 else 5.5 - 11 * j
                sheet.text(left - 12, y + shift, line, size=9.5, across="right")
            for j, trace in enumerate(traces.values()):
                _draw_cell(sheet, cell(trace, row), left + pitch * j, y, pitch, f"cell-{i}-{j}")
        base = sheet.height - top - _ROW * max(len(rows), 1)
        for j, lines in enumerate(heads.values()):
            for k, line in enumerate(lines):
                x = left + pitch * (j + 0.5)
                sheet.text(x, base - 10 - 12 * k, line, size=SMALL, colour=sheet.colours.muted, across="center")
        if axis:
            sheet.text(left - 12, base - 10, axis, size=SMALL, colour=sheet.colours.muted, across="right")
        if rule:
            _draw_rule(sheet, rule[1], left + pitch * rule[0], base, sheet.height - top)
        for i, entries in enumerate(reversed(legend)):
            sheet.legend(left, 14 + 15 * i, entries)
        return sheet.figure


def blast_radius_html(
    traces: Mapping[str, Trace], *, rule: Rule | None = None, axis: str = "", key: str = ""
) -> str:
    """The grid as an HTML fragment that follows the page's theme; each cell tells its outcome on hover."""
    titles = {
        f"cell-{i}-{j}": f"{row}, {column}: {_words(cell(trace, row))}"
        for i, row in enumerate(callers(traces))
        for j, (column, trace) in enumerate(traces.items())
    }
    figure = blast_radius_figure(traces, rule=rule, axis=axis)
    return figure_html(figure, blast_radius_alt(traces, rule=rule), titles=titles, key=key)


def blast_radius_reading(traces: Mapping[str, Trace], *, rule: Rule | None = None) -> str:
    """Who is still answered everywhere, who nowhere, and how many it depends on, in one sentence."""
    rows = callers(traces)
    if not rows:
        return "Nobody has called yet."
    answered = {
        row: {column for column, step in zip(traces, _row(traces, row), strict=True) if _ok(step)} for row in rows
    }
    called = {
        row: {column for column, step in zip(traces, _row(traces, row), strict=True) if step} for row in rows
    }
    always = [row for row in rows if answered[row] == called[row]]
    never = [row for row in rows if called[row] and not answered[row]]
    some = [row for row in rows if row not in always and row not in never]
    several = len(traces) > 1
    parts = []
    if always:
        parts.append(f"{_quoted(always)} {_are(always)} answered{' everywhere' if several else ''}")
    if never:
        parts.append(f"{_quoted(never)} {_are(never)} not answered{' anywhere' if several else ''}")
    if some:
        whom = _quoted(some) if len(some) < 4 else f"{len(some)} of {counted(len(rows), 'caller')}"
        parts.append(f"{whom} {_turn(traces, rule, some, answered)}")
    return "; ".join(parts) + "."


def _turn(
    traces: Mapping[str, Trace], rule: Rule | None, some: list[str], answered: Mapping[str, set[str]]
) -> str:
    """What the answer depends on, for rows that are answered in some columns and not in others."""
    if rule and rule[0] < len(traces):
        return f"changed with {list(traces)[rule[0]]}"
    columns = answered[some[0]]
    if all(answered[row] == columns for row in some) and len(columns) < 3:
        return f"only with {_quoted([column for column in traces if column in columns])}"
    return f"depend{'s' if len(some) == 1 else ''} on the column"


def blast_radius_alt(traces: Mapping[str, Trace], *, rule: Rule | None = None) -> str:
    """The grid for a screen reader, row by row."""
    rows = []
    for row in callers(traces):
        kinds = [(column, _kind(cell(trace, row))) for column, trace in traces.items()]
        # Columns with a rule between them stand in an order, so that a range of them can be told as one.
        told = _ranges(kinds) if rule else [f"{column} {kind}" for column, kind in kinds]
        rows.append(f"{row}: {', '.join(told)}.")
    said = f" Rule before {list(traces)[rule[0]]}: {rule[1]}." if rule and rule[0] < len(traces) else ""
    return f"Grid of outcomes. {blast_radius_reading(traces, rule=rule)}{said} {' '.join(rows)}".strip()


def _ranges(kinds: list[tuple[str, str]]) -> list[str]:
    """`39 to 41 returned` for neighbouring columns with the same outcome."""
    told = []
    for kind, group in itertools.groupby(kinds, key=lambda pair: pair[1]):
        columns = [column for column, _ in group]
        first, last = columns[0], columns[-1]
        told.append(f"{first if first == last else f'{first} to {last}'} {kind}")
    return told


def blast_radius_table(traces: Mapping[str, Trace], *, rule: Rule | None = None) -> str:
    """The grid as an accessible HTML table."""
    rows = [
        [
            markup.text(row),
            *(markup.labelled(s.outcome.kind if s and s.outcome else None) for s in _row(traces, row)),
        ]
        for row in callers(traces)
    ]
    caption = blast_radius_reading(traces, rule=rule)
    return markup.boxed(markup.table(caption, ["who is called", *traces], rows))


def _draw_cell(sheet: Sheet, step: Step | None, left: float, y: float, pitch: float, gid: str) -> None:
    x = left + pitch / 2
    if step is None or step.outcome is None:
        sheet.text(x, y, "–", colour=sheet.colours.muted, across="center")
        return
    colour = sheet.colours.mark[step.outcome.kind]
    sheet.box(left + 2, y - 10.5, pitch - 4, 21, colour, opacity=0.15, radius=3.5)
    sheet.mark(x, y, step.outcome.kind, size=min(10.0, pitch - 6), gid=gid)


def _draw_rule(sheet: Sheet, label: str, x: float, base: float, top: float) -> None:
    """The rule from the foot of the cells to its label above them; the label stays on the sheet."""
    sheet.line((x, x), (base - 2, top + 14), color=sheet.colours.ink, linewidth=1.2, zorder=4)
    line = fit(label, SMALL, WIDTH - 24)
    width = text_width(line, SMALL)
    start = x + 5
    if start + width > WIDTH - 12:
        start = max(12.0, min(x - 5 - width, WIDTH - 12 - width))
    sheet.text(start, top + 9, line, size=SMALL)


def _cells(traces: Mapping[str, Trace]) -> list[Step]:
    return [step for row in callers(traces) for step in _row(traces, row) if step]


def _row(traces: Mapping[str, Trace], caller: str) -> list[Step | None]:
    return [cell(trace, caller) for trace in traces.values()]


def _ok(step: Step | None) -> bool:
    return step is not None and step.outcome is not None and step.outcome.ok


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _kind(step: Step | None) -> str:
    return step.outcome.kind if step and step.outcome else "not called"


def _words(step: Step | None) -> str:
    if step is None or step.outcome is None:
        return "not called"
    tail = ": ".join(part for part in (answer(step.outcome), why(step.outcome)) if part)
    return clip(f"{step.outcome.kind}{' – ' if tail else ''}{tail}", 300)


def _quoted(names: list[str]) -> str:
    return listed([f"“{name}”" for name in names])
