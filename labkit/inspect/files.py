"""Files of evidence, which may come from anybody."""

from __future__ import annotations

from pathlib import Path

from labkit import bounds
from labkit.errors import FormatError


def read_evidence(path: Path) -> bytes:
    """What is in a file; raises `FormatError` when it cannot be read, or is larger than any evidence has to be."""
    if path.exists() and not path.is_file():
        # A pipe would be waited for, perhaps for ever.
        raise FormatError(f"{path} cannot be read: it is no file.")
    try:
        with path.open("rb") as file:
            data = file.read(bounds.EVIDENCE + 1)
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > bounds.EVIDENCE:
        raise FormatError(f"{path} cannot be read: it is larger than {bounds.EVIDENCE // 2**20} MiB.")
    return data


def write_evidence(path: Path, data: bytes) -> Path:
    """Write a file; raises `FormatError` when that cannot be done."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise FormatError(f"{path} cannot be written: {error.strerror}.") from None
    return path
