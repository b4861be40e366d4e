"""Costs as rows: what a call costs under each policy, where the time goes, and how much of it is Python's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.figure import Figure

from labkit.cost.results import Allocation, Reading, Results, Row, Table
from labkit.cost.workloads import workload
from labkit.views.canvas import SMALL, fit, house_style, text_width
from labkit.views.chart import Frame, Scale, around, frame, nanoseconds, time_axis
from labkit.views.cost_words import (
    PHASES,
    floor_reading,
    guests_of,
    noise_note,
    phases_reading,
    policies_reading,
    python_reading,
)

_ROW: Final = 27.0
_AXIS: Final = 26.0
_BAR: Final = 13.0
_CLOSER: Final = 5.0
"""How much closer the two bars of a guest are than rows are otherwise."""
_NAMES: Final = {
    "keep": "keep, a live instance",
    "pool": "pool, prepared",
    "rebuild-on-trap": "rebuild-on-trap, no trap",
    "fresh-instance": "fresh-instance, on-demand",
    "fresh-store": "fresh-store",
    "recompile": "recompile",
}
_INKS: Final = ("host-error", "guest-error", "returned", "refused", "exited")


@dataclass(frozen=True)
class PolicyTimes:
    """A policy's median times, in nanoseconds: native, from Python, and in C where that was measured."""

    name: str
    native: float | None
    python: float | None
    floor: float | None


def policy_times(results: Results, guest: str) -> list[PolicyTimes]:
    """The policies that were timed for a guest, cheapest first; a fresh store with both ways of allocating."""
    table = results.table("policies")

    def median(what: str, reading: Reading, allocation: Allocation) -> float | None:
        rows = table.select(what=what, guest=guest, reading=reading, allocation=allocation)
        return _median(rows)

    found = []
    for what, name in _NAMES.items():
        several = what == "fresh-store"
        for allocation in ("pooling", "on-demand") if several else ("on-demand",):
            native, python = median(what, "native", allocation), median(what, "python", allocation)
            if native or python:
                floor = median(what, "floor", allocation) or (
                    _fresh_floor(results, guest, allocation) if several else None
                )
                found.append(PolicyTimes(f"{name}, {allocation}" if several else name, native, python, floor))
    return sorted(found, key=lambda one: one.python or one.native or 0.0)


def _fresh_floor(results: Results, guest: str, allocation: Allocation) -> float | None:
    """A fresh store in C, which is timed with those of all guests."""
    tables = [table for table in results if table.id == "instantiation"]
    return _median(tables[0].select(guest=guest, reading="floor", allocation=allocation)) if tables else None


def policies_figure(results: Results, guest: str = "rust-component", *, dark: bool = False) -> Figure:
    """A dumbbell per policy on a logarithmic axis: filled what the runtime charges, hollow what is paid from
    Python, and a tick for C; 9.6 inches wide. Gids: `native-N`, `python-N`, `floor-N`, from 0.
    """
    rows = policy_times(results, guest)
    times = [ns for row in rows for ns in (row.native, row.python, row.floor) if ns]
    left = 30 + max((text_width(row.name, 9.5) for row in rows), default=40.0)
    notes = [_note(results, "policies", guest), floor_reading(results, guest)]
    with house_style():
        made = frame(
            policies_reading(results, guest), notes, field=_ROW * len(rows) + _AXIS, left=left, right=70, dark=dark
        )
        if not times:
            return made.sheet.figure
        # The first label stands before its dot.
        scale = Scale(*around(times), made.left + 44, made.right, log=True)
        time_axis(made, scale, below=made.bottom + _AXIS)
        _legend(made, in_c=any(row.floor for row in rows))
        for i, row in enumerate(rows):
            y = made.top - _ROW * (i + 0.5)
            made.sheet.text(left - 14, y, row.name, across="right")
            _dumbbell(made, scale, row, y, i)
        return made.sheet.figure


def _dumbbell(made: Frame, scale: Scale, row: PolicyTimes, y: float, i: int) -> None:
    colours = made.colours
    blue, ends = colours.mark["host-error"], [scale(ns) for ns in (row.native, row.python) if ns]
    made.sheet.line((min(ends), max(ends)), (y, y), color=colours.rule, linewidth=5.0, zorder=3)
    if row.floor:
        x = scale(row.floor)
        made.sheet.line((x, x), (y - 7, y + 7), color=colours.ink, linewidth=1.6, zorder=4, gid=f"floor-{i}")
    style = {"marker": "o", "markersize": 8.5, "markeredgecolor": blue, "markeredgewidth": 1.8}
    if row.native:
        made.sheet.dot(scale(row.native), y, markerfacecolor=blue, gid=f"native-{i}", **style)
        text, tone = nanoseconds(row.native), colours.text["host-error"]
        if row.floor:
            made.sheet.text(scale(row.floor) - 6, y, nanoseconds(row.floor), size=SMALL, across="right")
        if not row.floor or scale(row.native) - scale(row.floor) > text_width(text, SMALL) + 18:
            made.sheet.text(scale(row.native) - 9, y, text, size=SMALL, colour=tone, across="right")
        else:
            # Between tick and dot there is no room for it.
            made.sheet.text(scale(row.native), y + 9.5, text, size=7.5, colour=tone, across="center")
    if row.python:
        made.sheet.dot(scale(row.python), y, markerfacecolor=colours.paper, gid=f"python-{i}", **style)
        made.sheet.text(max(ends) + 9, y, nanoseconds(row.python), size=SMALL)


