"""Files that somebody names, which may be anything."""

from __future__ import annotations

from pathlib import Path

from labkit.errors import FormatError


def read_file(path: Path, most: int) -> bytes:
    """What is in a file; raises `FormatError` when it cannot be read, or has more than `most` bytes."""
    if path.exists() and not path.is_file():
        # A pipe would be waited for, perhaps for ever.
        raise FormatError(f"{path} cannot be read: it is no file.")
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > most:
        raise FormatError(f"{path} cannot be read: it is larger than {most // 2**20} MiB.")
    return data


def write_file(path: Path, data: bytes) -> Path:
    """Write a file; raises `FormatError` when that cannot be done."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise FormatError(f"{path} cannot be written: {error.strerror}.") from None
    return path
