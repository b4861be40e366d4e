"""Files of evidence, which may come from anybody."""

from __future__ import annotations

from pathlib import Path

from labkit import bounds
from labkit.files import read_file, write_file


def read_evidence(path: Path) -> bytes:
    """What is in a file; raises `FormatError` when it cannot be read, or is larger than any evidence has to be."""
    return read_file(path, bounds.EVIDENCE)


def write_evidence(path: Path, data: bytes) -> Path:
    """Write a file; raises `FormatError` when that cannot be done."""
    return write_file(path, data)
