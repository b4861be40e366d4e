"""What each reuse policy costs per call, as it is paid from Python."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.figure import Figure

from labkit.cost import PolicyCost
from labkit.views import markup
from labkit.views.canvas import LEADING, SMALL, TITLE, WIDTH, Sheet, fit, house_style, text_width, wrap
from labkit.views.page import figure_html
from labkit.views.theme import palette

_ROW: Final = 28.0
_NOTE: Final = "Wall time per call from Python, through labkit: the dot is the median, the bar the middle half."
_PHRASES: Final[Mapping[str, str]] = {
    "keep": "a live instance",
    "fresh-instance": "a fresh instance",
    "rebuild-on-trap": "rebuilding on a trap",
    "fresh-store": "a fresh store",
    "recompile": "recompiling inside each call",
    "pool": "a pooled instance",
}


def duration(us: float) -> str:
    """Microseconds as a person reads them: two figures and a unit, `850 ns`, `18 µs`, `22 ms`, `1.5 s`."""
    for unit, size in (("ns", 1e-3), ("µs", 1.0), ("ms", 1e3)):
        if us < size * 999.5:
            return f"{_figures(us / size)} {unit}"
    return f"{_figures(us / 1e6)} s"


def cost_figure(
    costs: Sequence[PolicyCost],
    *,
    machine: str = "",
    noise: float = 0.0,
    reading: str = "",
    dark: bool = False,
) -> Figure:
    """Median time per call by policy with quartiles, on a logarithmic axis; 9.6 inches wide.

    `machine` is the line that says where it was measured (with versions), `noise` how far two measurements of
    the same thing differ, as a ratio (0.004 is 0.4 %). `reading` is the title, where the costs are not those of
    policies. Gids: `cost-N` for dots, from 0.
    """
    names = [cost.policy for cost in costs]
    notes = [cost.note for cost in costs]
    left = 30 + min(230.0, max([text_width(text, size) for text, size in _sized(names, notes)], default=40.0))
    title = wrap(reading or cost_reading(costs, noise=noise), TITLE, WIDTH - 24, 3)
    foot = [_NOTE, *wrap(_provenance(machine, noise), SMALL, WIDTH - 24, 2)]
    top = 26 + TITLE * LEADING * len(title)
    bottom = 30.0 + 13 * len(foot)
    low, high = _decades(costs)
    right = WIDTH - 70

    def across(us: float) -> float:
        return left + (math.log10(max(us, 1e-9)) - low) / (high - low) * (right - left)

    with house_style():
        sheet = Sheet(top + _ROW * max(len(costs), 1) + bottom, palette(dark))
        colours = sheet.colours
        sheet.title(title)
        for power in range(low, high + 1) if costs else ():
            x = across(10.0**power)
            sheet.line((x, x), (bottom, sheet.height - top), linewidth=0.7)
            sheet.text(x, bottom - 9, duration(10.0**power), size=SMALL, colour=colours.muted, across="center")
        for i, cost in enumerate(costs):
            y = sheet.height - top - _ROW * (i + 0.5)
            shift = 5.0 if cost.note else 0.0
            sheet.text(left - 14, y + shift, fit(cost.policy, 9.5, left - 26), across="right")
            if cost.note:
                note = fit(cost.note, 7.5, left - 26)
                sheet.text(left - 14, y - 6, note, size=7.5, colour=colours.muted, across="right")
            _draw_cost(sheet, cost, y, (across(cost.q1_us), across(cost.median_us), across(cost.q3_us)), i)
        for i, line in enumerate(reversed(foot)):
            sheet.text(12, 10 + 13 * i, line, size=SMALL, colour=colours.muted)
        return sheet.figure


def cost_html(costs: Sequence[PolicyCost], *, machine: str = "", noise: float = 0.0, key: str = "") -> str:
    """The costs as an HTML fragment that follows the page's theme."""
    titles = {f"cost-{i}": _words(cost) for i, cost in enumerate(costs)}
    figure = cost_figure(costs, machine=machine, noise=noise)
    return figure_html(figure, cost_alt(costs, machine=machine, noise=noise), titles=titles, key=key)


