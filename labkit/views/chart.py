"""Axes for pictures of costs: scales, ticks, a frame with a sentence above and a note below, labelled curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from labkit.views.canvas import LEADING, SMALL, TITLE, WIDTH, Sheet, text_width, wrap
from labkit.views.costs import duration
from labkit.views.theme import Palette, palette

PLOT: Final = 210.0
"""Height of the field of a picture with curves, in points."""

LEFT_OF_PLANE: Final = 62.0
"""What a field with curves leaves free for the labels of its upright axis."""

_BELOW: Final = 34.0
_ROOM: Final = 13.0
"""How far the labels of two curves stay apart."""


@dataclass(frozen=True)
class Scale:
    """Where a value lies between `start` and `end`, in points: by its size, or by its magnitude."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value; outside of the scale it is cut off."""
        low, high, at = (self._of(x) for x in (self.low, self.high, min(max(value, self.low), self.high)))
        return self.start + (at - low) / ((high - low) or 1.0) * (self.end - self.start)

    def _of(self, value: float) -> float:
        return math.log10(max(value, 1e-12)) if self.log else value

    def ticks(self) -> list[float]:
        """Powers of ten, with 2 and 5 between them where there are few; or round numbers, six at most."""
        if self.log:
            steps = (1, 2, 5) if self.high / self.low < 150 else (1,)
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            round_ = [step * 10.0**power for power in range(first, last + 1) for step in steps]
            return [tick for tick in round_ if self.low * 0.999 <= tick <= self.high * 1.001]
        step = round_step((self.high - self.low) / 5)
        return [self.low + step * i for i in range(math.floor((self.high - self.low) / step + 1e-9) + 1)]


