"""Where blocks and arrows of the architecture lie: rows are given, places in them follow from the arrows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from tests.project.pages.imports import Architecture, Block

WIDTH = 1080
MARGIN = 20
ROOM = 214
GAP = 20
LANE = 24
"""The width that an arrow takes in a row which it only passes."""
SWEEPS = 24
INWARDS = 0.15
"""How much everything is drawn to the middle, in parts of what its arrows draw it to."""


@dataclass(eq=False)
class Slot:
    """A place in a row: of a block, or of an arrow that passes; `x` is its centre."""

    row: int
    width: int
    block: Block | None = None
    x: float = 0.0


@dataclass(frozen=True)
class Layout:
    """The slots by row, and each arrow as the slots it goes through, from above."""

    rows: tuple[tuple[Slot, ...], ...]
    ways: tuple[tuple[Slot, ...], ...]


def laid_out(found: Architecture, widths: dict[Block, int]) -> Layout:
    """Places for everything: beside each other in its row, and below what it hangs on as far as that goes.

    The ground has no arrows: everything may import it.
    """
    rows: list[list[Slot]] = [
        [Slot(number, widths[block], block) for block in row] for number, row in enumerate(found.rows)
    ]
    slots = {slot.block: slot for row in rows for slot in row}
    ways = []
    for above, below in found.arrows:
        if below is found.ground:
            continue
        first, last = slots[above], slots[below]
        passed = [Slot(number, LANE) for number in range(first.row + 1, last.row)]
        for slot in passed:
            rows[slot.row].append(slot)
        ways.append((first, *passed, last))
    hangs = _neighbours(ways)
    for row in rows:
        _spread(row, [WIDTH / 2] * len(row))
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            wanted = {slot: _wanted(slot, hangs.get(slot, [])) for slot in row}
            # Only the first sweeps change who is beside whom; the others pull straight.
            if sweep < SWEEPS // 2:
                row.sort(key=lambda slot: wanted[slot])
            _spread(row, [wanted[slot] for slot in row])
    return Layout(tuple(map(tuple, rows)), tuple(ways))


def _neighbours(ways: list[tuple[Slot, ...]]) -> dict[Slot, list[Slot]]:
    found: dict[Slot, list[Slot]] = {}
    for way in ways:
        for above, below in pairwise(way):
            found.setdefault(above, []).append(below)
            found.setdefault(below, []).append(above)
    return found


def _wanted(slot: Slot, hangs: list[Slot]) -> float:
    """The middle of what a slot hangs on, and with a block a little to the middle of the picture."""
    middle = WIDTH / 2
    if not hangs:
        return middle
    inwards = INWARDS if slot.block else 0
    return inwards * middle + (1 - inwards) * sum(other.x for other in hangs) / len(hangs)


def _spread(row: list[Slot], wanted: list[float]) -> None:
    """Put each slot where it wants to be, as far as those beside it and the margins let it."""
    left = _pushed(row, wanted)
    mirrored = _pushed(row[::-1], [WIDTH - x for x in reversed(wanted)])
    for slot, x, back in zip(row, left, reversed(mirrored), strict=True):
        slot.x = (x + WIDTH - back) / 2


def _pushed(row: list[Slot], wanted: list[float]) -> list[float]:
    """The places from the left, each pushed to the right by the one before, and all back from the right margin."""
    places: list[float] = []
    edge = float(MARGIN - GAP)
    for slot, x in zip(row, wanted, strict=True):
        places.append(max(x, edge + GAP + slot.width / 2))
        edge = places[-1] + slot.width / 2
    edge = float(WIDTH - MARGIN + GAP)
    for number in reversed(range(len(row))):
        places[number] = min(places[number], edge - GAP - row[number].width / 2)
        edge = places[number] - row[number].width / 2
    return places
