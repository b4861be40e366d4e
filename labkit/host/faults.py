"""Reads what wasmtime raised into data, and lets go of the exception."""

from __future__ import annotations

import re
from dataclasses import dataclass

import wasmtime

from labkit.host import versions
from labkit.host.outcome import Frame


@dataclass(frozen=True)
class Fault:
    """A failed entry into a guest: trap code (None: not a coded trap), text, frames, exit status."""

    code: str | None
    message: str
    frames: tuple[Frame, ...] = ()
    status: int | None = None


def read_fault(error: wasmtime.Trap | wasmtime.WasmtimeError) -> Fault:
    """The fault in `error`, which is closed here.

    The traceback is dropped too: it refers to the exception, so without the cycle collector
    20,000 unread traps would hold 300 MB of stores.
    """
    try:
        message = root_cause(str(error))
        if isinstance(error, wasmtime.ExitTrap):
            return Fault(code=None, message=message, status=error.code)
        frames = versions.trap_frames(error) if isinstance(error, wasmtime.Trap) else versions.error_frames(error)
        return Fault(code=versions.trap_code(error, message), message=message, frames=frames)
    finally:
        error.__traceback__ = None
        error.__context__ = None
        versions.close(error)


def root_cause(text: str) -> str:
    """The innermost cause of an error text, without WebAssembly or host backtraces."""
    text = versions.without_host_backtrace(text)
    if "Caused by:" not in text:
        return text
    causes = text.rsplit("Caused by:", 1)[1]
    lines = [line.strip() for line in causes.splitlines() if line.strip()]
    # Several causes are numbered, innermost last; a cause may have lines of its own, of which the first names it.
    numbered = [line for line in lines if re.match(r"\d+: ", line)]
    return re.sub(r"^\d+: ", "", (numbered[-1:] or lines)[0]) if lines else text
