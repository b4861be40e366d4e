"""`labkit exercises`: what was tried and passed, and starting over."""

from __future__ import annotations

import click

from labkit.cli.out import console, json_option, print_json


@click.command(name="exercises", epilog="Example: labkit exercises 01")
@click.argument("notebook", required=False)
@click.option("--reset", "forgotten", metavar="ID", help="Forget what was tried in one exercise.")
@click.option("--reset-all", "everything", is_flag=True, help="Forget what was tried in all that are listed.")
@click.option("--yes", is_flag=True, help="Do not ask before forgetting all.")
@json_option
def command(notebook: str | None, forgotten: str | None, everything: bool, yes: bool, as_json: bool) -> None:
    """List the exercises, of NOTEBOOK (an id or a number) or of all, with what was tried and passed."""
    from labkit.workshop import overview

    found = overview(notebook)
    if forgotten is not None:
        found.reset(forgotten)
    if everything:
        if not yes:
            of = f"the {len(found.standings)} exercises of {found.notebook}" if found.notebook else "all exercises"
            click.confirm(f"Forget what was tried and passed in {of}?", abort=True, err=True)
        found.reset_all()
    if as_json:
        print_json({"exercises": found.standings})
        return
    from rich.table import Table

    grid = Table(title="Exercises", title_justify="left", title_style="bold")
    for column in ("", "id", "title", "so far"):
        grid.add_column(column, no_wrap=column == "id")
    for one in found.standings:
        grid.add_row(one.sign, one.id, one.title, one.in_words)
    speaker = console()
    speaker.print(grid)
    speaker.print(found.sentence, markup=False)
