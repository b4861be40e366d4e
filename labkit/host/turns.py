"""Asynchronous calls of one store take turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from labkit.errors import BusyError


class Turns:
    """First come, first served, among the tasks of one event loop; when nobody is waiting, of any."""

    def __init__(self, store: int) -> None:
        self._store = store
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()
        self._users = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Nobody else has a turn while the body runs; raises `BusyError` while another event loop has one."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._users:
                raise BusyError(
                    f"Store {self._store} is in use on another event loop; wait for that, or use another store."
                )
            self._loop, self._lock = loop, asyncio.Lock()
        self._users += 1
        try:
            async with self._lock:
                yield
        finally:
            self._users -= 1
