"""`labkit inspect`: what a core dump holds, and where in memory something is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labkit.cli.out import console, json_option, print_json, printable, size_text
from labkit.errors import ArgumentError

if TYPE_CHECKING:
    from labkit.inspect import CoreDump

_file = click.Path(dir_okay=False, path_type=Path)


@click.command(name="inspect")
@click.argument("file", metavar="CORE-DUMP", type=_file)
@click.option("--symbols", type=_file, help="A symbol file of the same build: names and lines for the frames.")
@click.option("--find", "wanted", help="A text to look for in memory, or bytes such as 0x2a00.")
@json_option
@click.pass_context
def command(ctx: click.Context, file: Path, symbols: Path | None, wanted: str | None, as_json: bool) -> None:
    """Show the frames, memories and globals of CORE-DUMP, as `lab.core_dump` writes one after a trap.

    Exit status 1 if what --find names is in no memory, 2 if the file is no core dump or the symbols are of another
    build.
    """
    from labkit.inspect import load_core_dump, load_symbols

    sought = None if wanted is None else _sought(wanted)
    dump = load_core_dump(file)
    if symbols is not None:
        dump = dump.symbolized(load_symbols(symbols))
    found = None if sought is None else [memory.find(sought) for memory in dump.memories]
    if as_json:
        print_json(_report(dump, found))
    else:
        _show(dump, found)
    if found is not None and not any(found):
        ctx.exit(1)


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
