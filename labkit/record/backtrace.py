"""A backtrace in words, the same in a terminal and on a page."""

from __future__ import annotations

from labkit.demangle import demangle
from labkit.host.outcome import Frame, SourceLocation


def frame_text(i: int, frame: Frame) -> str:
    """A frame as a line, and below it where in the source it is, as far as that is known."""
    name = demangle(frame.func) if frame.func else f"function {frame.func_index}"
    where = f" in {frame.module}" if frame.module else ""
    offset = f", offset {frame.module_offset:#x} of the file" if frame.module_offset else ""
    lines = [f"{i}: {name}{where} (+{frame.func_offset:#x}{offset})"]
    for place in frame.source:
        inner = demangle(place.func or "a function without a name")
        inlined = "" if place is frame.source[-1] else f", {inner} inlined here"
        lines.append(f"     at {place_text(place)}{inlined}")
    return "\n".join(lines)


def place_text(place: SourceLocation) -> str:
    """A place in the source as compilers write it: `src/lib.rs:12:9`."""
    numbers = [str(number) for number in (place.line, place.column) if number]
    return ":".join([place.file, *numbers])
