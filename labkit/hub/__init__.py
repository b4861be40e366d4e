"""A room for a workshop: a real JupyterHub on one machine, with a copy of the notebooks for each attendee.

The only room of the package that knows JupyterHub, which is the extra `hub`. `Room` is the plan, `open_room`
carries it out.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

from labkit.errors import LabkitError
from labkit.hub.capacity import Capacity, capacity
from labkit.hub.names import read_names
from labkit.hub.passwords import Passwords, keep_passwords
from labkit.hub.proxy import find_proxy, get_proxy
from labkit.hub.room import INSTRUCTOR, MIB, Limits, Room

__all__ = [
    "INSTRUCTOR",
    "MIB",
    "Capacity",
    "Limits",
    "Passwords",
    "Room",
    "capacity",
    "check_room",
    "find_proxy",
    "get_proxy",
    "keep_passwords",
    "open_room",
    "prepare_room",
    "read_names",
    "read_password",
]


def check_room(room: Room, *, as_root: bool = False) -> None:
    """Raise `LabkitError` with what to do where the room cannot be opened.

    `as_root`: attendees may have a room that isolates nobody although it is root's.
    """
    if not sys.platform.startswith("linux") and room.isolate:
        raise LabkitError("--isolate needs Linux; a virtual machine or a container with it will do.")
    for package in ("jupyterhub", "jupyterhub_idle_culler"):
        if importlib.util.find_spec(package) is None:
            raise LabkitError("A room needs JupyterHub: pip install 'labkit[hub]' into this environment.")
    if room.isolate:
        from labkit.hub.enclosure import check_enclosing

        if os.geteuid() != 0:
            raise LabkitError("--isolate makes system accounts, which only root can: run it with sudo.")
        check_enclosing()
    elif os.geteuid() == 0 and not as_root:
        raise LabkitError(
            "You are root, and without --isolate so would be every attendee: add --isolate, run it as another "
            "user, or say --allow-root where the machine is of no worth, such as a container."
        )


def prepare_room(room: Room, password: str | None = None) -> Passwords:
    """Make the room's folders and its passwords; raises `LabkitError` where that cannot be done."""
    try:
        room.make_folders()
        return keep_passwords(room.private, password)
    except OSError as error:
        raise LabkitError(f"{room.folder} cannot be used: {error.strerror}; name another with --folder.") from None


def open_room(
    room: Room,
    passwords: Passwords,
    proxy: list[str],
    on_ready: Callable[[], None],
    on_end: Callable[[int], None],
) -> None:
    """Open the room, call `on_ready`, and return when it has been closed by Ctrl-C or SIGTERM.

    `on_end` hears when closing begins, and how many attendees' servers there are to stop. Everything that was
    started is gone when it returns. Raises `LabkitError` when it could not be opened.
    """
    from labkit.hub.running import run_room

    run_room(room, passwords, proxy, on_ready, on_end)


def read_password(path: Path) -> str:
    """The first line of a file, which is no place that other people on this machine see, as arguments are."""
    from labkit.files import read_file

    lines = read_file(path, 4096).decode("utf-8", "replace").splitlines()
    if not lines or not lines[0].strip():
        raise LabkitError(f"{path} holds no password in its first line.")
    return lines[0].strip()