def round_step(rough: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is not smaller than `rough`."""
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))


def around(values: Sequence[float]) -> tuple[float, float]:
    """The round numbers (1, 2 or 5 times a power of ten) around positive values, at least a decade apart."""
    low = 1 / round_step(1 / min(values))
    return low, max(round_step(max(values)), low * 10)


@dataclass(frozen=True)
class Curve:
    """Points (x, nanoseconds) with a name beside the last. `marker` and `colour` (a palette's mark) tell it from
    others together; `hollow`: measured from Python; `dashed`: how it goes on, computed and not measured.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    colour: str
    marker: str = "o"
    hollow: bool = False
    dashed: tuple[tuple[float, float], ...] = ()


def nanoseconds(ns: float) -> str:
    """A time in two figures and a unit."""
    return duration(ns / 1000)


@dataclass(frozen=True)
class Frame:
    """A sheet with its title and foot, and the field that is left for data: `left`, `right`, `bottom`, `top`."""

    sheet: Sheet
    left: float
    right: float
    bottom: float
    top: float

    @property
    def colours(self) -> Palette:
        """The colours of its paper."""
        return self.sheet.colours


def frame(reading: str, notes: Sequence[str], *, field: float, left: float, right: float, dark: bool) -> Frame:
    """A picture with `reading` above and `notes` below a field of `field` points in height; call it in the house
    style. `left` and `right` are what the field leaves free at its sides.
    """
    title = wrap(reading, TITLE, WIDTH - 36, 3)
    foot = [line for note in notes if note for line in wrap(note, SMALL, WIDTH - 40, 3)]
    above = 26 + TITLE * LEADING * len(title)
    below = 14 + 13.0 * len(foot)
    sheet = Sheet(above + field + below, palette(dark))
    sheet.title(title)
    for i, line in enumerate(reversed(foot)):
        sheet.text(12, 12 + 13 * i, line, size=SMALL, colour=sheet.colours.muted)
    return Frame(sheet, left, WIDTH - right, below, below + field)


def time_axis(made: Frame, scale: Scale, *, below: float | None = None) -> None:
    """Upright rules with times under them."""
    bottom = made.bottom + _BELOW / 2 if below is None else below
    for tick in scale.ticks():
        x = scale(tick)
        made.sheet.line((x, x), (bottom, made.top), linewidth=0.7)
        text = "0" if tick == 0 else nanoseconds(tick)
        made.sheet.text(x, bottom - 9, text, size=SMALL, colour=made.colours.muted, across="center")


@dataclass(frozen=True)
class Plane:
    """A field with two axes: `x` and `y` place a value."""

    frame: Frame
    x: Callable[[float], float]
    y: Scale


def plane(
    made: Frame,
    xs: Sequence[tuple[float, str]],
    y: tuple[float, float],
    *,
    log: bool,
    axis: str,
    even: bool = True,
) -> Plane:
    """Axes for curves: `xs` are the ticks with their words, in equal steps if `even`, else by their size; `y` the
    lowest and highest time; `axis` says what x is.
    """
    bottom = made.bottom + _BELOW
    upright = Scale(y[0], y[1], bottom, made.top - 6, log=log)
    first, last = made.left + 14, made.right - 14
    places = [place for place, _ in xs]
    linear = Scale(places[0], places[-1], first, last)

    def across(value: float) -> float:
        return linear(value) if not even else _between(places, value, first, last)

    for tick in upright.ticks():
        made.sheet.line((made.left, made.right), (upright(tick),) * 2, linewidth=0.7)
        text = "0" if tick == 0 else nanoseconds(tick)
        made.sheet.text(made.left - 8, upright(tick), text, size=SMALL, colour=made.colours.muted, across="right")
    for place, word in xs:
        made.sheet.text(across(place), bottom - 10, word, size=SMALL, colour=made.colours.muted, across="center")
    middle = (made.left + made.right) / 2
    made.sheet.text(middle, bottom - 25, axis, size=SMALL, colour=made.colours.muted, across="center")
    return Plane(made, across, upright)


def _between(places: Sequence[float], value: float, first: float, last: float) -> float:
    """Where a value lies if its neighbours among `places` are one step apart."""
    if value <= places[0] or len(places) == 1:
        return first
    i = next((i for i, place in enumerate(places) if place >= value), len(places) - 1)
    part = (value - places[i - 1]) / (places[i] - places[i - 1])
    return first + (i - 1 + min(part, 1.0)) / (len(places) - 1) * (last - first)


def draw_curves(on: Plane, curves: Sequence[Curve], *, gid: str) -> None:
    """Curves with their names beside their last points, apart from each other. Gids: `{gid}-N`, one per curve."""
    sheet = on.frame.sheet
    ends = []
    for n, curve in enumerate(curves):
        colour = sheet.colours.mark[curve.colour]  # type: ignore[index]  # curves name kinds of outcomes
        places = [(on.x(x), on.y(ns)) for x, ns in curve.points]
        for (x0, y0), (x1, y1) in pairwise(places):
            sheet.line((x0, x1), (y0, y1), color=colour, linewidth=1.8, zorder=3)
        dashes = [(on.x(x), on.y(ns)) for x, ns in curve.dashed]
        for (x0, y0), (x1, y1) in pairwise(dashes):
            sheet.line((x0, x1), (y0, y1), color=colour, linewidth=1.4, linestyle=(0, (2, 3)), zorder=3)
        fill = sheet.colours.paper if curve.hollow else colour
        style = {"markerfacecolor": fill, "markeredgecolor": colour, "markeredgewidth": 1.6}
        for x, y in places:
            sheet.dot(x, y, marker=curve.marker, markersize=6.5, gid=f"{gid}-{n}", **style)
        ends.append((dashes or places)[-1][1])
    for curve, y in zip(curves, spread(ends, _ROOM), strict=True):
        colour = sheet.colours.text[curve.colour]  # type: ignore[index]
        sheet.text(on.frame.right, y, curve.name, size=SMALL + 0.5, colour=colour)


def room_for(curves: Sequence[Curve]) -> float:
    """What the names beside curves take."""
    return 20 + max((text_width(curve.name, SMALL + 0.5) for curve in curves), default=0.0)


def spread(places: Sequence[float], room: float) -> list[float]:
    """The places moved as little as it takes to be `room` apart, in the same order."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    blocks: list[list[int]] = []
    for i in order:
        blocks.append([i])
        while len(blocks) > 1 and _top(blocks[-2], places, room) + room > _bottom(blocks[-1], places, room):
            last = blocks.pop()
            blocks[-1] += last
    moved = [0.0] * len(places)
    for block in blocks:
        for n, i in enumerate(block):
            moved[i] = _bottom(block, places, room) + n * room
    return moved


def _bottom(block: Sequence[int], places: Sequence[float], room: float) -> float:
    return sum(places[i] for i in block) / len(block) - room * (len(block) - 1) / 2


def _top(block: Sequence[int], places: Sequence[float], room: float) -> float:
    return _bottom(block, places, room) + room * (len(block) - 1)
