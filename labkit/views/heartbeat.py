"""For how long an event loop stood still while a guest was called."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from matplotlib.figure import Figure

from labkit.record.trace import Trace
from labkit.views import markup
from labkit.views.canvas import LEADING, SMALL, TITLE, WIDTH, Sheet, fit, house_style, text_width, wrap
from labkit.views.costs import duration
from labkit.views.page import figure_html
from labkit.views.theme import palette

_ROW: Final = 30.0
_BAR: Final = 12.0
_NAME: Final = 9.5
_NOTE: Final = (
    "The bar is the longest time in which nothing else in the event loop ran, the thin line how long the call "
    "took. A loop that is free beats every 5 ms."
)
_NOTHING: Final = "not measured"


class Gap(NamedTuple):
    """The longest gap that a call of a trace left in the event loop, and that call's own time; milliseconds."""

    longest: float
    took: float


def longest_gap(trace: Trace) -> Gap | None:
    """The call during which the event loop stood still for longest; None where nobody watched a loop."""
    gaps = [
        Gap(step.gap_ms, (step.us or 0.0) / 1000)
        for step in trace
        if step.do == "call" and step.gap_ms is not None
    ]
    return max(gaps, default=None)


def heartbeat_figure(traces: Mapping[str, Trace], *, dark: bool = False) -> Figure:
    """The longest gap by trace, in milliseconds from zero; 9.6 inches wide. `traces` maps a label to each.

    Gids: `gap-N` for bars, from 0.
    """
    gaps = {label: longest_gap(trace) for label, trace in traces.items()}
    left = 30 + min(250.0, max((text_width(label, _NAME) for label in gaps), default=40.0))
    right = WIDTH - 120
    title = wrap(heartbeat_reading(traces), TITLE, WIDTH - 24, 3)
    foot = wrap(_NOTE, SMALL, WIDTH - 24, 2)
    top = 26 + TITLE * LEADING * len(title)
    bottom = 30.0 + 13 * len(foot)
    ticks = _ticks(max((max(gap) for gap in gaps.values() if gap), default=0.0))

    def across(ms: float) -> float:
        return left + ms / ticks[-1] * (right - left)

    with house_style():
        sheet = Sheet(top + _ROW * max(len(gaps), 1) + bottom, palette(dark))
        sheet.title(title)
        for ms in ticks if gaps else ():
            sheet.line((across(ms),) * 2, (bottom, sheet.height - top), linewidth=0.7)
            label = "0" if ms == 0 else duration(ms * 1000)
            sheet.text(across(ms), bottom - 9, label, size=SMALL, colour=sheet.colours.muted, across="center")
        for i, (label, gap) in enumerate(gaps.items()):
            y = sheet.height - top - _ROW * (i + 0.5)
            sheet.text(left - 14, y, fit(label, _NAME, left - 26), size=_NAME, across="right")
            if gap is None:
                sheet.text(left + 7, y, _NOTHING, size=SMALL, colour=sheet.colours.muted)
            else:
                _draw_gap(sheet, y, left, (across(gap.longest), across(gap.took)), gap, i)
        for i, line in enumerate(reversed(foot)):
            sheet.text(12, 10 + 13 * i, line, size=SMALL, colour=sheet.colours.muted)
        return sheet.figure


def heartbeat_html(traces: Mapping[str, Trace], *, key: str = "") -> str:
    """The gaps as an HTML fragment that follows the page's theme."""
    titles = {f"gap-{i}": _words(label, longest_gap(trace)) for i, (label, trace) in enumerate(traces.items())}
    return figure_html(heartbeat_figure(traces), heartbeat_alt(traces), titles=titles, key=key)


def heartbeat_reading(traces: Mapping[str, Trace]) -> str:
    """Who kept the event loop for longest, and how that compares, in one sentence."""
    found = {label: gap for label, trace in traces.items() if (gap := longest_gap(trace)) is not None}
    if not found:
        return "Nobody has watched an event loop yet."
    most, least = (pick(found, key=lambda label: found[label].longest) for pick in (max, min))
    longest, shortest = found[most].longest, found[least].longest
    if len(found) == 1:
        return f"“{most}” kept the event loop from everything else for {_ms(longest)}."
    if shortest <= 0 or longest < 2 * shortest:
        return f"None kept the event loop much longer than another: {_ms(shortest)} to {_ms(longest)} at a time."
    ratio = longest / shortest
    times = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
    return (
        f"“{most}” kept the event loop from everything else for {_ms(longest)}, "
        f"{times} times as long as “{least}”."
    )


def heartbeat_alt(traces: Mapping[str, Trace]) -> str:
    """The gaps for a screen reader, label by label."""
    words = " ".join(f"{_words(label, longest_gap(trace))}." for label, trace in traces.items())
    return f"Longest time in which nothing else in the event loop ran. {heartbeat_reading(traces)} {words}".strip()


def heartbeat_table(traces: Mapping[str, Trace]) -> str:
    """The gaps as an accessible HTML table, with what each call took."""
    rows = []
    for label, trace in traces.items():
        gap = longest_gap(trace)
        cells = (_ms(gap.longest), _ms(gap.took)) if gap else (_NOTHING, "–")
        rows.append([markup.text(label), *cells])
    head = ["call", "loop stood still for", "call took"]
    numbers = markup.table(heartbeat_reading(traces), head, rows, numbers=(1, 2))
    return markup.boxed(
        numbers, markup.paragraph(markup.text("A loop that is free beats every 5 ms."), "lk-muted")
    )


def _draw_gap(sheet: Sheet, y: float, left: float, ends: tuple[float, float], gap: Gap, i: int) -> None:
    longest, took = ends
    colours = sheet.colours
    if took > longest + 2:
        sheet.line((longest, took), (y, y), color=colours.muted, linewidth=1.6)
        sheet.line((took, took), (y - 4, y + 4), color=colours.muted, linewidth=1.6)
    width = max(longest - left, 1.5)
    sheet.box(left, y - _BAR / 2, width, _BAR, colours.mark["host-error"], zorder=3, gid=f"gap-{i}")
    words, x = f"{_ms(gap.longest)} of {_ms(gap.took)}", max(longest, took) + 8
    # Paper beneath, so that no rule of the axis runs through the words.
    sheet.box(x - 2, y - 6, text_width(words, SMALL) + 4, _BAR, colours.paper, zorder=4)
    sheet.text(x, y, words, size=SMALL)


def _ticks(most: float) -> list[float]:
    """Round numbers from zero to above `most`, at most six."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * n for n in range(math.ceil(most / step) + 1)]


def _ms(ms: float) -> str:
    return duration(ms * 1000)


def _words(label: str, gap: Gap | None) -> str:
    if gap is None:
        return f"{label}: {_NOTHING}"
    return f"{label}: {_ms(gap.longest)} in a call of {_ms(gap.took)}"
