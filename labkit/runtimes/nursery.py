"""Warm children: one prepared process per release, from which a child is forked in a few milliseconds."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import IO

import msgspec
import psutil

from labkit.runtimes.launch import MARK, Child, Launch, Order, PlainChild
from labkit.runtimes.serve import Request

_START = 20.0
"""Seconds a prepared process may take to its first answer, its own start included."""

_STUCK = 1.0
"""Seconds it may take later on: to fork a child, to tell of its end, to leave."""

_Key = tuple[tuple[str, ...], frozenset[tuple[str, str]]]


class LostError(Exception):
    """The prepared process is gone or does not answer, and how its child ended is not known."""


class LaunchError(LostError):
    """The same before the child had begun."""


class Nursery:
    """Owns the prepared processes; close it, or use it as a context manager. Safe to use from several threads.

    Whatever goes wrong with a prepared process, a plain child takes over, so it can only save time. In a copy of
    this process that somebody forked, and on systems other than Linux, there are plain children only.
    """

    def __init__(self) -> None:
        self._servers: dict[_Key, _Server] = {}
        self._useless: set[_Key] = set()
        self._lock = threading.Lock()
        self._home = os.getpid()
        self._closed = False
        self._finalizer = weakref.finalize(self, _close_all, self._servers, self._home)

    def launches(self, command: Sequence[str], environment: Mapping[str, str]) -> Sequence[Launch]:
        """Ways to start a child of `command`, to be tried in turn while they raise `LaunchError`.

        The command takes `once FD` or `serve FD` as further arguments.
        """

        def warm(order: Order) -> Child:
            return self._launch(command, environment, order)

        usable = sys.platform == "linux" and not self._closed and self._home == os.getpid()
        return (warm, plain(command, environment)) if usable else (plain(command, environment),)

    def _launch(self, command: Sequence[str], environment: Mapping[str, str], order: Order) -> Child:
        key = (tuple(command), frozenset(environment.items()))
        with self._lock:
            if self._closed or key in self._useless:
                raise LaunchError
            server = self._servers.get(key)
            if server is None:
                server = self._servers[key] = _Server(command, environment)
        try:
            child = server.launch(order)
        except BaseException as error:
            # An interrupt too: whether a child was forked is not known then, and none must stay.
            with self._lock:
                if self._servers.get(key) is server:
                    del self._servers[key]
                if isinstance(error, LaunchError) and not server.proven:
                    self._useless.add(key)
            server.close()
            raise
        server.proven = True
        return child

    def close(self) -> None:
        """End the prepared processes, and with them what still runs."""
        with self._lock:
            self._closed = True
        self._finalizer()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def plain(command: Sequence[str], environment: Mapping[str, str]) -> Launch:
    """The way without a prepared process."""
    return lambda order: PlainChild([*command, "once"], environment, order)


def _close_all(servers: dict[_Key, _Server], home: int) -> None:
    while servers and os.getpid() == home:
        _, server = servers.popitem()
        server.close()


class _Server:
    """One prepared process. `proven`: it has forked a child."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.proven = False
        # Messages keep their bounds, so threads need no lock to send.
        self._requests, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [*command, "serve", str(other.fileno())],
                cwd="/",
                env={**environment, MARK: "0" * 32},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(other.fileno(),),
                start_new_session=True,
            )

    def launch(self, order: Order) -> Child:
        """A child forked there. Raises `LaunchError` when none comes."""
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            readers, fds = [], [order.job.fileno()]
            for _ in range(4):
                reader, writer = os.pipe()
                theirs.callback(os.close, writer)
                readers.append(ours.enter_context(os.fdopen(reader, "rb", buffering=0)))
                fds.append(writer)
            request = Request(str(order.folder), order.mark)
            try:
                socket.send_fds(self._requests, [msgspec.json.encode(request)], fds)
                theirs.close()
                child = _WarmChild(*readers, patience=_STUCK if self.proven else _START)
            except (OSError, LostError):
                raise LaunchError from None
            ours.pop_all()
            return child

    def close(self) -> None:
        """End it, by force where it does not answer."""
        self._requests.close()
        try:
            self._process.wait(_STUCK)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _WarmChild:
    """A child forked by the prepared process, which alone learns of its end and reports it."""

    def __init__(
        self, stdout: IO[bytes], stderr: IO[bytes], records: IO[bytes], report: IO[bytes], *, patience: float
    ) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.records = records
        self._report = report
        self._said = b""
        self._ended: float | None = None
        self.pid = self._first_line(patience)

    def _first_line(self, patience: float) -> int:
        deadline = time.monotonic() + patience
        while b"\n" not in self._said:
            if time.monotonic() > deadline:
                raise LostError
            self._listen(0.1)
        return int(self._said.split(b"\n")[0])

    def _listen(self, seconds: float) -> None:
        # Not select.select, which knows the first 1024 descriptors only.
        waiting = select.poll()
        waiting.register(self._report, select.POLLIN)
        if waiting.poll(seconds * 1000):
            data = os.read(self._report.fileno(), 100)
            if not data:
                raise LostError
            self._said += data

    def poll(self) -> int | None:
        """Its status as `subprocess` gives it, None while it runs. Raises `LostError` if nobody will tell."""
        self.wait(0)
        if self._said.count(b"\n") == 2:
            return int(self._said.split(b"\n")[1])
        if not self._stays():
            self._ended = self._ended or time.monotonic()
            if time.monotonic() - self._ended > _STUCK:
                raise LostError
        return None

    def _stays(self) -> bool:
        try:
            return bool(psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False

    def wait(self, seconds: float) -> None:
        """Return when it has ended, or after `seconds`."""
        if self._said.count(b"\n") < 2:
            self._listen(seconds)

    def close(self) -> None:
        """Close its pipes."""
        for stream in (self.stdout, self.stderr, self.records, self._report):
            stream.close()
