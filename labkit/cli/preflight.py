"""`labkit preflight`: one page on whether this machine is ready for the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labkit.cli.out import console, json_option, print_json, printable

if TYPE_CHECKING:
    from labkit.preflight import Preflight

_SIGNS = {"ok": ("✔", "green"), "optional": ("○", "yellow"), "problem": ("✘", "bold red")}


@click.command(name="preflight", epilog="Example: labkit preflight --attendees 20")
@click.option(
    "--attendees", type=click.IntRange(1, 10_000), default=1, help="Look at it as a hub for so many people."
)
@json_option
@click.pass_context
def command(ctx: click.Context, attendees: int, as_json: bool) -> None:
    """Check this machine for a workshop, and print one page.

    A JupyterLab, a browser and a kernel are really started, and ended again; nothing of yours is changed. Exit
    status 0 if the room can begin, 1 if something is missing that it cannot do without.
    """
    from labkit.preflight import preflight

    speaker = console(stderr=True)
    with speaker.status("looking …") as status:
        found = preflight(attendees, lambda name: status.update(f"looking at {name} …"))
    if as_json:
        print_json(found)
    else:
        show(found)
    ctx.exit(0 if found.ready else 1)


def show(found: Preflight) -> None:
    """Print the page."""
    from rich.table import Table
    from rich.text import Text

    speaker = console()
    people = f" as a hub for {found.attendees}" if found.attendees > 1 else ""
    grid = Table(title=f"This machine{people}", title_justify="left", title_style="bold", pad_edge=False)
    grid.add_column("")
    grid.add_column("what", no_wrap=True)
    grid.add_column("found", overflow="fold", ratio=3)
    grid.add_column("what to do", overflow="fold", ratio=4)
    part = ""
    for row in found.rows:
        if row.part != part:
            part = row.part
            grid.add_section()
            grid.add_row("", Text(part, style="bold"))
        sign, style = _SIGNS[row.check.state]
        advice = "" if row.check.state == "ok" else row.check.advice
        grid.add_row(
            Text(sign, style=style), row.check.name, Text(printable(row.check.found)), Text(printable(advice))
        )
    speaker.print(grid)
    speaker.print("✔ enough   ○ can be done without   ✘ missing", style="dim")
    for sentence in found.missing:
        speaker.print(f"✘ {printable(sentence)}", markup=False, soft_wrap=True)
    speaker.print("The room can begin." if found.ready else "The room cannot begin yet.", style="bold")
