"""Making a core module smaller with `wasm-tools shrink`, which asks after each change whether the rest will do.

It asks by running a program with the name of a file; that program passes the question on through a socket and
ends with our answer. The tool itself runs apart, and is ended with everything it started.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from labkit.errors import ToolchainError

ATTEMPTS: Final = 200
"""Changes in a row that lead nowhere, after which a module counts as small."""

_PERIOD: Final = 0.1

# Python's own start is most of what a question takes, so it does without everything it can do without.
_ASKING: Final = """import socket, sys
with socket.socket(socket.AF_UNIX) as there:
    there.connect(sys.argv[1])
    there.sendall(sys.argv[2].encode() + b"\\n")
    sys.exit(0 if there.recv(1) == b"y" else 1)
"""


def shrink_module(
    tool: Path, wasm: bytes, keeps: Callable[[bytes], bool], on_smaller: Callable[[bytes], None], *, until: float
) -> None:
    """Have `tool` change the module as long as it stays what `keeps` says it has to be.

    `on_smaller` gets each module that is smaller than all before it. It ends when the tool knows nothing smaller,
    or when the monotonic clock reaches `until`. Raises `ToolchainError` where the tool fails, and what `keeps`
    raises; nothing of the tool is left then.
    """
    smallest = len(wasm)
    with tempfile.TemporaryDirectory(prefix="labkit-") as name, socket.socket(socket.AF_UNIX) as server:
        folder = Path(name)
        server.bind(str(folder / "ask"))
        server.listen()
        server.settimeout(_PERIOD)
        with _running(_command(tool, wasm, folder), folder) as process:
            while process.poll() is None:
                if time.monotonic() > until:
                    return
                with contextlib.suppress(TimeoutError):
                    connection, _ = server.accept()
                    with connection:
                        found = _asked(connection)
                        kept = found is not None and keeps(found)
                        _answer(connection, kept)
                    if found is not None and kept and len(found) < smallest:
                        smallest = len(found)
                        on_smaller(found)
        if process.returncode != 0:
            raise ToolchainError(f"wasm-tools shrink failed: {_first_line(folder / 'log')}")


def _command(tool: Path, wasm: bytes, folder: Path) -> list[str]:
    module, asking, predicate = folder / "module.wasm", folder / "asking.py", folder / "predicate"
    module.write_bytes(wasm)
    asking.write_text(_ASKING, "utf-8")
    words = [sys.executable, "-I", "-S", str(asking), str(folder / "ask")]
    predicate.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$1"\n', "utf-8")
    predicate.chmod(0o700)
    there = ["--output", str(folder / "small.wasm"), "--attempts", str(ATTEMPTS), "--allow-empty"]
    return [str(tool), "shrink", *there, str(predicate), str(module)]


@contextlib.contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        try:
            process = subprocess.Popen(
                command,
                # It leaves its candidates behind where it is told to put what is temporary.
                env=dict(os.environ) | {"TMPDIR": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        except OSError as error:
            raise ToolchainError(f"{command[0]} cannot be started: {error.strerror}.") from None
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _asked(connection: socket.socket) -> bytes | None:
    """The module in question; None if there is none any more."""
    connection.settimeout(None)
    with connection.makefile("rb") as lines:
        name = lines.readline().decode().rstrip("\n")
    try:
        return Path(name).read_bytes()
    except OSError:
        return None


def _answer(connection: socket.socket, kept: bool) -> None:
    with contextlib.suppress(OSError):
        connection.sendall(b"y" if kept else b"n")


def _first_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return lines[0] if lines else "it says nothing."
