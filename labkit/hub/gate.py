"""Who may try a password now: guessing takes too long, and a room of people who mistype still gets in."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Final

WINDOW: Final = 120.0
"""For how many seconds a wrong try counts."""

MOST_PER_NAME: Final = 6
"""Tries for one name, within the window."""

MOST_PER_ADDRESS: Final = 60
"""Tries from one address: a whole room may share one."""


class Gate:
    """Counts tries by name and by address; `clock` gives seconds.

    A try counts from when it begins, so that many at once are no way around it; the right one is taken back.
    Who is logged in already is not touched by it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: defaultdict[str, deque[float]] = defaultdict(deque)

    def admits(self, name: str, address: str) -> bool:
        """Whether a try may be made; it is counted as a wrong one until `was_right`."""
        now = self._clock()
        self._forget_old(now)
        by_name, by_address = self._tries[f"name {name}"], self._tries[f"address {address}"]
        if len(by_name) >= MOST_PER_NAME or len(by_address) >= MOST_PER_ADDRESS:
            return False
        by_name.append(now)
        by_address.append(now)
        return True

    def was_right(self, name: str, address: str) -> None:
        """Whoever is there is who they say: forget what was tried for the name, and this try from the address."""
        self._tries.pop(f"name {name}", None)
        by_address = self._tries[f"address {address}"]
        if by_address:
            by_address.pop()

    def _forget_old(self, now: float) -> None:
        for key, tries in list(self._tries.items()):
            while tries and tries[0] <= now - WINDOW:
                tries.popleft()
            if not tries:
                del self._tries[key]
