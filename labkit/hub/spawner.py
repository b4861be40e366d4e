"""An attendee's server as a process on this machine: started when its turn comes, looked after, stopped whole."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, Final

import msgspec
import psutil
from jupyterhub.spawner import LocalProcessSpawner
from tornado.web import HTTPError

from labkit import resources
from labkit.guests.installs import rustup_home
from labkit.hub.attendee import LOG, ORDER, Order
from labkit.hub.pacing import Queue
from labkit.hub.room import Room
from labkit.hub.watch import Watch

_UP_WITHIN: Final = 120.0
_ASK_EVERY: Final = 0.1
# A kernel in the middle of something is given five seconds by its server.
_DOWN_WITHIN: Final = 10.0


class AttendeeSpawner(LocalProcessSpawner):
    """Every attendee is a process of the hub's own user, with folders of its own: order, and no isolation."""

    room: Room
    queue: Queue
    watch: Watch
    environment_of_all: dict[str, str]

    @property
    def account(self) -> str:
        """The attendee's account in the hub."""
        return str(self.user.name)

    @property
    def home(self) -> Path:
        """The folder that everything of the attendee's is in."""
        return self.room.home(self.account)

    async def start(self) -> tuple[str, int]:
        """Wait for the turn, start the server and wait until it answers."""
        async with self.queue.turn(self.account):
            await self.prepare()
            with self.room.log.open("ab") as log:
                # Until the server has a log of its own, this one hears why it does not start.
                self.popen_kwargs = {"cwd": self.home, "stdin": DEVNULL, "stdout": log, "stderr": log}
                where: tuple[str, int] = await super().start()
            await self._until_up(where[1])
        self.watch.add(self)
        return where

    async def stop(self, now: bool = False) -> None:
        """Stop the server and everything that was started from it; files that are being written are finished."""
        self.watch.remove(self.account)
        if not now and (server := self.server_process()) is not None:
            server.send_signal(signal.SIGTERM)
            await self.wait_for_death(_DOWN_WITHIN)
        await self._kill_all()

    async def end(self) -> None:
        """Stop all of it now, and let the hub know."""
        await self._kill_all()
        await self.poll_and_notify()

    async def progress(self) -> AsyncIterator[dict[str, object]]:
        """What the page says that an attendee waits at."""
        told: object = ()
        while True:
            before = self.queue.before(self.account)
            if before != told:
                yield {"progress": 60 if before is None else 20, "message": _waiting_for(before)}
                told = before
            await asyncio.sleep(_ASK_EVERY)

    def get_args(self) -> list[str]:
        """None: what the server has to know is in its environment, which only its own account can read."""
        return []

    def make_preexec_fn(self, _name: str) -> Any:
        """Nothing to do between fork and exec."""
        return None

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """The attendee's own folders, in place of those of whoever started the hub."""
        path = os.pathsep.join([sysconfig.get_path("scripts"), env.get("PATH", os.defpath)])
        own = {"HOME": str(self.home), "USER": self.account, "SHELL": "/bin/bash", "PATH": path}
        # A compiler that the instructor has is everybody's.
        own["RUSTUP_HOME"] = str(rustup_home().absolute())
        return {**env, **own, **self.environment_of_all, **self.own_environment(), ORDER: self._order()}

    async def prepare(self) -> None:
        """Make what has to be there before the server starts."""
        (self.home / "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.cmd = self.command()

    def command(self) -> list[str]:
        """What starts the server."""
        return [sys.executable, "-m", "labkit.hub.attendee"]

    def own_environment(self) -> dict[str, str]:
        """What is in the environment beside what all kinds of rooms have."""
        return {"LABKIT_CACHE": str(resources.cache_dir().absolute()), "TMPDIR": str(self.home / "tmp")}

    def order(self) -> Order:
        """What the server is told."""
        return Order(self.room.limits, notice=self.watch.notices.pop(self.account, None))

    def processes(self) -> list[psutil.Process]:
        """The server and all that was started from it."""
        if not self.pid:
            return []
        try:
            server = psutil.Process(self.pid)
            return [server, *server.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def server_process(self) -> psutil.Process | None:
        """The process that ends the server in good order when it is told to."""
        return next(iter(self.processes()), None)

    async def listens(self, port: int) -> bool:
        """Whether the server listens there."""
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    def strays(self) -> list[psutil.Process]:
        """What was started from the server and has outlived whoever started it."""
        mark = ("JUPYTERHUB_SERVICE_PREFIX", self.server.base_url if self.server else None)
        return [process for process in psutil.process_iter() if _environment(process).get(mark[0]) == mark[1]]

    def _order(self) -> str:
        return msgspec.json.encode(self.order()).decode()

    async def _until_up(self, port: int) -> None:
        until = asyncio.get_running_loop().time() + _UP_WITHIN
        while not await self.listens(port):
            status = await self.poll()
            if status is not None or asyncio.get_running_loop().time() > until:
                why = "did not answer" if status is None else f"ended with status {status}"
                raise HTTPError(500, f"Your server {why}; the instructor finds the reason in {self.home / LOG}.")
            await asyncio.sleep(_ASK_EVERY)

    async def _kill_all(self) -> None:
        doomed = self.processes() + await asyncio.to_thread(self.strays)
        for process in doomed:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        if self.pid:
            await self.wait_for_death(self.kill_timeout)


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        found: dict[str, str] = process.environ()
    except (psutil.Error, OSError):
        return {}
    return found


def _waiting_for(before: int | None) -> str:
    if before is None:
        return "Your lab is starting."
    if before == 0:
        return "You are next."
    return f"Labs start a few at a time; {before} {'is' if before == 1 else 'are'} before you."