def _legend(made: Frame, *, in_c: bool) -> None:
    """What filled, hollow and tick stand for, in the free corner under the title."""
    colours = made.colours
    words = ("what the runtime charges", "what you pay from Python", "a C program")[: 3 if in_c else 2]
    x = made.right + 54 - max(text_width(word, SMALL) for word in words)
    # No rule behind the words.
    height = 15.0 * len(words) + 4
    made.sheet.box(x - 22, made.top - height, made.right + 60 - x + 22, height, colours.paper, zorder=2.5)
    blue = colours.mark["host-error"]
    for n, word in enumerate(words):
        y = made.top - 8 - 15 * n
        style = {"marker": "o", "markersize": 7.0, "markeredgecolor": blue, "markeredgewidth": 1.6}
        if n == 2:
            made.sheet.line((x - 12, x - 12), (y - 5, y + 5), color=colours.ink, linewidth=1.6, zorder=4)
        else:
            made.sheet.dot(x - 12, y, markerfacecolor=colours.paper if n else blue, **style)
        made.sheet.text(x, y, word, size=SMALL, colour=colours.muted)


def phases_figure(results: Results, *, dark: bool = False) -> Figure:
    """Where the time of a fresh call goes: per guest a bar of parts for each reading, all bars equally long, the
    whole beside it; 9.6 inches wide. Gids: `phase-N-M`, bar and part from 0.
    """
    table = results.table("phases")
    bars = list(_phase_bars(table))
    left = 30 + max((text_width(name, 9.5) for name, _, _ in bars), default=40.0)
    with house_style():
        made = frame(
            phases_reading(results), [_note(results, "phases")], field=24 + _ROW * len(bars), left=left, right=84,
            dark=dark,
        )  # fmt: skip
        _phase_key(made)
        for i, (name, reading, parts) in enumerate(bars):
            y = made.top - 24 - _ROW * (i + 0.5) + (_CLOSER if reading == "python" else -_CLOSER)
            if reading == "native":
                made.sheet.text(left - 14, y - _ROW / 2 + _CLOSER, name, across="right")
            _stack(made, parts, y, i, pale=reading == "python")
            word = "native" if reading == "native" else "Python"
            made.sheet.text(made.right + 8, y, f"{nanoseconds(sum(parts))}  {word}", size=SMALL)
        return made.sheet.figure


def _phase_bars(table: Table) -> Iterator[tuple[str, Reading, list[float]]]:
    readings: tuple[Reading, ...] = ("native", "python")
    for guest in guests_of(table):
        for reading in readings:
            parts = [_median(table.select(what=what, guest=guest, reading=reading)) for what in PHASES]
            if all(parts):
                yield workload(guest).name, reading, [part or 0.0 for part in parts]


def _stack(made: Frame, parts: Sequence[float], y: float, i: int, *, pale: bool) -> None:
    scale = (made.right - made.left) / sum(parts)
    x = made.left
    for n, (part, ink) in enumerate(zip(parts, _INKS, strict=True)):
        width = part * scale
        colour = made.colours.mark[ink]  # type: ignore[index]  # _INKS are kinds of outcomes
        opacity = 0.55 if pale else 1.0
        made.sheet.box(
            x, y - _BAR / 2, max(width - 1, 0.4), _BAR, colour, opacity=opacity, zorder=3, gid=f"phase-{i}-{n}"
        )
        x += width


def _phase_key(made: Frame) -> None:
    x = made.left
    for what, ink in zip(PHASES.values(), _INKS, strict=True):
        made.sheet.box(x, made.top - 12, 9, 9, made.colours.mark[ink])  # type: ignore[index]
        made.sheet.text(x + 14, made.top - 7.5, what, size=SMALL, colour=made.colours.muted)
        x += 30 + text_width(what, SMALL)


def python_figure(results: Results, *, dark: bool = False) -> Figure:
    """How much of a fresh call is Python's way there and not the runtime's work: a bar per guest from zero, split
    in two; 9.6 inches wide. Gids: `runtime-N`, `python-N`, from 0.
    """
    table = results.table("instantiation")
    rows = [
        (guest, native, python)
        for guest in guests_of(table)
        if (native := _median(table.select(guest=guest, reading="native", allocation="pooling")))
        and (python := _median(table.select(guest=guest, reading="python", allocation="pooling")))
    ]
    left = 30 + max((text_width(guest, 9.5) for guest, _, _ in rows), default=40.0)
    with house_style():
        made = frame(
            python_reading(results), [_note(results, "instantiation")], field=_ROW * len(rows) + _AXIS, left=left,
            right=150, dark=dark,
        )  # fmt: skip
        if not rows:
            return made.sheet.figure
        scale = Scale(0.0, max(python for _, _, python in rows), made.left, made.right)
        time_axis(made, scale, below=made.bottom + _AXIS)
        for i, (guest, native, python) in enumerate(rows):
            y = made.top - _ROW * (i + 0.5)
            made.sheet.text(left - 14, y, fit(guest, 9.5, left - 20), across="right")
            blue = made.colours.mark["host-error"]
            inner = scale(min(native, python)) - made.left
            whole = scale(python) - made.left
            made.sheet.box(made.left, y - 7, whole, 14, blue, opacity=0.25, zorder=3, gid=f"python-{i}")
            made.sheet.box(made.left, y - 7, inner, 14, blue, zorder=4, gid=f"runtime-{i}")
            share = f"{nanoseconds(native)} of {nanoseconds(python)}"
            made.sheet.text(scale(python) + 8, y, share, size=SMALL)
        return made.sheet.figure


def _median(rows: Sequence[Row]) -> float | None:
    """The median of the first row that has no knobs of its own."""
    plain = [row for row in rows if row.subject.copy_on_write and not row.subject.keep_resident]
    return plain[0].times.median if plain and plain[0].times else None


def _note(results: Results, table: str, guest: str = "") -> str:
    called = f"{workload(guest).title[0].upper()}{workload(guest).title[1:]}. " if guest else ""
    return f"{called}{noise_note(results, table)}"
