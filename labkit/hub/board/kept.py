"""What the board knows, one small file per attendee, so that it survives a restart of the service."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from labkit.workshop.report import Report, Standing


class Kept(msgspec.Struct, frozen=True):
    """What one attendee shows: their standing per exercise, the one they are at, and since when.

    `moved` is when something last changed, in seconds since the epoch by this machine's clock.
    """

    name: str
    exercises: Mapping[str, Standing]
    latest: str | None
    moved: float


class Shelf:
    """The folder with the files; only the service's own user can read it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def all(self) -> list[Kept]:
        """Everybody who shares, by name; what is no file of ours is passed over."""
        found = [self._read(path) for path in self._folder.glob("*.json")]
        return sorted((one for one in found if one is not None), key=lambda one: (one.name.casefold(), one.name))

    def keep(self, name: str, report: Report, now: float) -> Kept:
        """Keep a report; one that says nothing new leaves the time as it was."""
        before = self._read(self._path(name))
        latest = report.latest or (before.latest if before is not None else None)
        moved = now
        if before is not None and (before.exercises, before.latest) == (report.exercises, latest):
            moved = before.moved
        kept = Kept(name, report.exercises, latest, moved)
        self._write(self._path(name), msgspec.json.encode(kept))
        return kept

    def forget(self, name: str) -> None:
        """Delete what somebody shared, if anything."""
        self._path(name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete what everybody shared."""
        for path in self._folder.glob("*.json"):
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        # A user's name may hold anything; a digest of it is always the name of a file.
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.json"

    def _read(self, path: Path) -> Kept | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=Kept)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _write(self, path: Path, data: bytes) -> None:
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).replace(path)
