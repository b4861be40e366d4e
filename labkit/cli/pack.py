"""`labkit pack`: a scenario, played once, as one file to hand on."""

from __future__ import annotations

from pathlib import Path

import click

from labkit.cli import load
from labkit.cli.out import json_option, print_json, progress, size_text


@click.command(name="pack", epilog="Example: labkit pack 01-poisoned-component -o mine.labkit")
@click.argument("scenario")
@click.option("--policy", help="Run under this reuse policy in place of the scenario's own.")
@click.option("--wasmtime", "release", help="Record under this Wasmtime release, fetched if it is missing.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file.")
@json_option
def command(scenario: str, policy: str | None, release: str | None, output: Path, as_json: bool) -> None:
    """Play SCENARIO (an id or a .json file) and write a repro: steps, outcomes, programs, settings, a README.

    `labkit replay` plays it again, here or elsewhere, and compares.
    """
    from labkit.repros import record_repro
    from labkit.runtimes import add_runtime, check_playable, own_version

    wanted = load.scenario(scenario)
    programs = {name: load.program(name) for name in wanted.program_names}
    check_playable(wanted, programs, release or own_version())
    with progress("packing") as say:
        runtime = add_runtime(release or own_version(), say)
        made = record_repro(wanted, programs, runtime, policy=policy)
    made.save(output)
    size, count = output.stat().st_size, len(made.trace)
    if as_json:
        print_json({"file": str(output), "bytes": size, "runtime": runtime.version, "steps": count})
    else:
        click.echo(f"{output}: {count} steps under Wasmtime {runtime.version}, {size_text(size)}.")
