"""Showing the instructor where one is: only after one said so, and never in the way of a check."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec
from filelock import FileLock

from labkit.decodable import decodable
from labkit.workshop.board import TIMEOUT, Board, BoardError
from labkit.workshop.report import Report, Standing

FILE: Final = "sharing.json"


class Begun(Protocol):
    """What is kept of an exercise that somebody began; of these fields a report is made."""

    @property
    def tries(self) -> int: ...  # noqa: D102  # the class says it for all four

    @property
    def hints(self) -> int: ...  # noqa: D102

    @property
    def gave_up(self) -> bool: ...  # noqa: D102

    @property
    def passed(self) -> bool: ...  # noqa: D102


Records = Callable[[], Mapping[str, Begun]]


@decodable
class Consent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody said about being shown, at which board, and what became of it.

    `left` is whether the board may still have something of theirs, `sent` when a report last got through, in
    seconds since the epoch, `problem` why the last request did not.
    """

    board: str = ""
    shared: bool = False
    left: bool = False
    sent: float = 0.0
    problem: str = ""


class Reporter:
    """Sends one person's progress to one board, if they said so; `folder` holds what they said.

    `records` gives their progress as it is when it is sent, so that of two reports the later one is never older.
    """

    def __init__(self, folder: Path, board: Board, records: Records) -> None:
        self._file = folder / FILE
        self._board = board
        self._records = records
        self._lock = FileLock(f"{self._file}.lock", timeout=2 * TIMEOUT)

    @property
    def consent(self) -> Consent:
        """What was said at this board; another board's consent counts for nothing."""
        try:
            said = msgspec.json.decode(self._file.read_bytes(), type=Consent)
        except (FileNotFoundError, msgspec.DecodeError):
            said = Consent()
        return said if said.board == self._board.url else Consent(self._board.url)

    def share(self, shared: bool) -> Consent:
        """Begin to show progress, or withdraw it, and tell the board; `problem` says if it did not get there."""
        with self._lock:
            self._write(msgspec.structs.replace(self.consent, shared=shared))
            return self._settle(None)

    def progressed(self, latest: str | None) -> None:
        """Tell the board in the background that there is progress, in the exercise `latest`; returns at once."""
        consent = self.consent
        if consent.shared or consent.left:
            threading.Thread(target=self._settle_quietly, args=(latest,), name="report", daemon=True).start()

    def _settle_quietly(self, latest: str | None) -> None:
        try:
            with self._lock:
                self._settle(latest)
        except OSError:
            # Somebody else's report takes its time, or the disk is full: the next one holds everything anyway.
            return

    def _settle(self, latest: str | None) -> Consent:
        """Bring the board to what was said: a report while it is shared, nothing after it was withdrawn."""
        said = self.consent
        try:
            if said.shared:
                # Known before the request: a report may get there although its answer does not come back.
                self._write(msgspec.structs.replace(said, left=True))
                self._board.send(_report(self._records(), latest))
                return self._write(Consent(said.board, shared=True, left=True, sent=time.time()))
            if said.left:
                self._board.withdraw()
            return self._write(Consent(said.board))
        except BoardError as error:
            return self._write(msgspec.structs.replace(self.consent, problem=str(error)))

    def _write(self, consent: Consent) -> Consent:
        descriptor, name = tempfile.mkstemp(dir=self._file.parent, prefix=".sharing-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(consent))
        Path(name).replace(self._file)
        return consent


def report_progress(folder: Path, latest: str | None, records: Records) -> None:
    """Tell the board of this hub, if there is one and it is wanted, about progress kept in `folder`."""
    board = Board.here()
    if board is not None:
        Reporter(folder, board, records).progressed(latest)


def _report(records: Mapping[str, Begun], latest: str | None) -> Report:
    standings = {
        name: Standing(record.tries, record.hints, record.gave_up, record.passed)
        for name, record in records.items()
    }
    return Report({name: one for name, one in standings.items() if one.begun}, latest)
