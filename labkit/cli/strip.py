"""`labkit strip`: a program without what explains it, and that in a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit.cli.out import console, json_option, print_json, printable, size_text

if TYPE_CHECKING:
    from labkit.host import Program
    from labkit.inspect import Symbols

_file = click.Path(dir_okay=False, path_type=Path)


@click.command(name="strip", epilog="Example: labkit strip mine.wasm -o small.wasm --symbols mine.symbols.gz")
@click.argument("file", type=_file)
@click.option("-o", "--output", type=_file, required=True, help="Write the stripped program here.")
@click.option(
    "--symbols", "kept", type=_file, required=True, help="Write the symbols here; packed if the name ends in .gz."
)
@json_option
def command(file: Path, output: Path, kept: Path, as_json: bool) -> None:
    """Take names and DWARF out of FILE, a core module or a component, and keep them in a file of their own.

    `labkit symbolize` puts both together again where it is needed: on a trace.
    """
    from labkit.host import Program
    from labkit.inspect import strip, write_evidence

    program = Program.from_file(file)
    bare, symbols = strip(program)
    write_evidence(output, bare.wasm)
    symbols.save(kept)
    if as_json:
        print_json(_report(program, bare, symbols, output, kept))
    else:
        _show(program, bare, symbols, output, kept)


def _report(program: Program, bare: Program, symbols: Symbols, output: Path, kept: Path) -> dict[str, object]:
    return {
        "program": program.name,
        "size": program.size,
        "digest": program.digest,
        "stripped": {"file": str(output), "size": bare.size, "digest": bare.digest},
        "symbols": {"file": str(kept), "size": kept.stat().st_size},
        "modules": [
            {
                "name": module.name,
                "build_id": module.build_id,
                "own_id": module.own_id,
                "functions": len(module.functions),
                "named": sum(function.name is not None for function in module.functions),
                "with_lines": sum(bool(function.rows) for function in module.functions),
            }
            for module in symbols.modules
        ],
    }


def _show(program: Program, bare: Program, symbols: Symbols, output: Path, kept: Path) -> None:
    functions = [function for module in symbols.modules for function in module.functions]
    named = sum(function.name is not None for function in functions)
    lines = sum(bool(function.rows) for function in functions)
    speaker = console()
    for text in (
        f"{output}: {size_text(bare.size)} of {size_text(program.size)}, what runs",
        f"{kept}: {size_text(kept.stat().st_size)}, the names of {named} functions and the lines of {lines}",
    ):
        speaker.print(printable(text), markup=False, soft_wrap=True)
