"""What somebody has tried and passed, kept in one small file between sessions."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec
from filelock import FileLock

from labkit import resources
from labkit.decodable import decodable
from labkit.workshop.reporting import report_progress


@decodable
class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """Progress in one exercise: tries so far, hints shown, solution asked for, passed."""

    tries: int = 0
    hints: int = 0
    gave_up: bool = False
    passed: bool = False


class Progress:
    """The progress file; a damaged one is set aside, never overwritten."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or resources.state_dir() / "progress.json"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(str(self._file) + ".lock")

    @property
    def folder(self) -> Path:
        """Where the file lies."""
        return self._file.parent

    def all(self) -> dict[str, Record]:
        """Every record, by exercise id."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, Record])
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError:
            # Another kernel may have set it aside a moment ago.
            with suppress(FileNotFoundError):
                self._file.replace(self._file.with_suffix(".damaged"))
            return {}

    def of(self, exercise: str) -> Record:
        """The record of one exercise."""
        return self.all().get(exercise, Record())

    def update(self, exercise: str, **changes: int | bool) -> Record:
        """Change a record and keep it."""
        with self._lock:
            records = self.all()
            record = msgspec.structs.replace(records.get(exercise, Record()), **changes)
            self._write(records | {exercise: record})
        report_progress(self.folder, exercise, self.all)
        return record

    def tried(self, exercise: str, *, passed: bool) -> Record:
        """Count a try; what has passed once stays passed."""
        with self._lock:
            before = self.of(exercise)
            return self.update(exercise, tries=before.tries + 1, passed=before.passed or passed)

    def reset(self, exercise: str | None = None) -> None:
        """Forget one exercise, or all of them."""
        with self._lock:
            records = {} if exercise is None else {k: v for k, v in self.all().items() if k != exercise}
            self._write(records)
        report_progress(self.folder, exercise, self.all)

    def _write(self, records: dict[str, Record]) -> None:
        descriptor, name = tempfile.mkstemp(dir=self._file.parent, prefix=".progress-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(records))
        Path(name).replace(self._file)
