"""A core dump for the terminal: what it holds, and where in memory something is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.cli.out import console, print_json, printable, size_text
from labkit.errors import ArgumentError

if TYPE_CHECKING:
    from labkit.inspect import CoreDump


def show(data: bytes, symbols: Path | None, wanted: str | None, *, as_json: bool) -> bool:
    """Print the core dump in `data`; whether what was `wanted`, if anything, is in a memory.

    Raises `FormatError` for what is no core dump, `LabkitError` for the symbols of another build.
    """
    from labkit.inspect import load_symbols, read_core_dump

    sought = None if wanted is None else _sought(wanted)
    dump = read_core_dump(data)
    if symbols is not None:
        dump = dump.symbolized(load_symbols(symbols))
    found = None if sought is None else [memory.find(sought) for memory in dump.memories]
    if as_json:
        print_json(_report(dump, found))
    else:
        _show(dump, found)
    return found is None or any(found)


def _sought(wanted: str) -> str | bytes:
    if not wanted.startswith("0x"):
        return wanted
    try:
        return bytes.fromhex(wanted[2:])
    except ValueError:
        raise ArgumentError(
            f"{wanted!r} are no bytes; write two hexadecimal digits for each, as in 0x2a00."
        ) from None


def _report(dump: CoreDump, found: list[list[int]] | None) -> dict[str, Any]:
    memories = [{"name": memory.name, "size": memory.size} for memory in dump.memories]
    return {
        "program": dump.program,
        "build_id": dump.build_id,
        "frames": dump.frames,
        "memories": memories,
        "globals": dump.numbers,
        **({} if found is None else {"found": found}),
    }


def _show(dump: CoreDump, found: list[list[int]] | None) -> None:
    from labkit.record.backtrace import frame_text

    speaker = console()

    def say(line: str) -> None:
        indent = len(line) - len(line.lstrip())
        speaker.print(" " * indent + printable(line.lstrip()), markup=False, soft_wrap=True)

    say(f"core dump of {dump.program}, build id {dump.build_id or 'unknown'}")
    for i, frame in enumerate(dump.frames):
        for line in frame_text(i, frame).split("\n"):
            say(f"  {line}")
    for i, memory in enumerate(dump.memories):
        say(f"memory {memory.name or i}: {size_text(memory.size)}")
        for address in found[i] if found is not None else []:
            say(f"  found at {address:#x}: {memory.read(address, 16).hex(' ')}")
    for name, value in dump.numbers.items():
        say(f"global {name}: {value}")
