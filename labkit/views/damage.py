"""What a guest answers, call by call, after something in it panicked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.figure import Figure

from labkit.host.outcome import Outcome
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
    text_width,
    wrap,
)
from labkit.views.page import figure_html
from labkit.views.theme import palette
from labkit.views.words import answer, clip, counted, first_line, what, why

_ROW: Final = 66.0
_NAME: Final = 9.5
_WORD: Final = 7.5


def damage_figure(traces: Mapping[str, Trace], right: Mapping[str, Any], *, dark: bool = False) -> Figure:
    """Each trace's calls from left to right, one row per label; 9.6 inches wide.

    `right` maps an export to what it returns in a sound guest; another value is marked as wrong. Gids: `call-R-N`
    for the N-th call of row R, both from 0.
    """
    rows = {label: _calls(trace) for label, trace in traces.items()}
    left = 30 + min(170.0, max((text_width(label, _NAME) for label in rows), default=40.0))
    title = wrap(damage_reading(traces, right), TITLE, WIDTH - 24, 3)
    top = 22 + TITLE * LEADING * len(title)
    with house_style():
        sheet = Sheet(top + _ROW * max(len(rows), 1) + 34, palette(dark))
        sheet.title(title)
        for row, (label, calls) in enumerate(rows.items()):
            y = sheet.height - top - _ROW * (row + 0.5)
            sheet.text(left - 14, y, fit(label, _NAME, left - 26), size=_NAME, across="right")
            sheet.line((left, WIDTH - 16), (y, y), linewidth=0.7)
            pitch = (WIDTH - 16 - left) / max(len(calls), 1)
            for n, step in enumerate(calls):
                _draw_call(sheet, (left + pitch * (n + 0.5), y), pitch, step, right, f"call-{row}-{n}")
        kinds = [step.outcome.kind for calls in rows.values() for step in calls if step.outcome]
        entries = kind_entries(kinds)
        sheet.legend(12, 14, entries)
        if _wrong_calls(traces, right):
            x = 12 + sum(entry.width for entry in entries)
            _ring(sheet, x + 5, 14, 12)
            sheet.text(x + 16, 14, "returned, and wrong", size=SMALL, colour=sheet.colours.muted)
        return sheet.figure


def damage_html(traces: Mapping[str, Trace], right: Mapping[str, Any], *, key: str = "") -> str:
    """The calls as an HTML fragment that follows the page's theme."""
    titles = {
        f"call-{row}-{n}": _words(step, right)
        for row, trace in enumerate(traces.values())
        for n, step in enumerate(_calls(trace))
    }
    return figure_html(damage_figure(traces, right), damage_alt(traces, right), titles=titles, key=key)


def damage_reading(traces: Mapping[str, Trace], right: Mapping[str, Any]) -> str:
    """How many calls failed after the first panic, and how many answered wrongly, in one sentence."""
    later = [step for trace in traces.values() for step in _after_the_first_failure(trace)]
    if not later:
        return "Nothing was called after a panic."
    failed = sum(step.outcome is not None and step.outcome.kind != "returned" for step in later)
    wrong = sum(_is_wrong(step, right) for step in later)
    said = f"Of {counted(len(later), 'call')} after a first panic {failed} failed"
    if not wrong:
        return f"{said}; every answer was right."
    return f"{said}, and {wrong} answered wrongly without a word."


def damage_alt(traces: Mapping[str, Trace], right: Mapping[str, Any]) -> str:
    """The calls for a screen reader, row by row."""
    rows = [
        f"{label}: {', '.join(_words(step, right) for step in _calls(trace))}." for label, trace in traces.items()
    ]
    return f"Calls of a guest that panicked. {damage_reading(traces, right)} {' '.join(rows)}"


def damage_table(traces: Mapping[str, Trace], right: Mapping[str, Any]) -> str:
    """The calls as an accessible HTML table."""
    rows = [
        [
            markup.text(label),
            markup.text(what(step)),
            markup.labelled(step.outcome.kind) if step.outcome else "–",
            markup.text(_answer(step.outcome)),
            f"no: {markup.text(repr(right[step.export or '']))}" if _is_wrong(step, right) else "",
        ]
        for label, trace in traces.items()
        for step in _calls(trace)
    ]
    head = ["what is asked about", "call", "outcome", "answer", "right?"]
    return markup.boxed(markup.table(damage_reading(traces, right), head, rows))


def _calls(trace: Trace) -> list[Step]:
    return [step for step in trace if step.do == "call"]


def _after_the_first_failure(trace: Trace) -> list[Step]:
    calls = _calls(trace)
    first = next((n for n, step in enumerate(calls) if step.outcome and step.outcome.kind != "returned"), None)
    return [] if first is None else calls[first + 1 :]


def _is_wrong(step: Step, right: Mapping[str, Any]) -> bool:
    if step.outcome is None or step.outcome.kind != "returned" or step.export not in right:
        return False
    return bool(step.outcome.value != right[step.export or ""])


def _wrong_calls(traces: Mapping[str, Trace], right: Mapping[str, Any]) -> list[Step]:
    return [step for trace in traces.values() for step in _calls(trace) if _is_wrong(step, right)]


def _answer(outcome: Outcome | None) -> str:
    if outcome is None:
        return "not run yet"
    if (panic := outcome.caught_panic) is not None:
        return f"caught: {panic.message}"
    if outcome.panic:
        # After the place, which has colons without a space.
        return first_line(outcome.panic.partition(": ")[2])
    return answer(outcome) or why(outcome).replace("-", " ")


def _words(step: Step, right: Mapping[str, Any]) -> str:
    kind = step.outcome.kind if step.outcome else "not run"
    said = f"{what(step)} {kind} {_answer(step.outcome)}".strip()
    return f"{said}, not {right[step.export or '']!r}" if _is_wrong(step, right) else said


def _draw_call(
    sheet: Sheet, place: tuple[float, float], pitch: float, step: Step, right: Mapping[str, Any], gid: str
) -> None:
    x, y = place
    colours = sheet.colours
    sheet.text(x, y + 16, fit(what(step), _WORD, pitch - 4), size=_WORD, colour=colours.muted, across="center")
    if step.outcome is None:
        sheet.open_dot(x, y, size=9, gid=gid)
        return
    kind = step.outcome.kind
    wrong = _is_wrong(step, right)
    if wrong:
        _ring(sheet, x, y, 19)
    sheet.mark(x, y, kind, gid=gid)
    said = clip(_answer(step.outcome), 100) + (f", not {right[step.export or '']!r}" if wrong else "")
    lines = wrap(said, _WORD, pitch - 2, 3)
    colour = colours.text["trapped" if wrong else kind]
    for n, line in enumerate(lines):
        sheet.text(x, y - 15 - 9.5 * n, line, size=_WORD, colour=colour, across="center")


def _ring(sheet: Sheet, x: float, y: float, size: float) -> None:
    sheet.dot(
        x,
        y,
        marker="o",
        markersize=size,
        markerfacecolor="none",
        markeredgecolor=sheet.colours.mark["trapped"],
        markeredgewidth=1.6,
    )
