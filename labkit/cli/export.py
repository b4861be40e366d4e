"""`labkit export`: a repro for people and programs that have no labkit."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="export", epilog="Example: labkit export mine.labkit -o mine.html")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file.")
def command(file: Path, output: Path) -> None:
    """Write FILE, a repro, in the form that the name of the output asks for.

    .html is a page with everything, which opens without network; .md a report for an issue tracker; .py a script
    that needs only wasmtime; .rs a host program in Rust; .wast a script for the test runners of engines.
    """
    from labkit.exports import export
    from labkit.record import load_repro

    click.echo(export(load_repro(file), output))
