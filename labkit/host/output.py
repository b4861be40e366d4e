"""Standard output and standard error of guests, captured in files.

Files and not callbacks: a callback would run on one of the runtime's own threads, which can outlive
the interpreter. Empty files are reused, because creating two for every store would cost more than the store.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import weakref
from pathlib import Path

import wasmtime

LIMIT = 64 * 1024
"""How many bytes of one stream of one step are kept."""


class Capture:
    """The two files of one store; `read()` gives what was written since the last read."""

    def __init__(self, folder: Path, number: int) -> None:
        self._paths = tuple(folder / f"{number}.{stream}" for stream in ("out", "err"))
        flags = os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC
        self._fds = tuple(os.open(path, flags, 0o600) for path in self._paths)
        self._seen = [0, 0]

    def attach(self, config: wasmtime.WasiConfig) -> None:
        """Point a store's WASI at these files, emptied."""
        config.stdout_file, config.stderr_file = (str(path) for path in self._paths)
        self._seen = [0, 0]

    def read(self) -> tuple[str, str]:
        """New standard output and standard error, each cut at `LIMIT` bytes with a note."""
        return self._read(0), self._read(1)

    @property
    def grown(self) -> bool:
        """Whether anything has been written since the last read."""
        # Quicker than asking for all that is known of the files, and nobody reads on from where a descriptor is.
        (out, err), (seen_out, seen_err) = self._fds, self._seen
        return os.lseek(out, 0, os.SEEK_END) != seen_out or os.lseek(err, 0, os.SEEK_END) != seen_err

    def _read(self, stream: int) -> str:
        fd, start = self._fds[stream], self._seen[stream]
        size = os.lseek(fd, 0, os.SEEK_END)
        if size <= start:
            return ""
        self._seen[stream] = size
        text = os.pread(fd, min(size - start, LIMIT), start).decode("utf-8", "replace")
        cut = size - start - LIMIT
        return text if cut <= 0 else f"{text}\n… {cut} more bytes"

    @property
    def written(self) -> bool:
        """Whether anything was read of what a store wrote."""
        return any(self._seen)

    def remove(self) -> None:
        """Delete the files."""
        self.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the descriptors back."""
        for fd in self._fds:
            os.close(fd)


class Captures:
    """A stock of captures in one temporary folder, deleted by `close` or with the last reference."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="labkit-"))
        self._all: list[Capture] = []
        self._free: list[Capture] = []
        self._numbers = itertools.count()
        self.close = weakref.finalize(self, _delete, self._folder, self._all)

    def take(self) -> Capture:
        """A capture nobody else uses."""
        if self._free:
            return self._free.pop()
        capture = Capture(self._folder, next(self._numbers))
        self._all.append(capture)
        return capture

    def room(self) -> Path:
        """An empty folder on disk, for whoever takes it to remove."""
        return Path(tempfile.mkdtemp(dir=self._folder))

    def give_back(self, capture: Capture) -> None:
        """Let another store have it."""
        if capture.written:
            # Emptying a file has some file systems wait for the disk, milliseconds for every trap.
            self._all.remove(capture)
            capture.remove()
        else:
            self._free.append(capture)


def _delete(folder: Path, captures: list[Capture]) -> None:
    while captures:
        captures.pop().close()
    shutil.rmtree(folder, ignore_errors=True)
