"""`labkit doctor`: what this machine has for the lab, and what each missing thing would take."""

from __future__ import annotations

import click

from labkit.cli.out import console, json_option, print_json, size_text

_SIGNS = {"ok": "[green]✔[/]", "optional": "[yellow]○[/]", "problem": "[bold red]✘[/]"}


@click.command(name="doctor")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check this machine; exit status 0 if the first notebook can be worked through."""
    from rich.table import Table

    from labkit.cli.diagnosis import diagnose

    found = diagnose()
    if as_json:
        print_json(found)
        ctx.exit(0 if found.ok else 1)
    speaker = console()
    grid = Table(title="This machine", title_justify="left", title_style="bold")
    for column in ("", "what", "found", "advice"):
        grid.add_column(column, overflow="fold")
    for check in found.checks:
        grid.add_row(_SIGNS[check.state], check.name, check.found, check.advice)
    speaker.print(grid)
    for cache in found.caches:
        speaker.print(f"{cache.name} kept in {cache.folder} ({size_text(cache.size)})", style="dim", markup=False)
    if found.ok:
        speaker.print("Everything for the first notebook is here: [bold]labkit lab[/] opens it.")
    else:
        speaker.print("[bold red]The first notebook cannot be worked through yet[/]: see the lines marked ✘.")
    ctx.exit(0 if found.ok else 1)
