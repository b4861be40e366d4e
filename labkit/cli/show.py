"""`labkit show`: what a repro holds, without running any of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit.cli.out import console, json_option, print_json, printable, size_text

if TYPE_CHECKING:
    from labkit.record import Repro


@click.command(name="show", epilog="Example: labkit show mine.labkit")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def command(file: Path, as_json: bool) -> None:
    """Show what FILE, a repro, holds: steps, outcomes, explanation, programs. Nothing of it is run."""
    from labkit.record import load_repro

    repro = load_repro(file)
    if as_json:
        print_json(_report(repro))
    else:
        _show(repro)


def _report(repro: Repro) -> dict[str, object]:
    return {
        "title": repro.title,
        "labkit": repro.labkit,
        "platform": repro.platform,
        "programs": [
            {
                "name": name,
                "kind": program.kind,
                "digest": program.digest,
                "size": program.size,
                "how": program.how,
                "toolchain": program.toolchain,
                "sources": sorted(program.sources),
            }
            for name, program in repro.programs.items()
        ],
        "scenario": repro.scenario,
        "trace": repro.trace,
    }


def _show(repro: Repro) -> None:
    from labkit.cli import steps
    from labkit.record import explain, telling

    speaker = console()

    def say(line: str, style: str = "") -> None:
        speaker.print(printable(line), markup=False, soft_wrap=True, style=style)

    trace = repro.trace
    under = f", policy {trace.policy}" if trace.policy else ""
    speaker.print(steps.table(trace, f"{repro.title} (Wasmtime {trace.runtime}{under})"))
    for n in telling(trace):
        speaker.print(steps.explanation_text(explain(trace, n)))
    for name, program in repro.programs.items():
        made = f"{program.how}, {program.toolchain}" if program.toolchain else program.how
        say(f"{name}: {program.kind}, {size_text(program.size)}, {made}")
        say(f"SHA-256 {program.digest}", "dim")
        if program.sources:
            say(f"source: {', '.join(sorted(program.sources))}", "dim")
    say(f"recorded by labkit {repro.labkit} on {repro.platform}", "dim")
