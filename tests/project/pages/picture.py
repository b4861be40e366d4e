"""The architecture as one picture, drawn from the imports of the code."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import pairwise
from xml.sax.saxutils import escape

from tests.project.pages import layout
from tests.project.pages.imports import Architecture, Block, architecture, caption
from tests.project.pages.layout import MARGIN, ROOM, WIDTH, Slot

ROW_GAP = 40
PILL = 27
PILL_GAP = 9
HEAD = 34
TOP = 176
STRIDE = 28
LINE = 28
"""Letters of a room's caption on one line."""

# Of blocks that are no room; they are known by a module in them.
TITLES = {
    "labkit.magics": "ways in",
    "labkit.lab": "the lab: what a cell works with, and its parts",
    "labkit.notice": "the ground: everything above may import it, so its arrows are left out",
}

WAY = (
    ("labkit.guests", "guests", "source and WIT"),
    ("labkit.programs", "build", "compiled or prebuilt"),
    ("labkit.host", "host", "store, call, outcome"),
    ("labkit.record", "trace", "every step, in order"),
    ("labkit.views", "views", "timeline, grid, plot"),
)
"""The way the data goes: where it stands in the picture, what it is called there, and what it is."""

STYLE = """
  .paper { fill: #ffffff } .ink { fill: #1f2933 } .soft { fill: #52606d }
  .room { fill: #eef3fa; stroke: #7c93b2; stroke-width: 1.2 }
  .panel { fill: none; stroke: #9aa9bc; stroke-width: 1.2; stroke-dasharray: 5 4 }
  .pill { fill: #f7f9fc; stroke: #aab7c8 }
  .arrow { fill: none; stroke: #6b7f99; stroke-width: 1.6 } .tip { fill: #6b7f99 }
  .way { fill: #fff4e5; stroke: #b45f06; stroke-width: 1.4 } .badge { fill: #b45f06 } .number { fill: #ffffff }
  .flow { fill: none; stroke: #b45f06; stroke-width: 2 } .flowtip { fill: #b45f06 }
  text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px }
  .name { font-size: 15px; font-weight: 600 } .title { font-size: 22px; font-weight: 600 }
  .mid { text-anchor: middle }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #12171e } .ink { fill: #e6ebf1 } .soft { fill: #a9b4c2 }
    .room { fill: #1d2733; stroke: #6d86a6 } .panel { stroke: #5d6c80 } .pill { fill: #18202a; stroke: #55657a }
    .arrow { stroke: #8ea3bd } .tip { fill: #8ea3bd }
    .way { fill: #33260f; stroke: #f0a848 } .badge { fill: #f0a848 } .number { fill: #201503 }
    .flow { stroke: #f0a848 } .flowtip { fill: #f0a848 }
  }
"""

ABOUT = (
    "Rooms in the order of the import contract. An arrow is an import, and all point down.",
    "What goes over other rooms anyway has no arrow of its own. The numbers are the way the data goes:",
)


def picture() -> str:
    """The whole SVG file."""
    found = architecture()
    blocks = [block for row in found.rows for block in row]
    placed = layout.laid_out(found, {block: _size(block)[0] for block in blocks})
    tops = _tops(found)
    height = tops[-1] + _size(found.ground)[1] + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="title told">',
        '<title id="title">The architecture of labkit</title>',
        f'<desc id="told">{escape(" ".join(ABOUT))}</desc>',
        f"<style>{STYLE}</style>",
        f"<defs>{_tip('tip', 'tip')}{_tip('flowtip', 'flowtip')}</defs>",
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="10"/>',
        *_heading(),
        *(_arrow(way, tops) for way in placed.ways),
    ]
    for row in placed.rows:
        for slot in row:
            if slot.block is not None:
                parts += _block(slot, slot.block, tops[slot.row])
    return "\n".join([*parts, "</svg>"]) + "\n"


def _heading() -> Iterator[str]:
    yield _text(MARGIN + 4, 42, "The architecture of labkit", "ink title")
    for line, text in enumerate(ABOUT):
        yield _text(MARGIN + 4, 66 + 18 * line, text, "soft")
    width = (WIDTH - 2 * MARGIN - (len(WAY) - 1) * STRIDE) / len(WAY)
    for number, (_module, name, what) in enumerate(WAY, 1):
        left = MARGIN + (number - 1) * (width + STRIDE)
        yield f'<rect class="way" x="{left:.0f}" y="102" width="{width:.0f}" height="46" rx="8"/>'
        yield _badge(left + 22, 125, number)
        yield _text(left + 42, 121, name, "ink name")
        yield _text(left + 42, 138, what, "soft")
        if number < len(WAY):
            end = left + width
            yield f'<path class="flow" d="M{end + 3:.0f} 125H{end + 23:.0f}" marker-end="url(#flowtip)"/>'


