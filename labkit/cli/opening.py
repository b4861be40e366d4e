"""`labkit open`: a repro or a program in JupyterLab, in a notebook beside the file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from labkit.cli.lab import has_display, must_be_free, serve


@click.command(name="open", epilog="Example: labkit open mine.labkit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Listen here [default: 8888 or the next free port].")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def command(file: Path, port: int | None, no_browser: bool) -> None:
    """Open FILE in JupyterLab: a repro, or a program of your own (.wasm or .wat).

    A repro shows its timeline, explanation, and buttons that play it again; a program what it is, and a form per
    export to call it with. The notebook is made beside the file, unless it is there already. Nothing of the file
    runs by itself.
    """
    from labkit.explore import load_program
    from labkit.notebooks import notebook_beside
    from labkit.record import load_repro

    if port is not None:
        must_be_free(port)
    program = file.suffix in (".wasm", ".wat")
    if program:
        load_program(file)
    else:
        load_repro(file)
    notebook = notebook_beside(file, program=program)
    folder = notebook.resolve().parent
    click.echo(f"Starting JupyterLab in {folder} …")
    sys.stdout.flush()
    serve(folder, notebook.name, port, not no_browser and has_display())