def cost_reading(costs: Sequence[PolicyCost], *, noise: float = 0.0) -> str:
    """How much more than a live instance (else than the cheapest) the other ways cost, in one sentence."""
    if not costs:
        return "Nothing has been measured yet."
    base = next((cost for cost in costs if cost.policy == "keep"), min(costs, key=lambda cost: cost.median_us))
    told = [cost for cost in costs if cost.policy in ("fresh-store", "recompile") and cost is not base]
    told = told or sorted((cost for cost in costs if cost is not base), key=lambda cost: cost.median_us)[-2:]
    if not told:
        return f"{_phrase(base.policy).capitalize()} costs {duration(base.median_us)} per call."
    against = f" {_phrase(base.policy)}"
    parts = []
    for cost in told:
        ratio = cost.median_us / base.median_us if base.median_us else math.inf
        if abs(ratio - 1) <= max(noise, 0.005):
            parts.append(f"{_phrase(cost.policy)} costs the same as{against or ' that'}")
        else:
            parts.append(f"{_phrase(cost.policy)} costs {times(ratio)}×{against}")
        against = ""
    sentence = "; ".join(parts)
    return sentence[0].upper() + sentence[1:]


def cost_alt(costs: Sequence[PolicyCost], *, machine: str = "", noise: float = 0.0) -> str:
    """The costs for a screen reader, policy by policy."""
    words = " ".join(f"{_words(cost)}." for cost in costs)
    reading = cost_reading(costs, noise=noise)
    return f"Time per call by reuse policy, from Python. {reading} {words} {machine}".strip()


def cost_table(
    costs: Sequence[PolicyCost], *, machine: str = "", noise: float = 0.0, reading: str = "", first: str = "policy"
) -> str:
    """The costs as an accessible HTML table with medians, quartiles and the number of calls behind them."""
    rows = [
        [
            markup.text(cost.policy),
            duration(cost.median_us),
            f"{duration(cost.q1_us)} – {duration(cost.q3_us)}",
            f"{cost.calls:,}".replace(",", " "),
            markup.text(cost.note),
        ]
        for cost in costs
    ]
    head = [first, "median per call", "middle half", "calls", "note"]
    numbers = markup.table(reading or cost_reading(costs, noise=noise), head, rows, numbers=(1, 2, 3))
    foot = markup.paragraph(markup.text(f"{_NOTE} {_provenance(machine, noise)}"), "lk-muted")
    return markup.boxed(numbers, foot)


def _draw_cost(sheet: Sheet, cost: PolicyCost, y: float, xs: tuple[float, float, float], i: int) -> None:
    low, middle, high = xs
    colours = sheet.colours
    blue = colours.mark["host-error"]
    sheet.line((low, high), (y, y), color=colours.muted, linewidth=3.5, zorder=3, alpha=0.55)
    style = {"markerfacecolor": colours.paper, "markeredgecolor": blue, "markeredgewidth": 1.8}
    sheet.dot(middle, y, marker="o", markersize=8.5, gid=f"cost-{i}", **style)
    sheet.text(max(high, middle + 4) + 7, y, duration(cost.median_us), size=SMALL)


def times(ratio: float) -> str:
    """A ratio no finer than such a measurement is: one figure from a hundred up."""
    if ratio < 100 or not math.isfinite(ratio):
        return _figures(ratio)
    return f"about {_figures(round(ratio, -math.floor(math.log10(ratio))))}"


def _figures(number: float) -> str:
    """Two significant figures, never in scientific notation."""
    if not math.isfinite(number) or number <= 0:
        return str(number)
    places = 1 - math.floor(math.log10(number))
    rounded = round(number, places)
    if rounded < 10:
        return f"{rounded:.{max(places, 0)}f}".removesuffix(".0")
    # A thin group mark only where it helps: 1200, but 12 000.
    return f"{rounded:.0f}" if rounded < 10_000 else f"{rounded:,.0f}".replace(",", "\u202f")


def _sized(names: Sequence[str], notes: Sequence[str]) -> list[tuple[str, float]]:
    return [*((name, 9.5) for name in names), *((note, 7.5) for note in notes)]


def _decades(costs: Sequence[PolicyCost]) -> tuple[int, int]:
    """The powers of ten around all quartiles: at least one decade."""
    ends = [us for cost in costs for us in (cost.q1_us, cost.median_us, cost.q3_us) if us > 0] or [1.0]
    low = math.floor(math.log10(min(ends)))
    return low, max(math.ceil(math.log10(max(ends))), low + 1)


def _phrase(policy: str) -> str:
    return _PHRASES.get(policy, policy)


def _provenance(machine: str, noise: float) -> str:
    floor = f"two runs of one policy differ by {noise:.1%}".replace("%", " %") if noise else ""
    return "; ".join(part for part in (machine, floor) if part)


def _words(cost: PolicyCost) -> str:
    spread = f"{duration(cost.q1_us)} to {duration(cost.q3_us)}"
    note = f", {cost.note}" if cost.note else ""
    return f"{cost.policy}{note}: median {duration(cost.median_us)}, middle half {spread}, {cost.calls} calls"
