"""What a step changed in a memory: where in it, and which bytes."""

from __future__ import annotations

from typing import Final

from matplotlib.figure import Figure

from labkit.inspect import Change, MemoryDiff
from labkit.views import markup
from labkit.views.canvas import LEADING, SMALL, TITLE, WIDTH, Sheet, house_style, wrap
from labkit.views.page import figure_html
from labkit.views.text import size_text
from labkit.views.theme import palette
from labkit.views.words import counted

_ROWS: Final = 40
_BYTES: Final = 8
_PAGE: Final = 65536
_BAR: Final = 18.0
_LEFT: Final = 12.0


def memory_diff_figure(diff: MemoryDiff, *, dark: bool = False) -> Figure:
    """The whole memory as one bar, in which what changed is marked; 9.6 inches wide."""
    title = wrap(memory_diff_reading(diff), TITLE, WIDTH - 24, 2)
    top = 22 + TITLE * LEADING * len(title)
    across = (WIDTH - 2 * _LEFT) / max(diff.size_after, 1)
    with house_style():
        sheet = Sheet(top + _BAR + 26, palette(dark))
        colours = sheet.colours
        sheet.title(title)
        bottom = 26.0
        sheet.box(_LEFT, bottom, WIDTH - 2 * _LEFT, _BAR, colours.lane)
        sheet.line((_LEFT, WIDTH - _LEFT), (bottom, bottom), color=colours.rule)
        if diff.size_before < diff.size_after:
            x = _LEFT + diff.size_before * across
            sheet.line((x, x), (bottom - 3, bottom + _BAR + 3), color=colours.muted, linewidth=1.2)
        for first, end in _spans(diff):
            # However large the memory is, a place that changed has to be seen.
            width = max((end - first) * across, 2.5)
            left = min(_LEFT + first * across, WIDTH - _LEFT - width)
            sheet.box(left, bottom, width, _BAR, colours.mark["trapped"], zorder=3, gid=f"from-{first}")
        sheet.text(_LEFT, 12, "address 0", size=SMALL, colour=colours.muted)
        size = size_text(diff.size_after)
        sheet.text(WIDTH - _LEFT, 12, size, size=SMALL, colour=colours.muted, across="right")
        return sheet.figure


def memory_diff_reading(diff: MemoryDiff) -> str:
    """How much changed, and where, in one sentence."""
    grown = diff.size_after - diff.size_before
    grew = f"it grew by {size_text(grown)}" if grown else ""
    if not diff.changed:
        return f"Nothing changed in the memory{'; ' if grew else ''}{grew}."
    pages = diff.size_after // _PAGE
    of = f", on {len(diff.pages)} of {counted(pages, 'page')}"
    said = f"{counted(diff.changed, 'byte')} changed in {counted(diff.ranges, 'place')}{of}"
    return f"{said}; {grew}." if grew else f"{said}."


def memory_diff_alt(diff: MemoryDiff) -> str:
    """The difference for a screen reader."""
    return f"Memory {diff.memory} of {size_text(diff.size_after)}. {memory_diff_reading(diff)}"


def memory_diff_text(diff: MemoryDiff) -> str:
    """The difference as text: a line per range."""
    lines = [
        f"{change.address:#010x}  {change.before[:_BYTES].hex(' ') or 'new'} → {change.after[:_BYTES].hex(' ')}"
        f"{'  ' + change.hint if change.hint else ''}"
        for change in diff.changes[:_ROWS]
    ]
    return "\n".join([memory_diff_reading(diff), *lines])


def memory_diff_html(diff: MemoryDiff, *, key: str = "") -> str:
    """The difference as an HTML fragment that follows the page's theme: the bar, and the bytes below it."""
    titles = {f"from-{first}": f"{first:#x} to {end - 1:#x}" for first, end in _spans(diff)}
    figure = figure_html(memory_diff_figure(diff), memory_diff_alt(diff), titles=titles, key=key)
    return figure + (markup.boxed(_table(diff)) if diff.changes else "")


def _table(diff: MemoryDiff) -> str:
    regions = [diff.region(change.address) for change in diff.changes]
    head = ["address", *(["where"] if any(regions) else []), "size", "before", "after", "may be"]
    rows = [
        [
            f"<code>{change.address:#x}</code>",
            *([markup.text(region)] if any(regions) else []),
            size_text(change.size),
            _bytes(change, change.before) if change.before else '<span class="lk-muted">new</span>',
            _bytes(change, change.after),
            markup.text(change.hint),
        ]
        for change, region in zip(diff.changes[:_ROWS], regions, strict=False)
    ]
    left = diff.ranges - len(rows)
    more = markup.paragraph(f"and {counted(left, 'more place')}", "lk-muted") if left else ""
    caption = f"The exported memory “{diff.memory}” by address; bytes that changed are underlined"
    return markup.table(caption, head, rows, numbers=(head.index("size"),)) + more


def _bytes(change: Change, side: bytes) -> str:
    pairs = zip(change.before or bytes(len(change.after)), change.after, strict=False)
    differs = [a != b for a, b in pairs][:_BYTES]
    marked = [
        f'<span class="lk-changed">{byte:02x}</span>' if changed else f"{byte:02x}"
        for byte, changed in zip(side, differs, strict=False)
    ]
    return f"<code>{' '.join(marked)}{' …' if change.size > _BYTES else ''}</code>"


def _spans(diff: MemoryDiff) -> list[tuple[int, int]]:
    """What to mark, as (first address, one behind the last): places, or pages where there are too many places.

    What is nearer than can be told apart in the picture is one span.
    """
    places = [(change.address, change.address + change.size) for change in diff.changes]
    if len(places) < diff.ranges:
        places = [(page * _PAGE, (page + 1) * _PAGE) for page in diff.pages]
    near = diff.size_after / WIDTH
    spans: list[tuple[int, int]] = []
    for first, end in places:
        if spans and first - spans[-1][1] <= near:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((first, end))
    return spans
