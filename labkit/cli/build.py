"""`labkit build`: a guest's source to WebAssembly, with the compiler's own messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit.cli.out import console, json_option, print_json, progress, size_text
from labkit.errors import BuildError, LabkitError

if TYPE_CHECKING:
    from labkit.guests import Artifact

_HOW = {
    "compiled": "compiled now",
    "cached": "compiled earlier, unchanged since",
    "prebuilt": "prebuilt: no toolchain here, so this is the shipped file",
    "wat": "assembled from WAT",
}


@click.command(name="build", epilog="Example: labkit build process-panic -o panic.wasm")
@click.argument("guest")
@click.option(
    "--source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compile this file in place of the guest's own source.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the .wasm file here.")
@json_option
@click.pass_context
def command(ctx: click.Context, guest: str, source: Path | None, output: Path | None, as_json: bool) -> None:
    """Compile GUEST (a name from `labkit list`); without a toolchain, take the prebuilt file."""
    from labkit import guests

    guests.guest(guest)
    try:
        with progress(f"building {guest}") as say:
            # What the compiler says comes as it says it; an error's log need not be said twice.
            made = guests.build(guest, source=_text(source), say=say)
    except BuildError as error:
        if as_json:
            print_json({"name": guest, "ok": False, "sentence": str(error), "log": error.log})
        click.echo(f"labkit: {error}", err=True)
        ctx.exit(1)
    if output is not None:
        _write(output, made.wasm)
    if as_json:
        print_json(_report(made, output))
    else:
        _show(made, output)


def _text(source: Path | None) -> str | None:
    if source is None:
        return None
    try:
        return source.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LabkitError(f"{source} cannot be read as text: {error}.") from None


def _write(output: Path, wasm: bytes) -> None:
    try:
        output.write_bytes(wasm)
    except OSError as error:
        raise LabkitError(f"{output} cannot be written: {error.strerror}.") from None


def _report(made: Artifact, output: Path | None) -> dict[str, object]:
    return {
        "name": made.name,
        "ok": True,
        "how": made.how,
        "toolchain": made.toolchain,
        "seconds": round(made.seconds, 3),
        "size": made.size,
        "digest": made.digest,
        "source_digest": made.source_digest,
        "log": made.log,
        "output": None if output is None else str(output),
    }


def _show(made: Artifact, output: Path | None) -> None:
    from rich.table import Table

    grid = Table(show_header=False, box=None, padding=(0, 2, 0, 0), title=made.name, title_justify="left")
    for name, value in (
        ("how", _HOW[made.how]),
        ("toolchain", made.toolchain or "–"),
        ("took", f"{made.seconds:.2f} s"),
        ("size", size_text(made.size)),
        ("sha-256", made.digest),
        *([("written to", str(output))] if output else []),
    ):
        grid.add_row(name, value)
    console().print(grid)
