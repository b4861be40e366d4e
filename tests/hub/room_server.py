"""A real `labkit hub` for the tests: its own folder and port, ended as an instructor ends it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

_ENVIRONMENT = dict(os.environ)
_UP_WITHIN = 90.0
_DOWN_WITHIN = 60.0


class RoomServer:
    """A room with its files in `folder`; a context manager. `said` is what the instructor's terminal shows."""

    def __init__(self, folder: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.port = _free_port()
        self.options = options
        self._environment = environment or {}
        self._terminal = folder.with_name(f"{folder.name}.terminal")

    @property
    def address(self) -> str:
        """Where the room is, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """All that was printed."""
        return self._terminal.read_text("utf-8", "replace")

    @property
    def pid(self) -> int:
        """The process of the hub."""
        return self._process.pid

    def told(self, about: str) -> str:
        """The word that follows `about` on the page."""
        found = re.search(rf"^{about}\s+(\S+)", self.said, re.MULTILINE)
        assert found is not None, self.said
        return found[1]

    @property
    def password(self) -> str:
        """The room's password, as printed."""
        return self.told("password")

    @property
    def instructors_password(self) -> str:
        """The instructor's, as printed."""
        return self.told(r"you\s+instructor, with").rstrip(";")

    @property
    def log(self) -> str:
        """What JupyterHub wrote."""
        return (self.folder / "hub.log").read_text("utf-8", "replace")

    def __enter__(self) -> RoomServer:
        command = [sys.executable, "-m", "labkit", "hub", "--port", str(self.port), "--folder", str(self.folder)]
        with self._terminal.open("wb") as terminal:
            self._process = subprocess.Popen(
                [*command, *self.options],
                env=_ENVIRONMENT | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + _UP_WITHIN
        # The page's last line.
        while not re.search(r"^end\s+Ctrl-C", self.said, re.MULTILINE):
            if self._process.poll() is not None or time.monotonic() > until:
                self.end()
                raise AssertionError(f"The room did not open:\n{self.said}")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> int:
        """End it as Ctrl-C does; returns its status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(_DOWN_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"The room did not close:\n{self.log[-3000:]}") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
