"""What is really tried for a room: a JupyterLab that answers, a browser that draws, a kernel that traps."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from labkit import resources
from labkit.diagnosis import BROWSERS, Check

LIMIT: Final = 30.0
"""Seconds that each of these may take."""

_FIRST: Final = "00-start-here"
_TRAPPED_IN: Final = "call-too-large"
_PAGE: Final = "data:text/html,<p id=lab></p><script>document.getElementById('lab').textContent=6*7</script>"


def jupyterlab(limit: float = LIMIT, python: str = sys.executable) -> Check:
    """Start `labkit lab` with this `python` in a folder of its own, wait for its answer, and end it."""
    name, token = "JupyterLab answers", secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as home:
        port = _free_port()
        own = {"JUPYTER_TOKEN": token, "JUPYTER_RUNTIME_DIR": str(Path(home, "runtime"))}
        began = time.monotonic()
        server = subprocess.Popen(
            [python, "-m", "labkit", "lab", "--no-browser", "--port", str(port), "--folder", "notebooks"],
            cwd=home,
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            answered = _answers(server, f"http://127.0.0.1:{port}/lab?token={token}", began + limit)
        finally:
            _end(server)
    seconds = time.monotonic() - began
    if answered:
        return Check(name, "ok", f"on 127.0.0.1, after {seconds:.1f} s, and has ended again")
    advice = "Start `labkit lab --no-browser` and read what it says; a firewall may forbid listening."
    return Check(name, "problem", f"no answer within {seconds:.0f} s", advice)


def _answers(server: subprocess.Popen[bytes], address: str, until: float) -> bool:
    while server.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            # Nothing tells when a port opens, so it is asked.
            time.sleep(0.1)
    return False


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def browser(limit: float = LIMIT) -> Check:
    """Have the browser draw a page without a window, where it is one that can."""
    found = next(((name, path) for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        advice = "Any browser will do: open the address that `labkit lab` prints."
        return Check("browser", "optional", "none on PATH", advice)
    name, path = found
    if name == "firefox":
        return Check("browser", "ok", f"{name}, not tried")
    with tempfile.TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as home:
        flags = ["--headless=new", "--disable-gpu", "--no-first-run", f"--user-data-dir={home}", "--dump-dom"]
        # As root, which is usual in containers, Chromium has no sandbox to offer.
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        try:
            done = subprocess.run(
                [path, *flags, *root, _PAGE], capture_output=True, timeout=limit, check=False, text=True
            )
        except (OSError, subprocess.TimeoutExpired):
            done = None
    if done is not None and ">42<" in done.stdout:
        return Check("browser", "ok", f"{name} draws a page and runs its script")
    advice = "Open the address that `labkit lab` prints in another browser, and see whether a notebook runs."
    return Check("browser", "optional", f"{name} draws nothing without a window", advice)


def first_trap(limit: float = LIMIT) -> Check:
    """Run the first cells of the start page in a fresh kernel, as far as the trap; with prebuilt guests."""
    # nbclient comes with it.
    from labkit.handouts.books import read_book
    from labkit.handouts.running import run

    book = read_book(resources.notebooks_dir() / f"{_FIRST}.ipynb", "clean")
    last = next(i for i, cell in enumerate(book.cells) if cell.id == _TRAPPED_IN)
    book.cells = book.cells[: last + 1]
    ran = run(book, _FIRST, limit, environment={"LABKIT_TOOLCHAIN": "none"})
    if ran.problem is None:
        told = f"fresh kernel, guest and trap in {ran.seconds:.1f} s"
        return Check("time to first trap", "ok", told)
    return Check("time to first trap", "problem", ran.problem, "`labkit doctor` says what is missing.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
