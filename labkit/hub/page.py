"""What the instructor reads when the room is open: where, with what, how many, how safe, and how it ends."""

from __future__ import annotations

import os
import socket

import psutil

from labkit.hub.accounts import accounts_of
from labkit.hub.board.wiring import NAME as BOARD
from labkit.hub.capacity import Capacity
from labkit.hub.passwords import SHORTEST_PIN, Passwords
from labkit.hub.room import EVERYWHERE, INSTRUCTOR, MIB, Room

Row = tuple[str, str]


def rows(room: Room, passwords: Passwords, capacity: Capacity) -> list[Row]:
    """The page, as pairs of what a line is about and what it says."""
    return [
        ("address", _address(room)),
        ("password", f"{passwords.room}   (attendees: a name, this, and a PIN of {SHORTEST_PIN} signs or more)"),
        ("who", _who(room)),
        ("you", f"{INSTRUCTOR}, with {passwords.instructor}; /hub/admin shows who is there"),
        ("board", f"/services/{BOARD}/ shows where people are in the exercises, if they say so in notebook 00"),
        ("memory", capacity.describe(room.attendees)),
        ("limits", _limits(room)),
        ("isolation", _isolation(room)),
        ("network", _network(room)),
        ("files", f"{room.folder}; a restart with the same folder finds them, accounts and PINs as they were"),
        ("end", "Ctrl-C stops every server; attendees keep their files"),
    ]


def farewell(room: Room) -> str:
    """What it says when the room is closed, system accounts that stay behind included."""
    left = accounts_of(room.attendee_folders) if room.isolate else []
    closed = "The room is closed; every server was stopped."
    if not left:
        return closed
    return f"{closed} System accounts stay: {', '.join(left)}; `userdel {left[0]}` removes one."


def _address(room: Room) -> str:
    if room.ip not in EVERYWHERE:
        return f"http://{room.ip}:{room.port}/"
    return "  or  ".join(f"http://{address}:{room.port}/" for address in _own_addresses())


def _own_addresses() -> list[str]:
    known = [
        address.address
        for name, addresses in sorted(psutil.net_if_addrs().items())
        for address in addresses
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    ]
    return known or [socket.gethostname()]


def _who(room: Room) -> str:
    pins = "who forgets the PIN: delete the account in /hub/admin, files stay and the next log-in chooses anew"
    if room.names is not None:
        return f"the {len(room.names)} names on your list; {pins}"
    return f"the first {room.attendees} names; the same name is the same account, and its PIN guards it; {pins}"


def _limits(room: Room) -> str:
    limits = room.limits
    return (
        f"each attendee {limits.memory / MIB:.0f} MiB of memory, {limits.disk / MIB:.0f} MiB of files, "
        f"{limits.processes} processes: who takes more is stopped and told why; "
        f"unused servers stop after {_duration(room.idle)}"
    )


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def _isolation(room: Room) -> str:
    if room.isolate:
        return (
            "each attendee has a system account, sees no other processes, and reads neither others' files nor the "
            "hub's; they share the network of this machine and one web address, so nobody should open a "
            "link into another's lab"
        )
    as_root = ", and as you are root, to the whole machine" if os.geteuid() == 0 else ""
    return (
        f"none: attendees run code as you, with access to each other's files, yours and the passwords{as_root}; "
        "for people you would give your unlocked computer. Others: --isolate, as root"
    )


def _network(room: Room) -> str:
    if room.ip == "127.0.0.1":
        return "this machine only; --ip 0.0.0.0 lets the others in the network in, over plain HTTP"
    return (
        "plain HTTP: whoever listens in on this network reads passwords and notebooks; where that matters, put a "
        "server with a certificate before it"
    )
