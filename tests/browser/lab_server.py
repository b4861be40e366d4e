"""A real `labkit lab` for the tests: its own settings and folders, its own port, ended by its process group."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

import nbformat

# As it was when the tests started; fixtures elsewhere point labkit to caches of their own.
_ENVIRONMENT = dict(os.environ)
_START_TIMEOUT = 90.0


class LabServer:
    """JupyterLab on a copy of the notebooks in `home`; a context manager. `log` is what it said."""

    def __init__(self, home: Path, *options: str) -> None:
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self.notebooks = home / "notebooks"
        self._home = home
        self._options = options

    @property
    def log(self) -> str:
        """Standard output and error so far."""
        return (self._home / "lab.log").read_text("utf-8", "replace")

    def address(self, notebook: str) -> str:
        """Where a notebook opens, in a workspace without a past."""
        return f"http://127.0.0.1:{self.port}/lab/tree/{notebook}?reset&token={self.token}"

    def write(self, notebook: str, cells: Mapping[str, str]) -> None:
        """A notebook of one's own: code cells by id."""
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        content = nbformat.v4.new_notebook(
            metadata={"kernelspec": kernel},
            cells=[nbformat.v4.new_code_cell(source, id=name) for name, source in cells.items()],
        )
        nbformat.write(content, self.notebooks / notebook)

    def status(self) -> dict[str, object]:
        """The server's answer to `/api/status`; raises `OSError` while it gives none."""
        address = f"http://127.0.0.1:{self.port}/api/status?token={self.token}"
        with urllib.request.urlopen(address, timeout=5) as answer:
            found = json.load(answer)
        assert isinstance(found, dict)
        return found

    def __enter__(self) -> LabServer:
        config = self._home / "config"
        config.mkdir(parents=True)
        # Gives the tests window.jupyterapp, to wait for what no selector shows.
        (config / "jupyter_lab_config.py").write_text("c.LabApp.expose_app_in_browser = True\n")
        command = [sys.executable, "-m", "labkit", "lab", "--no-browser", "--port", str(self.port)]
        with self._open_log() as log:
            self._process = subprocess.Popen(
                [*command, "--folder", str(self.notebooks), *self._options],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, so that the kernels can be ended with it.
                start_new_session=True,
            )
        try:
            self._wait_until_up()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _open_log(self) -> IO[bytes]:
        return (self._home / "lab.log").open("wb")

    def _environment(self) -> dict[str, str]:
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
            "LABKIT_STATE": "state",
        }
        own = {name: str(self._home / folder) for name, folder in folders.items()}
        return _ENVIRONMENT | own | {"JUPYTER_TOKEN": self.token}

    def _wait_until_up(self) -> None:
        until = time.monotonic() + _START_TIMEOUT
        while True:
            try:
                self.status()
                return
            except (OSError, urllib.error.URLError):
                if self._process.poll() is not None or time.monotonic() > until:
                    raise AssertionError(f"JupyterLab did not come up:\n{self.log[-3000:]}") from None
                # Nothing tells when a port opens, so it is asked.
                time.sleep(0.05)

    def _end(self) -> None:
        # SIGTERM is what a user's `kill` sends: the server then ends its kernels itself.
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
