"""Starting a child: what it is given, what is known of it, and the plain way, a fresh interpreter."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

MARK = "LABKIT_CHILD"
"""The environment variable that every process of one child has in common."""

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Order:
    """What a child is given: its standard input, the folder it works in, its mark (32 hexadecimal digits)."""

    job: IO[bytes]
    folder: Path
    mark: str


class Child(Protocol):
    """A process that leads a session of its own, and the ends of its pipes."""

    pid: int
    stdout: IO[bytes]
    stderr: IO[bytes]
    records: IO[bytes]

    def poll(self) -> int | None:
        """Its status as `subprocess` gives it, None while it runs."""

    def wait(self, seconds: float) -> None:
        """Return when it has ended, or after `seconds`."""

    def close(self) -> None:
        """Give back what is kept for it, once it has been killed."""


Launch = Callable[[Order], Child]


class PlainChild:
    """A fresh interpreter; `command` gets the number of the descriptor for its records as its last argument."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], order: Order) -> None:
        reader, writer = os.pipe()
        try:
            self._process = subprocess.Popen(
                [*command, str(writer)],
                cwd=order.folder,
                env={**environment, "TMPDIR": str(order.folder), MARK: order.mark},
                stdin=order.job,
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
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.pid = self._process.pid
        self.stdout: IO[bytes] = self._process.stdout
        self.stderr: IO[bytes] = self._process.stderr
        self.records: IO[bytes] = os.fdopen(reader, "rb", buffering=0)

    def poll(self) -> int | None:
        """Its status as `subprocess` gives it, None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> None:
        """Return when it has ended, or after `seconds`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def close(self) -> None:
        """Close its pipes and take note of its end."""
        self.records.close()
        with self._process:
            pass


def die_with_parent() -> None:
    """Let this process be killed when its parent ends, however that ends (on Linux; nothing elsewhere)."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
