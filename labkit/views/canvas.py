"""Drawing in points: a bare sheet with text that is measured before it is placed.

One unit is one point (1/72 inch), from the lower left corner, so text and marks can be laid out exactly and
nothing depends on matplotlib's own ticks, margins or the user's rcParams.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from labkit.host.outcome import KINDS, Kind
from labkit.views.theme import LOOKS, Palette
from labkit.views.words import clean

WIDTH: Final = 691.2
"""Width of every picture: 9.6 inches, in points."""

SMALL: Final = 8.5
BODY: Final = 9.5
TITLE: Final = 11.0
LEADING: Final = 1.4
"""Distance of two baselines, as a multiple of the font size."""

Across = Literal["left", "center", "right"]
Upright = Literal["center", "bottom", "top", "baseline"]


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib with its own defaults and the lab's font, whatever the notebook has set."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams["font.family"] = "DejaVu Sans"
        mpl.rcParams["svg.fonttype"] = "none"
        # Without a salt of its own matplotlib draws one at random, and no two runs give the same text.
        mpl.rcParams["svg.hashsalt"] = "labkit"
        # A stranger's text may use signs the font lacks; the browser has fonts of its own for them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Width of one line in points, at `size` points, in the font the pictures are drawn with."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        font = FontProperties(family="DejaVu Sans", size=size)
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def fit(text: str, size: float, width: float) -> str:
    """`text` cleaned and, where it is wider than `width` points, cut with an ellipsis; may come out empty."""
    text = clean(text)
    if text_width(text, size) <= width:
        return text
    # No sign is narrower than a fifth of the size, so longer texts need no measuring.
    kept = text[: int(width / size * 5) + 1]
    while kept and text_width(kept.rstrip() + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…" if kept else ""


def wrap(text: str, size: float, width: float, most: int) -> list[str]:
    """`text` in at most `most` lines of `width` points; what does not fit ends in an ellipsis."""
    words = clean(text).split()
    lines: list[str] = []
    while words and len(lines) < most - 1:
        taken = 1
        while taken < len(words) and text_width(" ".join(words[: taken + 1]), size) <= width:
            taken += 1
        lines.append(fit(" ".join(words[:taken]), size, width))
        words = words[taken:]
    return [*lines, fit(" ".join(words), size, width)] if words else lines


class Sheet:
    """A figure of fixed size in points, and what can be put on it.

    `figure` is the matplotlib figure. Everything drawn with a `gid` can get a hover text in the SVG.
    """

    def __init__(self, height: float, colours: Palette, width: float = WIDTH) -> None:
        self.width, self.height, self.colours = width, height, colours
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=100, facecolor=colours.paper)
        self.axes: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(0, height)
        self.axes.set_axis_off()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = BODY,
        colour: str | None = None,
        across: Across = "left",
        upright: Upright = "center",
        weight: str = "normal",
        gid: str | None = None,
    ) -> Text:
        """One line of text; never read as mathematics, never clipped."""
        return self.axes.text(
            x,
            y,
            clean(text),
            fontsize=size,
            color=colour or self.colours.ink,
            ha=across,
            va="center_baseline" if upright == "center" else upright,
            fontweight=weight,
            parse_math=False,
            gid=gid,
            zorder=6,
        )

    def title(self, lines: list[str], left: float = 12.0) -> None:
        """The reading of the picture, at the top left."""
        for i, line in enumerate(lines):
            self.text(left, self.height - 18 - i * TITLE * LEADING, line, size=TITLE, upright="baseline")

    def mark(self, x: float, y: float, kind: Kind, *, size: float = 11.0, gid: str | None = None) -> Line2D:
        """The mark of an outcome kind, `size` points across, with a rim of paper around it."""
        look = LOOKS[kind]
        return self.dot(
            x,
            y,
            marker=look.marker,
            markersize=size * look.scale,
            markerfacecolor=self.colours.mark[kind],
            markeredgecolor=self.colours.paper,
            markeredgewidth=1.0,
            gid=gid,
        )

    def dot(self, x: float, y: float, **style: Any) -> Line2D:
        """A single matplotlib marker; `style` are Line2D properties."""
        (line,) = self.axes.plot([x], [y], linestyle="none", clip_on=False, **{"zorder": 5, **style})
        return line

    def open_dot(self, x: float, y: float, *, size: float, gid: str | None = None) -> Line2D:
        """A hollow dot: a step that has no outcome yet."""
        style = {"markerfacecolor": self.colours.paper, "markeredgecolor": self.colours.muted}
        return self.dot(x, y, marker="o", markersize=size, gid=gid, **style)

    def line(self, xs: tuple[float, float], ys: tuple[float, float], **style: Any) -> Line2D:
        """A straight stroke from (xs[0], ys[0]) to (xs[1], ys[1]); a thin rule unless styled."""
        style = {"color": self.colours.rule, "linewidth": 0.8, "solid_capstyle": "round", "zorder": 2, **style}
        (line,) = self.axes.plot(xs, ys, clip_on=False, **style)
        return line

    def box(
        self,
        left: float,
        bottom: float,
        width: float,
        height: float,
        colour: str,
        *,
        opacity: float = 1.0,
        radius: float = 0.0,
        zorder: float = 1.0,
        gid: str | None = None,
    ) -> None:
        """A filled rectangle, with rounded corners where `radius` points are asked for."""
        style: dict[str, Any] = {"facecolor": colour, "edgecolor": "none", "alpha": opacity}
        style.update(zorder=zorder, gid=gid)
        if radius:
            shape = f"round,pad=0,rounding_size={radius}"
            patch: Any = FancyBboxPatch((left, bottom), width, height, boxstyle=shape, **style)
        else:
            patch = Rectangle((left, bottom), width, height, **style)
        patch.set_clip_on(False)
        self.axes.add_patch(patch)

    def legend(self, left: float, y: float, entries: Sequence[Entry]) -> None:
        """Signs with their names, in one row from `left`."""
        for entry in entries:
            if entry.kind is not None:
                self.mark(left + 5, y, entry.kind, size=8)
            if entry.hollow:
                self.open_dot(left + 5, y, size=7)
            for shift in entry.bars:
                self.line((left + 5 + shift,) * 2, (y - 5, y + 5), color=self.colours.muted, linewidth=1.8)
            self.text(left + 14, y, entry.name, size=SMALL, colour=self.colours.muted)
            left += entry.width


@dataclass(frozen=True)
class Entry:
    """A legend's entry: the mark of a kind, upright bars at these offsets in points, or the
    hollow dot of a step without an outcome; and a name."""

    name: str
    kind: Kind | None = None
    bars: tuple[float, ...] = ()
    hollow: bool = False

    @property
    def width(self) -> float:
        """Points from this entry to the next."""
        return 30 + text_width(self.name, SMALL)


def kind_entries(occurring: Iterable[Kind]) -> list[Entry]:
    """Legend entries for the kinds that occur, in the table's order."""
    present = set(occurring)
    return [Entry(kind, kind) for kind in KINDS if kind in present]


def rows_of(entries: Sequence[Entry], width: float) -> list[list[Entry]]:
    """The entries in as many rows of `width` points as they need."""
    rows: list[list[Entry]] = [[]]
    for entry in entries:
        if rows[-1] and sum(e.width for e in rows[-1]) + entry.width - 16 > width:
            rows.append([])
        rows[-1].append(entry)
    return rows
