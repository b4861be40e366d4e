"""`labkit import`: a .wast script as a repro."""

from __future__ import annotations

from pathlib import Path

import click

from labkit import bounds
from labkit.cli.out import console, json_option, print_json, printable, progress


@click.command(name="import", epilog="Example: labkit import mine.wast -o mine.labkit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="[default: FILE.labkit]")
@click.option("--wasmtime", "release", help="Record under this Wasmtime release, fetched if it is missing.")
@json_option
@click.pass_context
def command(ctx: click.Context, file: Path, output: Path | None, release: str | None, as_json: bool) -> None:
    """Play FILE, a .wast script, in a child process and write a repro of it.

    Exit status 1 if something went otherwise than the script asserts; it says what.
    """
    from labkit.files import read_file
    from labkit.repros import read_wast, record_repro
    from labkit.runtimes import add_runtime, check_playable, own_version

    script = read_wast(read_file(file, bounds.FILE).decode("utf-8", "replace"), file.stem)
    check_playable(script.scenario, script.programs, release or own_version())
    with progress("playing") as say:
        made = record_repro(script.scenario, script.programs, add_runtime(release or own_version(), say))
    target = made.save(output or file.with_suffix(".labkit"))
    unmet = script.unmet(made.trace)
    if as_json:
        print_json(
            {
                "file": str(target),
                "steps": len(made.trace),
                "assertions": len(script.assertions),
                "unmet": unmet,
                "left_out": script.left_out,
            }
        )
    else:
        speaker = console()
        held = len(script.assertions) - len(unmet)
        said = f"{target}: {len(made.trace)} steps, {held} of {len(script.assertions)} assertions hold."
        left = [f"Left out, because nothing of it runs: {', '.join(script.left_out)}."] if script.left_out else []
        for line in (said, *unmet, *left):
            speaker.print(printable(line), markup=False, soft_wrap=True)
    if unmet:
        ctx.exit(1)
