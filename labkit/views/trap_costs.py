"""What a trap costs with and without looking up lines, build by build."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from matplotlib.figure import Figure

from labkit.inspect import TrapCostReport
from labkit.views import markup
from labkit.views.canvas import LEADING, SMALL, TITLE, WIDTH, Sheet, house_style, wrap
from labkit.views.costs import duration
from labkit.views.page import figure_html
from labkit.views.theme import palette

_ROW: Final = 28.0
_LEFT: Final = 118.0
_RIGHT: Final = 90.0
_LABELS: Final = {
    "full": "full DWARF",
    "lines": "line tables only",
    "names": "names only",
    "stripped": "stripped",
}
_SWITCH: Final = "WASMTIME_BACKTRACE_DETAILS"
_SAME: Final = 0.15
"""By how much two medians may differ, as a ratio, and still count as the same."""


def trap_costs_figure(report: TrapCostReport, *, dark: bool = False) -> Figure:
    """A dumbbell per build on a logarithmic axis: hollow without lines, filled with them; 9.6 inches wide."""
    levels = _levels(report)
    title = wrap(trap_costs_reading(report), TITLE, WIDTH - 24, 3)
    top = 26 + TITLE * LEADING * len(title)
    bottom = 62.0
    across, ticks = _axis([cost.median_us for cost in report.costs])
    with house_style():
        sheet = Sheet(top + _ROW * len(levels) + bottom, palette(dark))
        colours = sheet.colours
        blue = colours.mark["host-error"]
        sheet.title(title)
        for tick in ticks:
            sheet.line((across(tick),) * 2, (bottom, sheet.height - top), linewidth=0.7)
            sheet.text(
                across(tick), bottom - 10, duration(tick), size=SMALL, colour=colours.muted, across="center"
            )
        for i, (level, (without, with_lines)) in enumerate(levels.items()):
            y = sheet.height - top - _ROW * (i + 0.5)
            sheet.text(_LEFT - 16, y, _LABELS.get(level, level), across="right")
            sheet.line((across(without), across(with_lines)), (y, y), color=colours.muted, linewidth=2.0, zorder=3)
            style = {"markeredgecolor": blue, "markeredgewidth": 1.8, "marker": "o"}
            sheet.dot(across(with_lines), y, markersize=9, markerfacecolor=blue, gid=f"lines-{i}", **style)
            sheet.dot(across(without), y, markersize=9, markerfacecolor=colours.paper, gid=f"plain-{i}", **style)
            sheet.text(max(across(without), across(with_lines)) + 12, y, _pair(without, with_lines), size=SMALL)
        said = f"Hollow: {_SWITCH} off, filled: on. A call that traps, median, through labkit."
        sheet.text(12, 28, said, size=SMALL, colour=colours.muted)
        sheet.text(12, 14, report.machine, size=SMALL, colour=colours.muted)
        return sheet.figure


def trap_costs_reading(report: TrapCostReport) -> str:
    """How many times as much a trap costs with lines looked up, and whether stripping brings it down."""
    ratios = {level: with_lines / without for level, (without, with_lines) in _levels(report).items()}
    worst = max(ratios, key=lambda level: ratios[level])
    name = _LABELS.get(worst, worst)
    if ratios[worst] <= 1 + _SAME:
        return f"Looking up lines costs no trap of {report.program} more than it costs anyway."
    said = f"With {name} and lines looked up, a trap of {report.program} costs {ratios[worst]:.1f} times as much"
    free = [_LABELS.get(level, level) for level, ratio in ratios.items() if ratio <= 1 + _SAME]
    return f"{said}; {' and '.join(free)}: no more than without." if free else f"{said}."


def trap_costs_alt(report: TrapCostReport) -> str:
    """The costs for a screen reader, build by build."""
    words = " ".join(f"{_LABELS.get(level, level)}: {_pair(*pair)}." for level, pair in _levels(report).items())
    return f"Time of a call that traps, without and with {_SWITCH}. {trap_costs_reading(report)} {words}"


def trap_costs_html(report: TrapCostReport, *, key: str = "") -> str:
    """The costs as an HTML fragment that follows the page's theme, with a table to open below."""
    titles: dict[str, str] = {}
    for i, (without, with_lines) in enumerate(_levels(report).values()):
        titles |= {
            f"plain-{i}": f"without lines: {duration(without)}",
            f"lines-{i}": f"with: {duration(with_lines)}",
        }
    figure = figure_html(trap_costs_figure(report), trap_costs_alt(report), titles=titles, key=key)
    return figure + markup.boxed(markup.details("show as a table", trap_costs_table(report)))


def trap_costs_table(report: TrapCostReport) -> str:
    """The costs as an accessible HTML table."""
    rows = [
        [
            markup.text(_LABELS.get(level, level)),
            duration(without),
            duration(with_lines),
            f"{with_lines / without:.1f}×",
        ]
        for level, (without, with_lines) in _levels(report).items()
    ]
    head = ["build", "without lines", "with lines", "ratio"]
    return markup.table(trap_costs_reading(report), head, rows, numbers=(1, 2, 3))


def _levels(report: TrapCostReport) -> dict[str, tuple[float, float]]:
    """By build, the medians without and with lines, in microseconds."""
    levels = dict.fromkeys(cost.level for cost in report.costs)
    return {level: (report.median(level, details=False), report.median(level, details=True)) for level in levels}


def _pair(without: float, with_lines: float) -> str:
    return f"{duration(without)} → {duration(with_lines)}"


def _axis(medians: list[float]) -> tuple[Callable[[float], float], list[float]]:
    """Where a number of microseconds lies, and the round numbers to label."""
    low = math.floor(math.log10(min(medians)))
    high = max(math.ceil(math.log10(max(medians))), low + 1)

    def across(us: float) -> float:
        return _LEFT + (math.log10(us) - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)

    return across, [10.0**power for power in range(low, high + 1)]
