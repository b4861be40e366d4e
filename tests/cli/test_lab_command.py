"""`labkit lab` really serves, says where, and ends when it is told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Labkit


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    process = subprocess.Popen(
        [sys.executable, "-m", "labkit", "lab", "01", "--no-browser"],
        cwd=tmp_path,
        env=os.environ | folders | {"LABKIT_STATE": str(tmp_path / "state")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _address(lab: subprocess.Popen[str]) -> tuple[str, str, str]:
    assert lab.stdout is not None
    said = ""
    for line in lab.stdout:
        said += line
        found = re.search(r"http://127\.0\.0\.1:(\d+)/lab/tree/(\S+)\?token=(\w+)", line)
        if found:
            return found[1], found[2], found[3]
    pytest.fail(f"no address in:\n{said}")


def test_serves_the_notebook_on_this_machine_only_until_ctrl_c(lab: subprocess.Popen[str], tmp_path: Path) -> None:
    port, notebook, token = _address(lab)
    assert notebook == "01-poisoned-component.ipynb"
    assert (tmp_path / "labkit-notebooks" / notebook).is_file()
    for path in ("api/status", f"api/contents/{notebook}"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}?token={token}", timeout=30) as answer:
            assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=30)
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for other in others - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((other, int(port)), timeout=5)
    lab.send_signal(signal.SIGINT)
    assert lab.wait(30) == 0


def test_an_unknown_notebook(labkit: Labkit) -> None:
    done = labkit("lab", "01-poisoned", "--no-browser")
    assert done.status == 2
    assert done.err.startswith(
        "labkit: There is no notebook named '01-poisoned'; did you mean 01-poisoned-component"
    )


def test_a_port_that_is_taken(labkit: Labkit, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = labkit("lab", "--no-browser", "--port", port)
    assert (done.status, done.out) == (2, "")
    assert done.err == f"labkit: Port {port} cannot be used (Address already in use); name another with --port.\n"
    # Nothing was made for a lab that could not start.
    assert not (tmp_path / "labkit-notebooks").exists()
