"""`labkit reduce`: the same failure in fewer steps."""

from __future__ import annotations

from pathlib import Path

import click

from labkit.cli.out import console, json_option, print_json, printable, progress


@click.command(name="reduce", epilog="Example: labkit reduce mine.labkit -o small.labkit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="[default: FILE-small.labkit]"
)
@click.option("--step", type=click.IntRange(min=1), help="Keep this one's outcome; default: the last that failed.")
@click.option("--wasmtime", "release", help="Play under this release; default: the one it was recorded under.")
@click.option(
    "--runs", type=click.IntRange(min=1), default=400, show_default=True, help="Plays of fewer steps to try."
)
@click.option("--seconds", type=click.FloatRange(1), default=120, show_default=True, help="Time for all of it.")
@click.option("--keep-modules", is_flag=True, help="Leave the programs as they are.")
@json_option
def command(
    file: Path,
    output: Path | None,
    step: int | None,
    release: str | None,
    runs: int,
    seconds: float,
    keep_modules: bool,
    as_json: bool,
) -> None:
    """Leave out steps of FILE, a repro, and simplify its values, while one outcome stays as it was recorded.

    Where wasm-tools is on PATH, or `labkit setup --shrink` has been run, core modules become smaller too, as long
    as the outcome stays; their source no longer belongs to them and is left out. Ctrl-C keeps the smallest so far.
    """
    from labkit.guests import find_shrinker
    from labkit.record import load_repro
    from labkit.repros import reduce_repro
    from labkit.runtimes import Nursery, add_runtime

    repro = load_repro(file)
    with progress("reducing") as say:
        runtime = add_runtime(release or repro.trace.runtime, say)
        nursery = Nursery()
        try:
            found = reduce_repro(
                *(repro, runtime),
                step=step,
                runs=runs,
                seconds=seconds,
                shrink=not keep_modules,
                shrinker=find_shrinker(),
                nursery=nursery,
                say=say,
            )
        finally:
            nursery.close()
    target = output or file.with_name(f"{file.stem}-small.labkit")
    found.repro.save(target)
    if as_json:
        steps = len(found.repro.trace)
        print_json({"file": str(target), "sentence": found.sentence, "steps": steps, "runs": found.runs})
    else:
        console().print(printable(f"{target}: {found.sentence}"), markup=False, soft_wrap=True)
