"""What `labkit hub` needs of a machine, looked at without opening a room."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from typing import Final

from labkit.diagnosis import Check
from labkit.errors import LabkitError
from labkit.hub import Room, check_room, find_proxy

PORT: Final = 8000
"""Where a room is, unless told otherwise."""

_PACKAGES: Final = ("jupyterhub", "jupyterhub_idle_culler")
_FOR_STRANGERS: Final = "Without it attendees run code as you: for people to whom you would lend this computer"


def port(number: int = PORT) -> Check:
    """Whether a room could listen there, at every address of this machine."""
    name = f"port {number}"
    with socket.socket() as probe:
        # As servers do: a port whose last connection is still winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", number))
        except OSError as error:
            advice = f"A room may be open already; otherwise open it at another: `labkit hub --port {number + 1}`"
            return Check(name, "problem", f"cannot be used ({error.strerror})", advice)
    return Check(name, "ok", "is free, for the room")


def server() -> list[Check]:
    """Whether JupyterHub and its proxy are here."""
    absent = [package for package in _PACKAGES if importlib.util.find_spec(package) is None]
    hub = Check("JupyterHub", "ok", "is here")
    if absent:
        advice = "`make hub` in a checkout, or pip install 'labkit[hub]' into this environment."
        hub = Check("JupyterHub", "problem", f"{' and '.join(absent)} not here", advice)
    proxy = Check("the hub's proxy", "ok", "is here")
    if find_proxy() is None:
        advice = "While there is a network, as the user who will open the room: `labkit setup --hub`"
        proxy = Check("the hub's proxy", "problem", "not here", advice)
    return [hub, proxy]


def isolation(attendees: int) -> Check:
    """Whether `--isolate`, which only a room of strangers needs, is possible here for this user."""
    try:
        check_room(Room(folder=Path(), attendees=attendees, isolate=True))
    except LabkitError as error:
        return Check("isolation", "optional", str(error).rstrip("."), _FOR_STRANGERS)
    return Check("isolation", "ok", "`labkit hub --isolate` is possible")
