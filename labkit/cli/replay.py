"""`labkit replay`: whether a repro goes here as it went where it was recorded."""

from __future__ import annotations

from pathlib import Path

import click

from labkit.cli.out import console, json_option, print_json, printable, progress


@click.command(name="replay", epilog="Example: labkit replay mine.labkit --wasmtime 41.0.0")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--wasmtime", "release", help="Replay under this Wasmtime release, fetched if it is missing.")
@json_option
@click.pass_context
def command(ctx: click.Context, file: Path, release: str | None, as_json: bool) -> None:
    """Play a repro again in a child process with limits, and compare with what FILE says came of it.

    Exit status 0 if every step went the same way, 1 if one did not (it says which), 2 if it cannot be played.
    """
    import msgspec

    from labkit.record import load_repro
    from labkit.repros import replay
    from labkit.runtimes import add_runtime, check_playable, own_version

    repro = load_repro(file)
    check_playable(repro.scenario, repro.programs, release or own_version())
    with progress("replaying") as say:
        found = replay(repro, add_runtime(release or own_version(), say))
    if as_json:
        print_json({"same": found.same, "sentence": found.sentence, **msgspec.to_builtins(found)})
    else:
        console().print(printable(found.sentence), markup=False, soft_wrap=True)
    if not found.same:
        ctx.exit(1)
