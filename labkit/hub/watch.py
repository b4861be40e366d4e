"""Looks after what each attendee's processes and files take together, and stops who takes too much."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import msgspec
import psutil

from labkit.hub.room import MIB, Limits

LOOK_EVERY: Final = 2.0
"""Seconds between two looks at the processes."""

LOOK_AT_FILES_EVERY: Final = 10.0
"""Seconds between two looks at the files."""

# Enough to open the lab and delete something, for whoever starts again with a folder that is full.
_ROOM_TO_TIDY: Final = 32 * MIB


class Use(msgspec.Struct, frozen=True):
    """What one attendee takes: bytes of memory that nobody shares, processes, bytes of files."""

    memory: int
    processes: int
    disk: int


class Watched(Protocol):
    """A server that is looked after."""

    account: str
    home: Path

    def processes(self) -> list[psutil.Process]:
        """All that the attendee runs."""

    async def end(self) -> None:
        """Stop all of it, now."""


class Watch:
    """Looks at every server that was added; `notices` says of whom it stopped, by account, why."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._servers: dict[str, _Looked] = {}
        self.notices: dict[str, str] = {}

    def add(self, server: Watched) -> None:
        """Look after a server from now on."""
        self._servers[server.account] = _Looked(server, disk_of(server.home))

    def remove(self, account: str) -> None:
        """Look after it no more."""
        self._servers.pop(account, None)

    def use(self, account: str) -> Use | None:
        """What the account took at the last look."""
        looked = self._servers.get(account)
        return looked.use if looked else None

    async def run(self, report: Callable[[str], None]) -> None:
        """Look until cancelled; `report` gets a line for everybody who is stopped, or could not be looked at."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for account, looked in list(self._servers.items()):
                try:
                    reason = await asyncio.to_thread(looked.reason_to_stop, self._limits)
                    if reason is not None and account in self._servers:
                        self.notices[account] = reason
                        report(f"{account}: {reason}")
                        self.remove(account)
                        await looked.server.end()
                # One attendee's trouble is no reason to leave the others without a watch.
                except Exception as error:
                    report(f"{account} could not be looked at: {error!r}")


class _Looked:
    """One server, and what was seen of it."""

    def __init__(self, server: Watched, disk: int) -> None:
        self.server = server
        self._disk_at_start = disk
        self._files_seen = time.monotonic()
        self.use = Use(0, 0, disk)

    def reason_to_stop(self, limits: Limits) -> str | None:
        """A sentence for the attendee, or `None` while everything is within the limits."""
        self._look()
        if self.use.memory > limits.memory:
            return _sentence("your programs together took", self.use.memory, "of memory", limits.memory)
        if self.use.processes > limits.processes:
            return (
                f"Your programs together were {self.use.processes} processes, and {limits.processes} are allowed. "
                "Your files are as they were."
            )
        if self.use.disk > max(limits.disk, self._disk_at_start + _ROOM_TO_TIDY):
            return _sentence("your folder took", self.use.disk, "of disk", limits.disk) + " Delete what is large."
        return None

    def _look(self) -> None:
        memory = count = 0
        for process in self.server.processes():
            with contextlib.suppress(psutil.Error):
                info = process.memory_info()
                memory += info.rss - info.shared
                count += 1
        disk = self.use.disk
        if time.monotonic() - self._files_seen >= LOOK_AT_FILES_EVERY:
            disk = disk_of(self.server.home)
            self._files_seen = time.monotonic()
        self.use = Use(memory, count, disk)


def disk_of(folder: Path) -> int:
    """The bytes that the files below take; what changes meanwhile is counted as it is met."""
    found = 0
    unseen = [os.fspath(folder)]
    while unseen:
        with contextlib.suppress(OSError), os.scandir(unseen.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    found += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        unseen.append(entry.path)
    return found


def _sentence(who_took: str, taken: int, of_what: str, allowed: int) -> str:
    return (
        f"{who_took[0].upper()}{who_took[1:]} {taken / MIB:,.0f} MiB {of_what}, and {allowed / MIB:,.0f} MiB are "
        "allowed. Your files are as they were."
    )
