"""`labkit matrix`: scenarios under many Wasmtime releases and reuse policies."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from labkit.cli import load
from labkit.cli.out import console, json_option, print_json, printable, progress

if TYPE_CHECKING:
    from rich.text import Text

    from labkit.host import Program
    from labkit.record import Scenario
    from labkit.runtimes import Cell, Matrix


@click.command(
    name="matrix", epilog="Example: labkit matrix 01-poisoned-component --wasmtime 39.0.0,50.0.1 --policy keep"
)
@click.argument("scenarios", nargs=-1, required=True)
@click.option("--wasmtime", "releases", help="Releases, with commas between; default: one per major version.")
@click.option("--policy", "policies", multiple=True, help="A reuse policy; may be given several times.")
@click.option("--scheduler", metavar="ADDRESS", help="Play on the Dask cluster of this scheduler.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    releases: str | None,
    policies: tuple[str, ...],
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Play SCENARIOS under many releases and show what differs: ids from `labkit list`, families, files, repros.

    Releases that are missing are fetched. Each cell is a process of its own; what is known is not played again.
    With --scheduler, such as tcp://host:8786, the workers of a Dask cluster play the cells, each with releases
    that it fetches itself; a cell whose worker is lost goes to another one. Exit status 2 if not one cell could
    be played.
    """
    from labkit.runtimes import releases_with_components

    wanted, brought = _wanted(scenarios)
    versions = releases.split(",") if releases is not None else list(releases_with_components())
    result = _play(wanted, brought, versions, policies, scheduler)
    if as_json:
        print_json(result)
    else:
        _show(result)
    if not any(cell.trace for row in result.rows for cell in row.cells):
        ctx.exit(2)


def _play(
    wanted: dict[str, Scenario],
    brought: dict[str, Mapping[str, Program]],
    versions: list[str],
    policies: tuple[str, ...],
    scheduler: str | None,
) -> Matrix:
    from rich.progress import Progress

    from labkit.runtimes import add_runtime, dask_cluster, matrix

    with contextlib.ExitStack() as stack:
        if scheduler is None:
            executor = None
            with progress("fetching releases") as say:
                versions = [add_runtime(version, say).version for version in versions]
        else:
            executor = stack.enter_context(dask_cluster(scheduler))
        bar = stack.enter_context(Progress(console=console(stderr=True), transient=True))
        task = bar.add_task("playing", total=None)
        return matrix(
            wanted.values(),
            versions,
            load.program,
            brought=brought,
            policies=policies,
            executor=executor,
            on_cell=lambda _cell, done, total: bar.update(task, completed=done, total=total),
        )


def _wanted(names: tuple[str, ...]) -> tuple[dict[str, Scenario], dict[str, Mapping[str, Program]]]:
    from labkit.errors import ArgumentError

    wanted: dict[str, Scenario] = {}
    brought: dict[str, Mapping[str, Program]] = {}
    for found in map(load.wanted, names):
        for scenario in found.scenarios:
            known = scenario.id in wanted and brought.get(scenario.id) != found.brought
            if wanted.setdefault(scenario.id, scenario) != scenario or known:
                raise ArgumentError(f"Two different scenarios are called {scenario.id}; rename one of them.")
            if found.brought is not None:
                brought[scenario.id] = found.brought
    return wanted, brought


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
