"""`labkit check`: a health report of a program of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit.cli.out import console, json_option, print_json, printable, progress

if TYPE_CHECKING:
    from labkit.explore import Health, Verdict

_STYLES = {"good": "green", "note": "cyan", "beware": "bold red", "unknown": "dim"}
_SIGNS = {"good": "✔", "note": "→", "beware": "▲", "unknown": "?"}


@click.command(name="check", epilog="Example: labkit check mine.wasm --page mine.html")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--wasmtime", "release", help="Check it under this Wasmtime release, fetched if it is missing.")
@click.option(
    "--wit",
    type=click.Path(path_type=Path),
    help="A WIT file or folder that describes it; default: what lies beside.",
)
@click.option(
    "--page", type=click.Path(path_type=Path), help="Write the report, with every call, as a page of HTML."
)
@json_option
@click.pass_context
def command(
    ctx: click.Context, file: Path, release: str | None, wit: Path | None, page: Path | None, as_json: bool
) -> None:
    """Call each export of FILE under each reuse policy, and say what a host has to know of it.

    Arguments are made from the types: the least values, and the edges. Calls take two seconds at most each, in
    child processes with limits. The last line is the command that keeps the first failure as a repro. Exit status
    1 if there is anything to beware of, 2 if nothing of it can be called.
    """
    from labkit.explore import check_health, keeping_command, load_program, profile_of

    program = load_program(file)
    with progress(f"checking {program.name}") as say:
        profile = profile_of(program, wasmtime=release, say=say, wit=wit, beside=file)
        health = check_health(program, profile, say=say)
    keep = keeping_command(health, profile, str(file))
    if page is not None:
        from labkit.files import write_file
        from labkit.views.health import health_page

        write_file(page, health_page(health, keep).encode())
    if as_json:
        print_json(health)
    else:
        _show(health)
        if page is not None:
            click.echo(f"The report with every call is in {page}.")
        if keep is not None:
            click.echo(f"Keep it: {keep}")
    if not health.exports:
        ctx.exit(2)
    if health.level == "beware":
        ctx.exit(1)


def _show(health: Health) -> None:
    speaker = console()
    speaker.print(f"{printable(health.program)} under Wasmtime {health.runtime}", style="bold", markup=False)
    for verdict in health.verdicts:
        _say(verdict)
    for one in health.exports:
        speaker.print(printable(one.export), style="bold", markup=False, soft_wrap=True)
        for line in one.docs.splitlines():
            speaker.print(f"  {printable(line)}", style="dim", markup=False, soft_wrap=True)
        for verdict in one.verdicts:
            _say(verdict)
    for path, why in health.left_out.items():
        speaker.print(f"{printable(path)}: not called, because {why}", style="dim", markup=False, soft_wrap=True)


def _say(verdict: Verdict) -> None:
    from rich.text import Text

    text = Text(f"  {_SIGNS[verdict.level]} {verdict.about}: ", style=_STYLES[verdict.level])
    text.append(printable(verdict.sentence), style="default")
    where = [f"{policy} {n}" for policy, n in verdict.evidence[:4]]
    if where:
        text.append(f" [{', '.join(where)}{', …' if len(verdict.evidence) > 4 else ''}]", style="dim")
    console().print(text, soft_wrap=True)
