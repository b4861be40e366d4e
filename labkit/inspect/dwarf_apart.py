"""Decodes the DWARF of somebody else's program in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from labkit.inspect.binary import MalformedError
from labkit.inspect.dwarf import Decoded, Lines

MEMORY = 2**31
"""Bytes of address space that the process may take."""

SECONDS = 60
"""Processor time that it may take: enough for tens of megabytes."""


def read_lines_apart(module: bytes) -> dict[int, Lines]:
    """As `read_lines`, for the bytes of a core module; raises `MalformedError` also for what takes too much."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "labkit.inspect.dwarf_child", str(MEMORY), str(SECONDS)],
            input=module,
            capture_output=True,
            timeout=5 * SECONDS,
            check=False,
        )
        answer = msgspec.msgpack.decode(done.stdout, type=Decoded)
    except (subprocess.TimeoutExpired, msgspec.DecodeError):
        raise MalformedError("its debug information takes more time or memory than any needs") from None
    if answer.problem is not None:
        raise MalformedError(answer.problem)
    return answer.lines
