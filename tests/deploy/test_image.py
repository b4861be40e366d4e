"""What the image is made of, really made and run here: the wheel, and the command that a container starts with."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parents[2]
TOKEN = "in the container"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which labkit is the one of a wheel that was just built."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target", str(site)]
    subprocess.run([*pip, str(wheel)], check=True)
    # The commands of the wheel, and first of all, before the checkout's.
    path = os.pathsep.join([str(site / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {
        "PYTHONPATH": str(site),
        "PATH": path,
        "HOME": str(folder / "home"),
        "LABKIT_STATE": str(folder / "state"),
    }
    (folder / "home").mkdir()
    found = _run(os.environ | own, sys.executable, "-c", "import labkit; print(labkit.__file__)")
    assert found == f"{site / 'labkit' / '__init__.py'}\n"
    return os.environ | own


def _run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        command, env=environment, cwd=environment["HOME"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_carries_guests_and_notebooks(installed: dict[str, str]) -> None:
    prebuilt = len(list((ROOT / "guests" / "prebuilt").glob("*.wasm")))
    assert f"{prebuilt} guests, each with the digest it should have" in _run(installed, "labkit", "doctor")
    toured = _run(installed, "labkit", "tour", "1")
    assert "✖ trapped" in toured
    assert "Go on: labkit lab 01-poisoned-component" in toured
    assert "Copied 00-start-here.ipynb, " in _run(installed, "labkit", "new", "copy")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@pytest.fixture
def container(installed: dict[str, str], port: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The image's command for one person, in a home of its own."""
    environment = installed | {
        "HOME": str(tmp_path),
        "JUPYTER_TOKEN": TOKEN,
        "JUPYTER_CONFIG_PATH": str(ROOT / "deploy"),
    }
    environment.pop("JUPYTERHUB_API_TOKEN", None)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [ROOT / "deploy" / "start", f"--port={port}", "--allow-root"],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def _ask(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
        return bytes(answer.read())


def _health_check(port: int, tmp_path: Path) -> list[str]:
    """What the image asks, of this port."""
    parser = DockerfileParser(str(tmp_path))
    parser.content = (ROOT / "deploy" / "Containerfile").read_text()
    (check,) = [step["value"] for step in parser.structure if step["instruction"] == "HEALTHCHECK"]
    command = json.loads(check.partition("CMD ")[2])
    assert command[0] == "python"
    return [sys.executable, *(word.replace(":8888", f":{port}") for word in command[1:])]


def test_what_a_container_starts_with_answers(
    container: subprocess.Popen[bytes], port: int, tmp_path: Path
) -> None:
    check = _health_check(port, tmp_path)
    assert subprocess.run(check, capture_output=True, check=False).returncode == 1
    until = time.monotonic() + 60
    while True:
        try:
            _ask(port, "api")
            break
        except (urllib.error.URLError, OSError):
            assert container.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.2)
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    query = f"?token={TOKEN.replace(' ', '%20')}"
    settings = json.loads(_ask(port, f"lab/api/settings/@jupyterlab/apputils-extension:notification{query}"))
    assert settings["settings"] == {}
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"
    assert b"labkit" in _ask(port, f"lab/tree/labkit-notebooks/00-start-here.ipynb{query}")
    first = json.loads(_ask(port, f"api/contents/labkit-notebooks/00-start-here.ipynb{query}&content=0"))
    assert first["type"] == "notebook"
