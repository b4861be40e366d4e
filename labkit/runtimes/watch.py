"""Running a command that may crash, hang, swell, babble or leave others behind, so that nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec
import psutil

KEPT = 64 * 1024
"""How many bytes of each output stream are kept, the last ones."""

_PERIOD = 0.05
_MARK = "LABKIT_CHILD"


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
    """How a command ended: its status as `subprocess` gives it, why it was stopped (None: it ended by itself)."""

    status: int
    stderr: str
    late: bool = False
    stopped: str | None = None


def watch(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    job: IO[bytes],
    channel: tuple[int, int],
    limits: ChildLimits,
    receive: Callable[[bytes], None],
    stop: threading.Event | None = None,
) -> Ending:
    """Run `command` in a session of its own; nothing it started is left when this returns or raises.

    `job` is its standard input. It gets the write end of `channel`, and `receive` gets what comes out at the other
    end. Both ends are closed here. Once another thread sets `stop`, the command is ended.
    """
    mark = secrets.token_hex(16)
    reader, writer = channel
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, _MARK: mark},
            stdin=job,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(writer,),
            start_new_session=True,
        )
    except BaseException:
        os.close(reader)
        raise
    finally:
        os.close(writer)
    with process, os.fdopen(reader, "rb", buffering=0) as records:
        try:
            return _Watch(process, records, folder, limits, receive, stop).until_it_ends()
        finally:
            _kill_all(process.pid, mark)


class _Watch:
    def __init__(
        self,
        process: subprocess.Popen[bytes],
        records: IO[bytes],
        folder: Path,
        limits: ChildLimits,
        receive: Callable[[bytes], None],
        stop: threading.Event | None,
    ) -> None:
        self._process = process
        self._stop = stop
        self._folder = folder
        self._limits = limits
        self._receive = receive
        self._deadline = time.monotonic() + limits.seconds
        self._tail = b""
        self._printed = 0
        self._reported = 0
        self._selector = selectors.DefaultSelector()
        assert process.stdout is not None
        assert process.stderr is not None
        for stream, take in (
            (process.stdout, self._take_stdout),
            (process.stderr, self._take_stderr),
            (records, self._take_records),
        ):
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, take)

    def _take_stdout(self, data: bytes) -> None:
        self._printed += len(data)

    def _take_stderr(self, data: bytes) -> None:
        self._printed += len(data)
        self._tail = (self._tail + data)[-KEPT:]

    def _take_records(self, data: bytes) -> None:
        self._reported += len(data)
        self._receive(data)

    def until_it_ends(self) -> Ending:
        next_look = time.monotonic() + _PERIOD
        with self._selector:
            # Whoever the child leaves behind may hold the pipes open, so it is the child's own end that counts.
            while self._process.poll() is None:
                self._read(_PERIOD)
                late = time.monotonic() > self._deadline
                stopped = self._excess(look=time.monotonic() > next_look)
                if late:
                    stopped = f"the child ran longer than its limit of {self._limits.seconds:g} s"
                if self._stop is not None and self._stop.is_set():
                    stopped = "the run was stopped"
                if stopped is not None:
                    return Ending(0, self._stderr(), late=late, stopped=stopped)
                if time.monotonic() > next_look:
                    next_look = time.monotonic() + _PERIOD
            while self._read(0) and self._excess(look=False) is None:
                pass
        return Ending(self._process.returncode, self._stderr())

    def _stderr(self) -> str:
        return self._tail.decode("utf-8", "replace")

    def _read(self, timeout: float) -> bool:
        """Take what is there; whether something was."""
        if not self._selector.get_map():
            # Nothing more will be said; the end of the child alone is waited for.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
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
            if psutil.Process(self._process.pid).memory_info().rss > limits.memory:
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


def _kill_all(leader: int, mark: str) -> None:
    """Kill the child's session, and whoever left it but still carries its mark."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    # Again until nobody is found: one that is about to fork can do so between the look and the kill.
    while sum(_kill_marked(process, mark) for process in psutil.process_iter()):
        time.sleep(0.01)


def _kill_marked(process: psutil.Process, mark: str) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        if process.environ().get(_MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
            process.kill()
            return True
    return False
