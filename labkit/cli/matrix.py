"""`labkit matrix`: scenarios under many Wasmtime releases and reuse policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labkit.cli import load
from labkit.cli.out import console, json_option, print_json, printable, progress

if TYPE_CHECKING:
    from rich.text import Text

    from labkit.record import Scenario
    from labkit.runtimes import Cell, Matrix


@click.command(name="matrix")
@click.argument("scenarios", nargs=-1, required=True)
@click.option("--wasmtime", "releases", help="Releases, with commas between; default: one per major version.")
@click.option("--policy", "policies", multiple=True, help="A reuse policy; may be given several times.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, scenarios: tuple[str, ...], releases: str | None, policies: tuple[str, ...], as_json: bool
) -> None:
    """Play SCENARIOS (ids from `labkit list`, families, or .json files) under many releases and show what differs.

    Releases that are missing are fetched. Each cell is a process of its own; what is known is not played again.
    Exit status 2 if not one cell could be played.
    """
    from rich.progress import Progress

    from labkit.runtimes import add_runtime, matrix, releases_with_components

    wanted = _wanted(scenarios)
    versions = releases.split(",") if releases is not None else list(releases_with_components())
    with progress("fetching releases") as say:
        versions = [add_runtime(version, say).version for version in versions]
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("playing", total=None)
        result = matrix(
            wanted.values(),
            versions,
            load.program,
            policies=policies,
            on_cell=lambda _cell, done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(result)
    else:
        _show(result)
    if not any(cell.trace for row in result.rows for cell in row.cells):
        ctx.exit(2)


def _wanted(names: tuple[str, ...]) -> dict[str, Scenario]:
    from labkit.errors import ArgumentError

    wanted: dict[str, Scenario] = {}
    for scenario in (scenario for what in names for scenario in load.family(what)):
        if wanted.setdefault(scenario.id, scenario) != scenario:
            raise ArgumentError(f"Two different scenarios are called {scenario.id}; rename one of them.")
    return wanted


def _show(result: Matrix) -> None:
    from rich.table import Table
    from rich.text import Text

    from labkit.cli.steps import LOOKS

    grid = Table(title="Outcomes of the calls", title_justify="left", title_style="bold")
    grid.add_column("scenario", min_width=20, overflow="fold")
    grid.add_column("policy", min_width=6, overflow="fold")
    for version in result.runtimes:
        grid.add_column(version, min_width=6, overflow="fold")
    problems: dict[str, None] = {}
    for row in result.rows:
        cells = []
        for cell in row.cells:
            mark = Text("≠ " if cell.runtime in row.changed else "  ", style="bold")
            cells.append(mark + _signs(cell))
            if cell.problem:
                problems[cell.problem] = None
        grid.add_row(printable(row.scenario), row.policy or "–", *cells)
    speaker = console()
    if not speaker.is_terminal:
        # One row per line, however many releases there are: a log is searched, not looked at.
        speaker.width = 70 + 16 * len(result.runtimes)
    speaker.print(grid)
    legend = Text()
    for kind, (sign, style) in LOOKS.items():
        legend.append(f"{sign} {kind}  ", style=style)
    speaker.print(legend)
    speaker.print("≠ went differently from the release to its left")
    for problem in problems:
        speaker.print(f"? {printable(problem)}", markup=False, style="dim", soft_wrap=True)


def _signs(cell: Cell) -> Text:
    from rich.text import Text

    from labkit.cli.steps import LOOKS

    if cell.trace is None:
        return Text("?", style="dim")
    line = Text()
    for step in cell.trace:
        if step.outcome is not None and (step.do == "call" or step.outcome.kind != "returned"):
            sign, style = LOOKS[step.outcome.kind]
            line.append(sign, style=style)
    return line
