"""`labkit doctor`: what this machine has for the lab, and what each missing thing would take."""

from __future__ import annotations

import click

from labkit.cli.out import console, json_option, print_json, size_text

_SIGNS = {"ok": "[green]✔[/]", "optional": "[yellow]○[/]", "problem": "[bold red]✘[/]"}


@click.command(name="doctor", epilog="Example: labkit doctor --json")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check this machine; exit status 0 if the first notebook can be worked through."""
    from rich.markup import escape

    from labkit.diagnosis import diagnose

    found = diagnose()
    if as_json:
        print_json(found)
        ctx.exit(0 if found.ok else 1)
    speaker = console()
    # Not a table: the advice is long, and this is also read in a notebook cell.
    width = max(len(check.name) for check in found.checks)
    for check in found.checks:
        line = f"{_SIGNS[check.state]} {check.name:{width}}  {escape(check.found)}"
        speaker.print(line, soft_wrap=True)
        if check.state != "ok" and check.advice:
            speaker.print(f"  {'':{width}}  {check.advice}", style="dim", markup=False, soft_wrap=True)
    for cache in found.caches:
        speaker.print(
            f"{cache.name} kept in {cache.folder} ({size_text(cache.size)})",
            style="dim",
            markup=False,
            soft_wrap=True,
        )
    if found.ok:
        speaker.print("Everything for the first notebook is here: [bold]labkit lab[/] opens it.")
    else:
        speaker.print("[bold red]The first notebook cannot be worked through yet[/]: see the lines marked ✘.")
    ctx.exit(0 if found.ok else 1)
