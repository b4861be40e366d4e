"""`labkit list`: what ships with the lab."""

from __future__ import annotations

from typing import Any

import click

from labkit.cli.out import console, json_option, print_json


@click.command(name="list", epilog="Example: labkit list --json")
@json_option
def command(as_json: bool) -> None:
    """List the guests, scenarios and exercises."""
    found = _everything()
    if as_json:
        print_json(found)
        return
    from rich.table import Table

    speaker = console()
    for title, columns, key in (
        ("Guests", ("name", "language", "title"), "guests"),
        ("Scenarios", ("id", "policy", "title"), "scenarios"),
        ("Exercises", ("id", "notebook", "title"), "exercises"),
    ):
        grid = Table(title=title, title_justify="left", title_style="bold")
        for column in columns:
            grid.add_column(column, no_wrap=column in ("name", "id"))
        for entry in found[key]:
            grid.add_row(*(str(entry[column] or "–") for column in columns))
        speaker.print(grid)
    speaker.print("Next: [bold]labkit run ID[/] plays a scenario, [bold]labkit build NAME[/] compiles a guest.")


def _everything() -> dict[str, list[dict[str, Any]]]:
    import msgspec

    from labkit import workshop
    from labkit.guests import catalogue
    from labkit.record import scenarios

    guests = [msgspec.to_builtins(guest, enc_hook=str) for guest in catalogue().values()]
    for guest in guests:
        # Where it lies on this machine is nobody else's business.
        del guest["path"]
    return {
        "guests": guests,
        "scenarios": [
            {
                "id": scenario.id,
                "title": scenario.title,
                "shows": scenario.shows,
                "guest": scenario.guest,
                "policy": scenario.policy,
                "expect": scenario.expect,
            }
            for scenario in scenarios().values()
        ],
        "exercises": [
            {"id": exercise.id, "notebook": exercise.notebook, "title": exercise.title}
            for exercise in workshop.exercises().values()
        ],
    }
