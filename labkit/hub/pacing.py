"""Servers start a few at a time; whoever comes later waits, sees how many are before them, and is not refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Queue:
    """Lets `at_once` in at the same time, in the order in which they came."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: dict[object, asyncio.Event] = {}

    def before(self, who: object) -> int | None:
        """How many are before `who`, or `None` when it is not waiting any more."""
        return list(self._waiting).index(who) if who in self._waiting else None

    @asynccontextmanager
    async def turn(self, who: object) -> AsyncIterator[None]:
        """Wait for `who`'s turn, and have it until the block ends."""
        if self._free and not self._waiting:
            self._free -= 1
        else:
            called = self._waiting[who] = asyncio.Event()
            try:
                await called.wait()
            except asyncio.CancelledError:
                if called.is_set():
                    self._next()
                raise
            finally:
                self._waiting.pop(who, None)
        try:
            yield
        finally:
            self._next()

    def _next(self) -> None:
        for who, called in self._waiting.items():
            if not called.is_set():
                # No longer waiting from now on, whenever its task gets to run.
                del self._waiting[who]
                called.set()
                return
        self._free += 1
