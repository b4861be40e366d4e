"""How many attendees this machine's memory carries."""

from __future__ import annotations

from typing import Final

import msgspec
import psutil

from labkit.hub.room import MIB

PER_ATTENDEE: Final = 240 * MIB
"""What one attendee adds: a server, and a kernel that has run notebook 01. `tests/hub/load.py` measures it."""

HUB: Final = 220 * MIB
"""The hub itself, its proxy and its services."""

# Compilers and results need some as well, and a machine that swaps serves nobody.
_LEFT_ALONE: Final = 0.1


class Capacity(msgspec.Struct, frozen=True):
    """How many attendees fit into `free` bytes of memory."""

    free: int

    @property
    def attendees(self) -> int:
        """As many as have a notebook open at the same time."""
        return max(0, int((self.free * (1 - _LEFT_ALONE) - HUB) // PER_ATTENDEE))

    def describe(self, wanted: int) -> str:
        """A sentence that compares it with the attendees that are expected."""
        has = f"{self.free / 1024 / MIB:.1f} GiB of memory are free, enough for about {self.attendees} attendees"
        each = f"at {PER_ATTENDEE / MIB:.0f} MiB each"
        if wanted <= self.attendees:
            return f"{has} {each}."
        return (
            f"{has} {each}, and you expect {wanted}: take a machine with "
            f"{needed(wanted) / 1024 / MIB:.0f} GiB free, or let people work in pairs."
        )


def needed(attendees: int) -> int:
    """The bytes of memory that should be free for so many."""
    return int((HUB + attendees * PER_ATTENDEE) / (1 - _LEFT_ALONE))


def capacity() -> Capacity:
    """Of this machine, now."""
    return Capacity(psutil.virtual_memory().available)
