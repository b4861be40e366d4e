"""`labkit inspect`: what a program is, or what a trap left of one."""

from __future__ import annotations

from pathlib import Path

import click

from labkit.cli.out import json_option, print_json, progress

_file = click.Path(path_type=Path)


@click.command(name="inspect", epilog="Example: labkit inspect mine.wasm")
@click.argument("file", type=_file)
@click.option("--wasmtime", "release", help="Ask this Wasmtime release, fetched if it is missing.")
@click.option(
    "--wit", type=_file, help="A WIT file or folder with what its authors say; default: what lies beside."
)
@click.option("--symbols", type=_file, help="For a core dump: a symbol file of the same build.")
@click.option("--find", "wanted", help="For a core dump: a text to look for in memory, or bytes such as 0x2a00.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    release: str | None,
    wit: Path | None,
    symbols: Path | None,
    wanted: str | None,
    as_json: bool,
) -> None:
    """Show what FILE is: a core module, a component, WebAssembly text, or a core dump that a trap left.

    Of a program: what it exports and imports, who made it, which WASI it asks for, where its bytes go; and the
    comments of its WIT, if it carries them or they lie beside it, as `wit` or under its name. It is compiled in a
    child process with limits, and nothing of it is run. Of a core dump, as `lab.core_dump` writes one: frames,
    memories and globals. Exit status 1 if nothing of the program can be called, or if what --find names is in no
    memory, 2 if the file is none of these.
    """
    from labkit.cli import core_dump, profile
    from labkit.errors import ArgumentError
    from labkit.explore import load_program, profile_of
    from labkit.inspect import is_core_dump, read_evidence

    data = read_evidence(file)
    if is_core_dump(data):
        if not core_dump.show(data, symbols, wanted, as_json=as_json):
            ctx.exit(1)
        return
    if symbols is not None or wanted is not None:
        raise ArgumentError(f"{file} is no core dump, so --symbols and --find have nothing to look through.")
    program = load_program(file)
    with progress(f"examining {program.name}") as say:
        found = profile_of(program, wasmtime=release, say=say, wit=wit, beside=file)
    if as_json:
        print_json(found)
    else:
        profile.show(found, str(file))
    if found.problem is not None:
        ctx.exit(1)