def _size(block: Block) -> tuple[int, int]:
    if block.single:
        return ROOM, 40 + 15 * len(_told(block.name))
    widest = max(sum(_pill(module) for module in row) + PILL_GAP * (len(row) - 1) for row in block.rows)
    title = round(len(_title(block)) * 6.4)
    return max(widest, title) + 32, HEAD + len(block.rows) * (PILL + PILL_GAP) + 5


def _title(block: Block) -> str:
    return next((TITLES[module] for module in block.modules if module in TITLES), "")


def _told(module: str) -> list[str]:
    text = caption(module)
    return textwrap.wrap(text[0].upper() + text[1:], LINE, break_on_hyphens=False)


def _pill(module: str) -> int:
    return round(len(_short(module)) * 7.2) + 26


def _short(module: str) -> str:
    return module.removeprefix("labkit.")


def _tops(found: Architecture) -> list[int]:
    tops = [TOP]
    for row in found.rows:
        tops.append(tops[-1] + max(_size(block)[1] for block in row) + ROW_GAP)
    return tops[:-1]


def _block(slot: Slot, block: Block, top: int) -> Iterator[str]:
    width, height = _size(block)
    left = slot.x - width / 2
    if block.single:
        yield from _room(block.name, left, top, height)
    else:
        yield f'<rect class="panel" x="{left:.0f}" y="{top}" width="{width}" height="{height}" rx="10"/>'
        yield _text(slot.x, top + 22, _title(block), "soft mid")
        for line, row in enumerate(block.rows):
            x = slot.x - (sum(map(_pill, row)) + PILL_GAP * (len(row) - 1)) / 2
            y = top + HEAD + line * (PILL + PILL_GAP)
            for module in row:
                yield f'<rect class="pill" x="{x:.0f}" y="{y}" width="{_pill(module)}" height="{PILL}" rx="13"/>'
                yield _text(x + _pill(module) / 2, y + 18, _short(module), "ink mid")
                x += _pill(module) + PILL_GAP


def _room(module: str, left: float, top: int, height: int) -> Iterator[str]:
    told = _told(module)
    yield f'<rect class="room" x="{left:.0f}" y="{top}" width="{ROOM}" height="{height}" rx="8"/>'
    yield _text(left + 14, top + 24, _short(module), "ink name")
    for line, text in enumerate(told):
        yield _text(left + 14, top + 43 + 15 * line, text, "soft")
    for number, (where, _name, _what) in enumerate(WAY, 1):
        if where == module:
            yield _badge(left + ROOM - 18, top + 18, number)


def _arrow(way: tuple[Slot, ...], tops: list[int]) -> str:
    points = [(slot.x, tops[slot.row] + (0 if slot is not way[0] else _bottom(slot))) for slot in way]
    path = f"M{points[0][0]:.0f} {points[0][1]}"
    for (slot, (x, y)), (_below, (to_x, to_y)) in pairwise(zip(way, points, strict=True)):
        if slot.block is None:
            # Past a row of rooms it goes straight down, and bends between the rows only.
            y = tops[slot.row + 1] - ROW_GAP
            path += f"V{y}"
        half = (y + to_y) / 2
        path += f"C{x:.0f} {half:.0f} {to_x:.0f} {half:.0f} {to_x:.0f} {to_y}"
    return f'<path class="arrow" d="{path}" marker-end="url(#tip)"/>'


def _bottom(slot: Slot) -> int:
    return _size(slot.block)[1] if slot.block is not None else 0


def _tip(name: str, style: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path class="{style}" d="M0 0L10 5L0 10z"/></marker>'
    )


def _badge(x: float, y: float, number: int) -> str:
    circle = f'<circle class="badge" cx="{x:.0f}" cy="{y:.0f}" r="11"/>'
    return circle + _text(x, y + 4.5, str(number), "number mid")


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{style}">{escape(text)}</text>'
