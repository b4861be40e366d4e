"""Costs as curves: by traps, memory touched, how often an instance is used, workers, the size of a pool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from matplotlib.figure import Figure

from labkit.cost.comparison import percent
from labkit.cost.pool import PoolReport
from labkit.cost.results import Allocation, Reading, Results
from labkit.views.canvas import SMALL, house_style
from labkit.views.chart import (
    LEFT_OF_PLANE,
    PLOT,
    Curve,
    Plane,
    around,
    draw_curves,
    frame,
    plane,
    room_for,
)
from labkit.views.cost_words import (
    crossover,
    extended,
    noise_note,
    pool_reading,
    reuse_reading,
    series,
    touched_label,
    touched_reading,
    traps_reading,
    workers_reading,
)

_LOOKS: Final = {
    "rebuild-on-trap": ("host-error", "o"),
    "fresh-store": ("trapped", "s"),
    "pool": ("returned", "D"),
}
_ALIKE: Final = 0.1
"""Curves that are nowhere further apart than this are drawn as one."""


def traps_figure(
    results: Results, guest: str = "component", reading: Reading = "native", *, dark: bool = False
) -> Figure:
    """Cost of a call on average by the share of calls that trap, with the crossover named; 9.6 inches wide.

    Points are measured, dashes computed. Gids: `traps-N`, one per policy, and `crossover`.
    """
    table = results.table("traps")
    timed = {what: table.select(what=what, guest=guest, reading=reading) for what in _LOOKS}
    both = [series(timed[what]) for what in ("pool", "rebuild-on-trap")]
    alike = len(both[0]) == len(both[1]) and all(
        abs(ours / theirs - 1) < _ALIKE for (_, ours), (_, theirs) in zip(*both, strict=True)
    )
    if alike:
        del timed["pool"]
    curves = [
        Curve(f"{what}, pool" if alike and what == "rebuild-on-trap" else what, points, *_LOOKS[what],
              dashed=extended(points))
        for what, rows in timed.items()
        if len(points := series(rows)) > 1
    ]  # fmt: skip
    ticks = [(share, percent(share).replace(".0", "")) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    with house_style():
        on = _plane(
            traps_reading(results, guest, reading),
            [noise_note(results, "traps"), f"Dots are measured, dashes computed. {_paid(reading)}"],
            curves,
            ticks,
            "calls that trap",
            dark=dark,
            even=False,
            log=False,
        )
        draw_curves(on, curves, gid="traps")
        if len(curves) > 1:
            _draw_crossover(on, curves[0].points, curves[1].points)
        return on.frame.sheet.figure


def _draw_crossover(
    on: Plane, rebuild: Sequence[tuple[float, float]], fresh: Sequence[tuple[float, float]]
) -> None:
    share = crossover(rebuild, fresh)
    if share is None:
        return
    (_, first), (_, end) = extended(rebuild)
    last = rebuild[-1][0]
    x, y = on.x(share), on.y(first + (share - last) / (1 - last) * (end - first))
    sheet, colours = on.frame.sheet, on.frame.colours
    sheet.line((x, x), (on.y(on.y.low), y), color=colours.ink, linewidth=1.0, linestyle=(0, (1, 2)))
    style = {"markerfacecolor": "none", "markeredgecolor": colours.ink, "markeredgewidth": 1.4}
    sheet.dot(x, y, marker="o", markersize=13, gid="crossover", **style)
    sheet.text(x + 10, on.y(on.y.low) + 14, f"crossover: {percent(share)}", size=SMALL + 0.5)


def touched_figure(results: Results, *, dark: bool = False) -> Figure:
    """A fresh store by how much memory the call writes to, with and without copy-on-write; 9.6 inches wide.

    Gids: `touched-N`, one per engine.
    """
    table = results.table("touched")
    engines: tuple[tuple[str, Allocation, bool, int, str, str], ...] = (
        ("copy-on-write, on demand", "on-demand", True, 0, "host-error", "o"),
        ("copy-on-write, pooling", "pooling", True, 0, "returned", "D"),
        ("… and 8 MiB kept resident", "pooling", True, 8 * 2**20, "refused", "^"),
        ("no copy-on-write", "on-demand", False, 0, "trapped", "s"),
    )
    curves = []
    for name, allocation, cow, kept, colour, marker in engines:
        rows = table.select(reading="native", allocation=allocation)
        points = series(
            row for row in rows if (row.subject.copy_on_write, row.subject.keep_resident) == (cow, kept)
        )
        if points:
            curves.append(Curve(name, points, colour, marker))
    sizes = sorted({x for curve in curves for x, _ in curve.points})
    ticks = [(size, touched_label(size)) for size in sizes]
    with house_style():
        on = _plane(
            touched_reading(results), [noise_note(results, "touched"), _paid("native")], curves, ticks,
            "memory that the call writes to, of 8 MiB of data", dark=dark,
        )  # fmt: skip
        draw_curves(on, curves, gid="touched")
        return on.frame.sheet.figure


def reuse_figure(results: Results, guest: str = "rust-component", *, dark: bool = False) -> Figure:
    """Cost of a call on average by how often an instance is used before it is replaced; 9.6 inches wide.

    Gids: `reuse-0` for what the runtime charges, `reuse-1` for what is paid from Python.
    """
    table = results.table("reuse")
    looks: tuple[tuple[Reading, str, str, bool], ...] = (
        ("native", "what the runtime charges", "host-error", False),
        ("python", "what you pay from Python", "host-error", True),
    )
    curves = [
        Curve(name, points, colour, hollow=hollow)
        for reading, name, colour, hollow in looks
        if (points := series(table.select(guest=guest, reading=reading)))
    ]
    counts = sorted({x for curve in curves for x, _ in curve.points})
    ticks = [(count, f"{count:g}") for count in counts]
    with house_style():
        on = _plane(
            reuse_reading(results, guest), [noise_note(results, "reuse")], curves, ticks,
            "calls per instance, and then a new one in a new store", dark=dark,
        )  # fmt: skip
        draw_curves(on, curves, gid="reuse")
        return on.frame.sheet.figure


def workers_figure(results: Results, guest: str = "rust-component", *, dark: bool = False) -> Figure:
    """Wall time by calls with several workers at once, as threads and as processes; 9.6 inches wide.

    Gids: `workers-0` for threads, `workers-1` for processes.
    """
    table = results.table("workers")
    curves = [
        Curve(what, points, colour, marker)
        for what, colour, marker in (("threads", "trapped", "s"), ("processes", "host-error", "o"))
        if (points := series(table.select(what=what, guest=guest, reading="native")))
    ]
    counts = sorted({x for curve in curves for x, _ in curve.points})
    cpus = f"This machine has {results.machine.cpus} CPUs. {_paid('native')}"
    with house_style():
        on = _plane(
            workers_reading(results, guest), [noise_note(results, "workers"), cpus], curves,
            [(count, f"{count:g}") for count in counts], "workers", dark=dark, log=False,
        )  # fmt: skip
        draw_curves(on, curves, gid="workers")
        return on.frame.sheet.figure


def pool_figure(report: PoolReport, *, dark: bool = False) -> Figure:
    """Median and tail of a call by the size of a pool that is filled up between bursts; 9.6 inches wide.

    Gids: `pool-0` for the median, `pool-1` for the 95th percentile, `pool-2` for the 99th.
    """
    looks = (("p99", "trapped", "s"), ("p95", "guest-error", "D"), ("p50", "host-error", "o"))
    curves = [
        Curve(name, tuple((cost.size, getattr(cost, name)) for cost in report.costs), colour, marker)
        for name, colour, marker in looks
    ]
    burst = f"Bursts of {report.burst} calls of which {report.traps} trap; the pool is filled up between them."
    with house_style():
        on = _plane(
            pool_reading(report), [f"{burst} {report.machine}"], curves,
            [(cost.size, str(cost.size)) for cost in report.costs], "instances in the pool", dark=dark,
        )  # fmt: skip
        draw_curves(on, curves, gid="pool")
        return on.frame.sheet.figure


def _plane(
    reading: str,
    notes: Sequence[str],
    curves: Sequence[Curve],
    ticks: Sequence[tuple[float, str]],
    axis: str,
    *,
    dark: bool,
    even: bool = True,
    log: bool = True,
) -> Plane:
    took = list(_times(curves)) or [1e3, 1e4]
    high = max(took) * 1.08
    made = frame(reading, notes, field=PLOT, left=LEFT_OF_PLANE, right=room_for(curves), dark=dark)
    return plane(made, ticks or [(0.0, "")], around(took) if log else (0.0, high), log=log, axis=axis, even=even)


def _times(curves: Iterable[Curve]) -> Iterable[float]:
    return (took for curve in curves for _, took in (*curve.points, *curve.dashed))


def _paid(reading: Reading) -> str:
    return "What you pay from Python." if reading == "python" else "What the runtime charges."
