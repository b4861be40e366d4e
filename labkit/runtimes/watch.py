"""Waiting for a child that may crash, hang, swell, babble or leave others behind, so that nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec
import psutil

from labkit.runtimes.launch import MARK, Child, Launch, Order

KEPT = 64 * 1024
"""How many bytes of each output stream are kept, the last ones."""

_PERIOD = 0.05

Hear = Callable[[int, bytes], None]


class ChildLimits(msgspec.Struct, frozen=True):
    """What one child may use: `seconds` of wall time, `memory` in bytes resident, and bytes of `output`.

    The output limit holds for what it prints and for the files it writes in its folder, each; for what it reports
    about its steps the limit is 64 times as high.
    """

    seconds: float = 60.0
    memory: int = 2**31
    output: int = 2**20


@dataclass(frozen=True)
class Ending:
    """How a child ended: its status as `subprocess` gives it, why it was stopped (None: it ended by itself)."""

    status: int
    stderr: str
    late: bool = False
    stopped: str | None = None


def watch(
    launch: Launch,
    job: IO[bytes],
    folder: Path,
    limits: ChildLimits,
    receive: Callable[[bytes], None],
    *,
    hear: Hear | None = None,
    stop: threading.Event | None = None,
    silence: float | None = None,
) -> Ending:
    """Launch a child and wait for its end; nothing it started is left when this returns or raises.

    `job` is its standard input, `folder` where it works, `receive` gets what it reports, and `hear`, if given,
    what it prints: the stream's number, 1 or 2, and the bytes as they come. Once another thread sets `stop`, the
    child is ended, and so is one that has begun to report and then reports nothing for `silence` seconds. Raises
    what `launch` raises.
    """
    mark = secrets.token_hex(16)
    child = launch(Order(job, folder, mark))
    try:
        return _Watch(child, folder, limits, receive, hear, stop, silence).until_it_ends()
    finally:
        kill_all(child.pid, mark)
        child.close()


class _Watch:
    def __init__(
        self,
        child: Child,
        folder: Path,
        limits: ChildLimits,
        receive: Callable[[bytes], None],
        hear: Hear | None,
        stop: threading.Event | None,
        silence: float | None,
    ) -> None:
        self._child = child
        self._stop = stop
        self._silence = silence
        # Starting may take a while on a busy machine; the limit for all of it holds for that too.
        self._spoke: float | None = None
        self._folder = folder
        self._limits = limits
        self._receive = receive
        self._hear = hear or (lambda _stream, _data: None)
        self._deadline = time.monotonic() + limits.seconds
        self._tail = b""
        self._printed = 0
        self._reported = 0
        self._selector = selectors.DefaultSelector()
        for stream, take in (
            (child.stdout, self._take_stdout),
            (child.stderr, self._take_stderr),
            (child.records, self._take_records),
        ):
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, take)

    def _take_stdout(self, data: bytes) -> None:
        self._printed += len(data)
        self._hear(1, data)

    def _take_stderr(self, data: bytes) -> None:
        self._printed += len(data)
        self._hear(2, data)
        self._tail = (self._tail + data)[-KEPT:]

    def _take_records(self, data: bytes) -> None:
        self._reported += len(data)
        self._spoke = time.monotonic()
        self._receive(data)

    def until_it_ends(self) -> Ending:
        next_look = time.monotonic() + _PERIOD
        with self._selector:
            # Whoever the child leaves behind may hold the pipes open, so it is the child's own end that counts.
            while (status := self._child.poll()) is None:
                self._read(_PERIOD)
                late = time.monotonic() > self._deadline
                stopped = self._excess(look=time.monotonic() > next_look)
                if late:
                    stopped = f"the child ran longer than its limit of {self._limits.seconds:g} s"
                if self._is_silent():
                    stopped = f"the child reported nothing for {self._silence:g} s"
                if self._stop is not None and self._stop.is_set():
                    stopped = "the run was stopped"
                if stopped is not None:
                    return Ending(0, self._stderr(), late=late, stopped=stopped)
                if time.monotonic() > next_look:
                    next_look = time.monotonic() + _PERIOD
            while self._read(0) and self._excess(look=False) is None:
                pass
        return Ending(status, self._stderr())

    def _is_silent(self) -> bool:
        if self._silence is None or self._spoke is None:
            return False
        return time.monotonic() > self._spoke + self._silence

    def _stderr(self) -> str:
        return self._tail.decode("utf-8", "replace")

    def _read(self, timeout: float) -> bool:
        """Take what is there; whether something was."""
        if not self._selector.get_map():
            # Nothing more will be said; the end of the child alone is waited for.
            self._child.wait(timeout)
            return False
        took = False
        for key, _ in self._selector.select(timeout):
            data = os.read(key.fd, KEPT)
            if data:
                took = True
                key.data(data)
            else:
                self._selector.unregister(key.fileobj)
        return took

    def _excess(self, *, look: bool) -> str | None:
        """Which limit the child is beyond, in words; `look` at its memory and files too."""
        limits = self._limits
        if self._printed > limits.output:
            return f"the child printed more than {_size(limits.output)}"
        if self._reported > 64 * limits.output:
            return f"the child reported more than {_size(64 * limits.output)} about its steps"
        if not look:
            return None
        with contextlib.suppress(psutil.Error):
            if psutil.Process(self._child.pid).memory_info().rss > limits.memory:
                return f"the child used more than {_size(limits.memory)} of memory"
        if _bytes_in(self._folder) > limits.output:
            return f"the child wrote more than {_size(limits.output)} into files"
        return None


def _bytes_in(folder: Path) -> int:
    # The child goes on making and deleting files meanwhile; unlike Path.rglob, os.walk does not mind.
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(parent, name).lstat().st_size
    return total


def _size(size: int) -> str:
    return f"{size / 2**20:g} MiB" if size >= 2**20 else f"{size / 2**10:g} KiB"


def kill_all(leader: int, mark: str) -> None:
    """Kill a child's session, and whoever left it but still carries the child's mark."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    # Again until nobody is found: one that is about to fork can do so between the look and the kill.
    while sum(_kill_marked(pid, mark) for pid in psutil.pids()):
        time.sleep(0.01)


def _kill_marked(pid: int, mark: str) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        if mark in _environment_of(pid):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def _environment_of(pid: int) -> str:
    """A process's environment in one piece, empty for one that has ended.

    psutil would take ten times as long to split it up, and every child waits for this.
    """
    if sys.platform == "linux":
        return Path(f"/proc/{pid}/environ").read_bytes().decode("utf-8", "replace")
    process = psutil.Process(pid)
    return "" if process.status() == psutil.STATUS_ZOMBIE else str(process.environ().get(MARK))
