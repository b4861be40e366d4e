"""An attendee's server under a system account of its own, in a view of the machine without the others."""

from __future__ import annotations

import asyncio
import os
import pwd
from pathlib import Path
from typing import Final

import msgspec
import psutil

from labkit import resources
from labkit.hub.accounts import system_account
from labkit.hub.attendee import Order
from labkit.hub.enclosure import enclosed
from labkit.hub.spawner import AttendeeSpawner

_LISTENING: Final = "0A"


class IsolatedSpawner(AttendeeSpawner):
    """Needs root. An attendee reads neither another's files nor the hub's, nor sees their processes."""

    _entry: pwd.struct_passwd | None = None
    # One at a time: the list of accounts is locked while one is added.
    _adding = asyncio.Lock()

    async def prepare(self) -> None:
        """Make the account and its folder."""
        async with self._adding:
            self._entry = await asyncio.to_thread(system_account, self.account, self.home)
        self.home.mkdir(mode=0o700, exist_ok=True)
        os.chown(self.home, self._entry.pw_uid, self._entry.pw_gid)
        self.cmd = self.command()

    def command(self) -> list[str]:
        """The server, enclosed."""
        return enclosed(super().command(), uid=self._system().pw_uid, own=self.home)

    def own_environment(self) -> dict[str, str]:
        """A cache of one's own, and folders with names short enough for sockets."""
        return {
            "USER": self._system().pw_name,
            "LABKIT_CACHE": str(self.home / ".cache" / "labkit"),
            "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # in there /tmp is the attendee's own
        }

    def order(self) -> Order:
        """With the cache to read from."""
        cache = str(resources.cache_dir().absolute())
        return msgspec.structs.replace(super().order(), own_account=True, cache=cache)

    def processes(self) -> list[psutil.Process]:
        """Whatever runs under the account, and what holds its view of the machine."""
        uid = self._system().pw_uid
        found = [process for process in psutil.process_iter() if _owner(process) == uid]
        return [*super().processes()[:1], *found]

    def server_process(self) -> psutil.Process | None:
        """The first that runs under the account."""
        uid = self._system().pw_uid
        return next((process for process in AttendeeSpawner.processes(self) if _owner(process) == uid), None)

    async def listens(self, port: int) -> bool:
        """Whether the attendee's account listens there, and not another that was quicker to take the port."""
        return _listener(port) == self._system().pw_uid

    def strays(self) -> list[psutil.Process]:
        """None: everything ends with the view it is in."""
        return []

    def _system(self) -> pwd.struct_passwd:
        if self._entry is None:
            self._entry = system_account(self.account, self.home)
        return self._entry


def _owner(process: psutil.Process) -> int | None:
    try:
        return int(process.uids().real)
    except psutil.Error:
        return None


def _listener(port: int) -> int | None:
    """The number of the account that listens on this port of 127.0.0.1, from the kernel's own list."""
    here = f"0100007F:{port:04X}"
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        _number, local, _remote, state, _queues, _timer, _retransmits, uid, *_rest = line.split()
        if local == here and state == _LISTENING:
            return int(uid)
    return None
