"""One room of each kind for all tests of the hub."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The helpers beside this file, by their own names.
sys.path.insert(0, str(Path(__file__).parent))

from room_server import RoomServer

from labkit.hub.accounts import PREFIX


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoomServer]:
    """A room of people who trust each other, with little for each."""
    folder = tmp_path_factory.mktemp("trusted") / "room"
    as_root = ["--allow-root"] if os.geteuid() == 0 else []
    with RoomServer(folder, "--attendees", "4", "--memory", "768", "--disk", "96", *as_root) as server:
        yield server


@pytest.fixture(scope="module")
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoomServer]:
    """A room of strangers."""
    if os.geteuid() != 0:
        pytest.skip("system accounts take root")
    folder = tmp_path_factory.mktemp("isolated") / "room"
    before = _accounts()
    with RoomServer(folder, "--attendees", "3", "--isolate", "--processes", "200") as server:
        yield server
    for account in _accounts() - before:
        subprocess.run(["userdel", account], check=True, capture_output=True)


def _accounts() -> set[str]:
    return {entry.pw_name for entry in pwd.getpwall() if entry.pw_name.startswith(PREFIX)}
