"""For how long an event loop stood still while a guest was called."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from matplotlib.figure import Figure

from labkit.host.outcome import Kind
from labkit.record.trace import Trace
from labkit.views import markup
from labkit.views.canvas import LEADING, SMALL, TITLE, WIDTH, Sheet, fit, house_style, text_width, wrap
from labkit.views.costs import duration
from labkit.views.page import figure_html
from labkit.views.theme import palette

_ROW: Final = 32.0
_BAR: Final = 15.0
_NAME: Final = 10.0
_ANSWER: Final = 9.5
_NOTE: Final = (
    "Pale: how long the longest step took. Solid: the longest time in which nothing else in the event loop ran. "
    "A loop that is free beats every 5 ms."
)
_NOTHING: Final = "not measured"


class Gap(NamedTuple):
    """The longest gap that a step left in the event loop, and the step's own time; both in milliseconds."""

    longest: float
    took: float

    @property
    def stops(self) -> bool:
        """Whether the loop stood still for at least half of the step; a busy machine alone does not do that."""
        return self.longest >= self.took / 2

    @property
    def kind(self) -> Kind:
        """The outcome kind whose colours it has."""
        return "trapped" if self.stops else "returned"


def longest_gap(trace: Trace) -> Gap | None:
    """What the longest step, a call or an instantiation, left of the event loop; None where nobody watched one."""
    gaps = [Gap(step.gap_ms, (step.us or 0.0) / 1000) for step in trace if step.gap_ms is not None]
    return max(gaps, key=lambda gap: (gap.took, gap.longest), default=None)


def heartbeat_figure(traces: Mapping[str, Trace], *, dark: bool = False) -> Figure:
    """The longest gap by trace, in milliseconds from zero; 9.6 inches wide. `traces` maps a label to each.

    Gids: `gap-N` for bars, from 0.
    """
    gaps = {label: longest_gap(trace) for label, trace in traces.items()}
    left = 30 + min(270.0, max((text_width(label, _NAME) for label in gaps), default=40.0))
    right = WIDTH - 24 - max((text_width(_verdict(gap), _ANSWER) for gap in gaps.values()), default=100.0)
    title = wrap(heartbeat_reading(traces), TITLE, WIDTH - 24, 3)
    foot = wrap(_NOTE, SMALL, WIDTH - 24, 2)
    top = 26 + TITLE * LEADING * len(title)
    bottom = 30.0 + 13 * len(foot)
    most = max((max(gap) for gap in gaps.values() if gap), default=0.0) or 1.0

    def across(ms: float) -> float:
        return left + ms / most * (right - left)

    with house_style():
        sheet = Sheet(top + _ROW * max(len(gaps), 1) + bottom, palette(dark))
        sheet.title(title)
        for ms in _ticks(most) if gaps else ():
            sheet.line((across(ms),) * 2, (bottom, sheet.height - top), linewidth=0.7)
            label = "0" if ms == 0 else duration(ms * 1000)
            sheet.text(across(ms), bottom - 9, label, size=SMALL, colour=sheet.colours.muted, across="center")
        for i, (label, gap) in enumerate(gaps.items()):
            y = sheet.height - top - _ROW * (i + 0.5)
            sheet.text(left - 14, y, fit(label, _NAME, left - 26), size=_NAME, across="right")
            if gap is None:
                sheet.text(left + 7, y, _NOTHING, size=_ANSWER, colour=sheet.colours.muted)
            else:
                _draw_gap(sheet, y, (left, across(gap.longest), across(gap.took)), gap, i)
                colour = sheet.colours.text[gap.kind]
                sheet.text(right + 12, y, _verdict(gap), size=_ANSWER, colour=colour)
        for i, line in enumerate(reversed(foot)):
            sheet.text(12, 10 + 13 * i, line, size=SMALL, colour=sheet.colours.muted)
        return sheet.figure


def heartbeat_html(traces: Mapping[str, Trace], *, key: str = "") -> str:
    """The gaps as an HTML fragment that follows the page's theme."""
    titles = {f"gap-{i}": _words(label, longest_gap(trace)) for i, (label, trace) in enumerate(traces.items())}
    return figure_html(heartbeat_figure(traces), heartbeat_alt(traces), titles=titles, key=key)


def heartbeat_reading(traces: Mapping[str, Trace]) -> str:
    """Who stopped the event loop, and for how long, in one sentence."""
    found = {label: gap for label, trace in traces.items() if (gap := longest_gap(trace)) is not None}
    if not found:
        return "Nobody has watched an event loop yet."
    stopping = {label: gap.longest for label, gap in found.items() if gap.stops}
    free = [gap.longest for gap in found.values() if not gap.stops]
    if not stopping:
        return f"The event loop goes on all the time: it stands still for {_ms(max(free))} at most."
    who = f"“{next(iter(stopping))}” stops" if len(stopping) == 1 else f"{len(stopping)} of {len(found)} stop"
    said = f"{who} the event loop, for {_ms(max(stopping.values()))}"
    if not free:
        return f"{said}."
    others = "the other" if len(free) == 1 else f"the {len(free)} others"
    return f"{said}; under {others} it stands still for {_ms(max(free))} at most."


def heartbeat_alt(traces: Mapping[str, Trace]) -> str:
    """The gaps for a screen reader, label by label."""
    words = " ".join(f"{_words(label, longest_gap(trace))}." for label, trace in traces.items())
    return f"Longest time in which nothing else in the event loop ran. {heartbeat_reading(traces)} {words}".strip()


def heartbeat_table(traces: Mapping[str, Trace]) -> str:
    """The gaps as an accessible HTML table, with what each step took."""
    rows = []
    for label, trace in traces.items():
        gap = longest_gap(trace)
        cells = (_ms(gap.longest), _ms(gap.took), "no" if gap.stops else "yes") if gap else (_NOTHING, "–", "–")
        rows.append([markup.text(label), *cells])
    head = ["what was done", "loop stood still for", "it took", "loop goes on"]
    numbers = markup.table(heartbeat_reading(traces), head, rows, numbers=(1, 2))
    return markup.boxed(
        numbers, markup.paragraph(markup.text("A loop that is free beats every 5 ms."), "lk-muted")
    )


def _draw_gap(sheet: Sheet, y: float, xs: tuple[float, float, float], gap: Gap, i: int) -> None:
    left, longest, took = xs
    colour = sheet.colours.mark[gap.kind]
    sheet.box(left, y - _BAR / 2, took - left, _BAR, colour, opacity=0.18, zorder=3)
    sheet.box(left, y - _BAR / 2, max(longest - left, 2.0), _BAR, colour, zorder=4, gid=f"gap-{i}")


def _verdict(gap: Gap | None) -> str:
    if gap is None:
        return _NOTHING
    return f"stopped for {_ms(gap.longest)}" if gap.stops else f"goes on, {_ms(gap.longest)} at most"


def _ticks(most: float) -> list[float]:
    """Round numbers from zero up to `most`, at most six."""
    rough = most / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * n for n in range(math.floor(most / step) + 1)]


def _ms(ms: float) -> str:
    return duration(ms * 1000)


def _words(label: str, gap: Gap | None) -> str:
    if gap is None:
        return f"{label}: {_NOTHING}"
    return f"{label}: {_ms(gap.longest)} of {_ms(gap.took)}"
