"""The picture of the cost explorer: a row per policy, and cost by the share of calls that trap.

It is written as SVG and not drawn by matplotlib, because it is drawn again whenever a control moves: that takes a
millisecond instead of a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labkit.cost.model import CLOSED_BY_TRAPS, CostModel, Setting
from labkit.views import markup
from labkit.views.chart import Scale, around, round_step, spread
from labkit.views.cost_words import ns

WIDTH: Final = 920
_ROW: Final = 30
_TOP: Final = 26
_ROWS: Final = (150.0, 420.0)
_CURVES: Final = (560.0, 790.0)
_SHARES: Final = tuple(i / 20 for i in range(21))
_CURVED: Final = {
    "rebuild-on-trap": "host-error",
    "pool": "returned",
    "fresh-store": "trapped",
    "recompile": "refused",
}


def explorer_svg(model: CostModel, setting: Setting, policies: Sequence[str], alt: str) -> str:
    """Rows on a logarithmic axis at the left, curves on a plain one at the right; colours follow the page."""
    costs = {policy: model.cost(policy, setting) for policy in policies}
    height = _TOP + max(_ROW * len(policies), 150) + 34
    parts = [*_rows(costs, setting, height), *_curves(model, setting, policies, height)]
    return (
        f'<svg class="lk-figure lk-explorer" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
        f'aria-label="{markup.text(alt)}">{"".join(parts)}</svg>'
    )


def _rows(costs: dict[str, float | None], setting: Setting, height: float) -> list[str]:
    took = [cost for cost in costs.values() if cost]
    parts = [_text(0, 14, "a call on average", "muted")]
    scale = Scale(*(around(took) if took else (1e3, 1e4)), *_ROWS, log=True)
    bottom = height - 30
    for tick in _few(scale.ticks()):
        x = scale(tick)
        parts += [_line(x, _TOP, x, bottom, "rule"), _text(x, bottom + 16, ns(tick), "muted", "middle")]
    for i, (policy, cost) in enumerate(costs.items()):
        y = _TOP + _ROW * i + _ROW / 2
        parts.append(_text(_ROWS[0] - 12, y + 4, policy, "ink", "end"))
        if cost is None:
            why = "closed by the first trap" if setting.share else "not measured"
            parts.append(_text(_ROWS[0] + 4, y + 4, why, "muted"))
            continue
        colour = _CURVED.get(policy, "exited")
        # A stem and no bar: on an axis without a zero a bar's length would say something untrue.
        x = scale(cost)
        parts.append(
            f'<line x1="{_ROWS[0]}" x2="{x:.1f}" y1="{y}" y2="{y}" '
            f'style="stroke:var(--lk-{colour});stroke-width:3"/>'
            f'<circle cx="{x:.1f}" cy="{y}" r="6.5" style="fill:var(--lk-{colour})"/>'
        )
        parts.append(_text(x + 13, y + 4, ns(cost), "ink"))
    return parts


def _few(ticks: Sequence[float]) -> Sequence[float]:
    """At most five of them, so that no two labels touch."""
    return ticks[:: len(ticks) // 5 + 1]


def _curves(model: CostModel, setting: Setting, policies: Sequence[str], height: float) -> list[str]:
    shown = {
        policy: points
        for policy in policies
        if policy in _CURVED and policy != "recompile" and (points := _points(model, setting, policy))
    }
    if not shown:
        return [_text(_CURVES[0], 40, "No trap of this guest was measured.", "muted")]
    most = max(cost for points in shown.values() for _, cost in points)
    bottom = height - 30
    up = Scale(0.0, most * 1.05, bottom, _TOP)
    across = Scale(0.0, 1.0, *_CURVES)
    parts = [_text(_CURVES[0] - 62, 14, "by the share of calls that trap", "muted")]
    step = round_step(most / 4)
    for n in range(int(most * 1.05 / step) + 1):
        y = up(step * n)
        label = ns(step * n) if n else "0"
        parts += [_line(_CURVES[0], y, _CURVES[1], y, "rule"), _text(_CURVES[0] - 8, y + 4, label, "muted", "end")]
    for share in (0.0, 0.5, 1.0):
        parts.append(_text(across(share), bottom + 16, f"{share:.0%}".replace("%", " %"), "muted", "middle"))
    here = across(setting.share)
    parts.append(f'<line x1="{here:.1f}" x2="{here:.1f}" y1="{_TOP}" y2="{bottom}" style="stroke:var(--lk-ink);'
                 'stroke-dasharray:2 3"/>')  # fmt: skip
    ends = spread([-up(points[-1][1]) for points in shown.values()], 15)
    for (policy, points), end in zip(shown.items(), ends, strict=True):
        colour = _CURVED[policy]
        path = " ".join(f"{across(share):.1f},{up(cost):.1f}" for share, cost in points)
        # A pool and rebuilding cost nearly the same: dashes let the line below be seen.
        dashes = ";stroke-dasharray:7 6" if policy == "pool" else ""
        parts.append(
            f'<polyline points="{path}" style="fill:none;stroke:var(--lk-{colour});stroke-width:2.2{dashes}"/>'
            f'<circle cx="{here:.1f}" cy="{up(model.cost(policy, setting) or 0):.1f}" r="4.5" '
            f'style="fill:var(--lk-{colour})"/>'
        )
        parts.append(_text(_CURVES[1] + 10, -end + 4, policy, f"{colour}-text"))
    return parts


def _points(model: CostModel, setting: Setting, policy: str) -> list[tuple[float, float]]:
    if not model.can_trap(setting.guest):
        return []
    costs = ((share, model.cost(policy, _at(setting, share))) for share in _SHARES)
    return [(share, cost) for share, cost in costs if cost is not None]


def _at(setting: Setting, share: float) -> Setting:
    return Setting(setting.guest, setting.reading, setting.allocation, share, setting.touched)


def _text(x: float, y: float, words: str, colour: str, anchor: str = "start") -> str:
    style = f"fill:var(--lk-{colour});font:12px var(--jp-ui-font-family,system-ui,sans-serif)"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{style}">{markup.text(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" style="stroke:var(--lk-{colour})"/>'


def share_words(share: float) -> str:
    """A share of calls as `1 %`, `0.1 %`."""
    return f"{share * 100:.3g} %"


def decision(model: CostModel, setting: Setting, policies: Sequence[str]) -> str:
    """Which of the policies costs least at this setting, beside a fresh store for every call, in a sentence."""
    costs = {policy: cost for policy in policies if (cost := model.cost(policy, setting)) is not None}
    share = setting.share if model.can_trap(setting.guest) else 0.0
    rate = f"{share_words(share)} traps" if share else "no traps"
    where = f"With {rate}, {setting.guest}"
    base = costs.get("fresh-store")
    if base is None:
        return f"{where}: not enough was measured to compare with a fresh store for every call."
    sound = [policy for policy in costs if policy not in CLOSED_BY_TRAPS]
    best = min(sound, key=lambda policy: costs[policy])
    if best == "fresh-store" or base / costs[best] - 1 <= model.noise(base, costs[best]):
        other = "" if best == "fresh-store" else f", and {best} {ns(costs[best])}: no difference this run can tell"
        return f"{where}: a fresh store for every call costs {ns(base)}{other}. It keeps calls apart."
    ratio = base / costs[best]
    much = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
    return (
        f"{where}: {best} costs {ns(costs[best])} a call against {ns(base)} for a fresh store each time, {much} "
        "times less. The fresh store buys calls that know nothing of each other."
    )


def explorer_alt(setting: Setting, costs: dict[str, float | None]) -> str:
    """The picture for a screen reader: every policy with its cost."""
    told = ", ".join(f"{policy} {ns(cost) if cost else 'not possible'}" for policy, cost in costs.items())
    return f"Cost of a call of {setting.guest} with {share_words(setting.share)} traps: {told}."


def explorer_table(model: CostModel, settings: Sequence[Setting], policies: Sequence[str]) -> str:
    """The costs as an accessible table: a row per policy, a column per share of calls that trap."""
    head = ["policy", *(f"{share_words(one.share)} trap" for one in settings)]
    rows = [
        [markup.text(policy), *(ns(cost) if (cost := model.cost(policy, one)) else "–" for one in settings)]
        for policy in policies
    ]
    first = settings[0]
    paid = "paid from Python" if first.reading == "python" else "charged by the runtime"
    caption = f"{first.guest}, {first.allocation}, {paid}: a call on average"
    return markup.table(caption, head, rows, numbers=range(1, len(head)))
