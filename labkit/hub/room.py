"""The plan of a room: for whom, where, with which limits. Everything else of the hub is made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

INSTRUCTOR: Final = "instructor"
"""The name of the one account that administers the room."""

MIB: Final = 2**20

EVERYWHERE: Final = ("0.0.0.0", "::", "")
"""What stands for every address of this machine."""


class Limits(msgspec.Struct, frozen=True):
    """What one attendee may take: bytes of memory and of disk, and how many processes and threads."""

    memory: int = 1536 * MIB
    disk: int = 1024 * MIB
    processes: int = 512


class Room(msgspec.Struct, frozen=True):
    """A room for `attendees` people and their instructor, with all that is kept of it in `folder`.

    `names` are the only ones who get in, as accounts are called; `None` lets in anybody with the password.
    `isolate` gives each attendee a system account and a view of the machine of their own, which takes root.
    `idle` is after how many seconds without use a server is stopped, `at_once` how many start at the same time.
    """

    folder: Path
    attendees: int
    names: frozenset[str] | None = None
    isolate: bool = False
    ip: str = "127.0.0.1"
    port: int = 8000
    limits: Limits = Limits()
    idle: float = 3600.0
    at_once: int = 2

    @property
    def attendee_folders(self) -> Path:
        """A folder per account: its notebooks, its progress, everything it writes."""
        return self.folder / "attendees"

    @property
    def private(self) -> Path:
        """What the hub alone should read: passwords, its database, the secret that signs cookies."""
        return self.folder / "private"

    @property
    def log(self) -> Path:
        """What JupyterHub had to say."""
        return self.folder / "hub.log"

    @property
    def local_ip(self) -> str:
        """Where programs on this machine find the room."""
        return "127.0.0.1" if self.ip in EVERYWHERE else self.ip

    def home(self, account: str) -> Path:
        """Where one account's files are."""
        return self.attendee_folders / account

    def make_folders(self) -> None:
        """Make what is missing of them; raises `OSError` where that cannot be done."""
        for folder in (self.folder, self.attendee_folders, self.private):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
