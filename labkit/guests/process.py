"""Running a compiler or an installer so that it neither hangs nor outlives us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from labkit.errors import ToolchainError

Say = Callable[[str], None]


def stream(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    say: Say,
    timeout: float,
    cwd: Path | None = None,
) -> int:
    """Run `command`, pass each line it prints to `say` as it comes, and return its exit status.

    Raises `ToolchainError` when it cannot be started or takes longer than `timeout` seconds. The process
    and all its children are gone when this returns or raises, also after an interrupt.
    """
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise ToolchainError(f"{name} cannot be started: {error.strerror}.") from None

    expired = threading.Event()

    def expire() -> None:
        expired.set()
        _kill_group(process)

    timer = threading.Timer(timeout, expire)
    timer.start()
    try:
        with process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    say(line.rstrip())
            except BaseException:
                _kill_group(process)
                raise
    finally:
        timer.cancel()
        timer.join()
    if expired.is_set():
        raise ToolchainError(f"{name} had not finished after {timeout:.0f} seconds and was stopped.")
    return process.returncode


def ask(command: Sequence[str], *, timeout: float = 10.0) -> str | None:
    """What a short `command` prints, or `None` when it fails, is missing or takes too long."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _kill_group(process: subprocess.Popen[str]) -> None:
    # The session that Popen started has the process's own id; cargo's rustc and linker belong to it.
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
