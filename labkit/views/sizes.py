"""What of a program runs and what explains it, build by build."""

from __future__ import annotations

from typing import Final

from matplotlib.figure import Figure

from labkit.inspect import LevelSize, SizeReport
from labkit.views import markup
from labkit.views.canvas import LEADING, SMALL, TITLE, WIDTH, Sheet, house_style, wrap
from labkit.views.page import figure_html
from labkit.views.text import size_text
from labkit.views.theme import Palette, palette

_ROW: Final = 26.0
_BAR: Final = 14.0
_LEFT: Final = 118.0
_RIGHT: Final = 96.0
_LABELS: Final = {
    "full": "full DWARF",
    "lines": "line tables only",
    "names": "names only",
    "stripped": "stripped",
}
_PARTS: Final = (("runs", "what runs"), ("names", "names"), ("debug", "DWARF"))


def sizes_figure(report: SizeReport, *, dark: bool = False) -> Figure:
    """One bar per build, from what runs to what explains it; 9.6 inches wide. Gids: `size-N`, from 0."""
    title = wrap(sizes_reading(report), TITLE, WIDTH - 24, 3)
    top = 26 + TITLE * LEADING * len(title)
    bottom = 30.0
    most = max(level.size for level in report.levels)
    scale = (WIDTH - _LEFT - _RIGHT) / most
    with house_style():
        sheet = Sheet(top + _ROW * len(report.levels) + bottom, palette(dark))
        colours = sheet.colours
        sheet.title(title)
        for i, level in enumerate(report.levels):
            y = sheet.height - top - _ROW * (i + 0.5)
            sheet.text(_LEFT - 12, y, _label(level), across="right")
            x = _LEFT
            for name, colour in zip(_PARTS, _inks(colours), strict=True):
                width = getattr(level, name[0]) * scale
                sheet.box(x, y - _BAR / 2, width, _BAR, colour, zorder=3, gid=f"size-{i}-{name[0]}")
                x += width
            sheet.text(x + 8, y, size_text(level.size), size=SMALL)
        x = _LEFT
        for (_, word), colour in zip(_PARTS, _inks(colours), strict=True):
            sheet.box(x, 12, 9, 9, colour)
            entry = sheet.text(x + 14, 16.5, word, size=SMALL, colour=colours.muted)
            x += 34 + 6.2 * len(entry.get_text())
        return sheet.figure


def sizes_reading(report: SizeReport) -> str:
    """How much larger the largest build is than what runs, and of what, in one sentence."""
    largest, bare = report.levels[0], report.levels[-1]
    ratio = largest.size / bare.size
    what = "DWARF" if largest.debug else "names"
    bytes_ = largest.debug or largest.names
    return (
        f"With {_label(largest)} {report.program} is {ratio:.1f} times as large as what runs of it "
        f"({size_text(bare.size)}); {size_text(bytes_)} of that are {what}, and a symbol file of "
        f"{size_text(largest.symbols)} keeps what a backtrace needs."
    )


def sizes_alt(report: SizeReport) -> str:
    """The sizes for a screen reader, build by build."""
    words = " ".join(f"{_words(level)}." for level in report.levels)
    return f"Size of {report.program} by what is kept of its source. {sizes_reading(report)} {words}"


def sizes_html(report: SizeReport, *, key: str = "") -> str:
    """The sizes as an HTML fragment that follows the page's theme, with a table to open below."""
    titles = {
        f"size-{i}-{part}": f"{_label(level)}, {word}: {size_text(getattr(level, part))}"
        for i, level in enumerate(report.levels)
        for part, word in _PARTS
    }
    figure = figure_html(sizes_figure(report), sizes_alt(report), titles=titles, key=key)
    note = markup.paragraph(markup.prose(report.note), "lk-muted") if report.note else ""
    return figure + markup.boxed(markup.details("show as a table", sizes_table(report)), note)


def sizes_table(report: SizeReport) -> str:
    """The sizes as an accessible HTML table."""
    head = ["build", "size", "what runs", "names", "DWARF", "symbol file, packed"]
    rows = [
        [
            markup.text(_label(level)),
            *(size_text(size) if size else "–" for size in _sizes(level)),
        ]
        for level in report.levels
    ]
    return markup.table(sizes_reading(report), head, rows, numbers=range(1, len(head)))


def _sizes(level: LevelSize) -> tuple[int, ...]:
    return level.size, level.runs, level.names, level.debug, level.symbols


def _inks(colours: Palette) -> tuple[str, ...]:
    return colours.mark["returned"], colours.mark["guest-error"], colours.mark["refused"]


def _label(level: LevelSize) -> str:
    return _LABELS.get(level.level, level.level)


def _words(level: LevelSize) -> str:
    parts = ", ".join(f"{word} {size_text(getattr(level, part))}" for part, word in _PARTS)
    return f"{_label(level)}: {size_text(level.size)}, {parts}"
