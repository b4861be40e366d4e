"""`labkit tour`: the failure modes in a terminal, for real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from labkit.cli.out import console, json_option, print_json
from labkit.cli.tour_stops import STOPS, Stop
from labkit.cli.tour_visit import PolicyRow, Visit, visit
from labkit.errors import unknown
from labkit.numbered import numbered

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


@click.command(name="tour", epilog="Example: labkit tour 1")
@click.argument("modes", metavar="[MODE]...", nargs=-1)
@json_option
def command(modes: tuple[str, ...], as_json: bool) -> None:
    """Walk through the failure modes, or through MODE (1 to 5): predict, run, see why, apply the fix, compare.

    What a release of Wasmtime other than this environment's shows is played in a child process; a release that is
    not here is fetched, and left out where that is not possible.
    """
    from labkit.host import Engine

    speaker = console()
    told = []
    stops = _stops(modes)
    with Engine() as engine:
        for number, stop in enumerate(stops, 1):
            if not as_json:
                _announce(speaker, f"{number} of {len(stops)}", stop)
            visited = visit(stop, engine)
            if as_json:
                told.append(_report(visited))
            else:
                _tell(speaker, visited)
    if as_json:
        print_json({"stops": told})


def _stops(modes: Sequence[str]) -> list[Stop]:
    """The stops with these numbers or families, in the tour's order; all of them for none."""
    by_family = {stop.family: stop for stop in STOPS}
    wanted = {numbered(mode, by_family) for mode in modes}
    for mode in sorted(wanted - by_family.keys()):
        raise unknown("failure mode", mode, by_family)
    return [stop for stop in STOPS if not modes or stop.family in wanted]


def _announce(speaker: Console, where: str, stop: Stop) -> None:
    from labkit import record

    speaker.rule(f"{where}: {record.find_scenario(stop.family).title}", align="left")
    speaker.print(f"\n{stop.question}")
    speaker.print(f"[bold]A fair prediction:[/] {stop.prediction}\n")


def _tell(speaker: Console, visited: Visit) -> None:
    from labkit.cli import steps
    from labkit.record import explain, telling

    stop = visited.stop
    if visited.missing:
        left_out = "the failure itself is not shown" if visited.failure is None else "this one is shown alone"
        speaker.print(f"Without that release, {left_out}: {visited.missing}\n", markup=False)
    if visited.failure is not None:
        speaker.print(steps.table(visited.failure, f"What happens (Wasmtime {visited.failure.runtime})"))
        speaker.print("[bold]Why:[/]")
        for n in telling(visited.failure):
            speaker.print(steps.explanation_text(explain(visited.failure, n)))
    speaker.print(steps.table(visited.fix, stop.fix_words))
    speaker.print(_comparison(visited))
    speaker.print(
        f"\nGo on: [bold]labkit lab {stop.family}[/] opens the notebook, "
        f"[bold]{_another_way(stop)}[/] runs it another way.\n"
    )


def _another_way(stop: Stop) -> str:
    how = f"--wasmtime {stop.releases[0]}" if stop.releases else "--policy fresh-store"
    return f"labkit run {stop.family} {how}"


def _comparison(visited: Visit) -> Table:
    from rich.table import Table

    from labkit.cli import steps

    grid = Table(title=visited.stop.comparison.words, title_justify="left", title_style="bold")
    first, *_ = visited.rows
    head = ("policy", "answers", "state kept") if isinstance(first, PolicyRow) else ("scenario", *first.ends)
    for column in head:
        grid.add_column(column)
    for row in visited.rows:
        if isinstance(row, PolicyRow):
            grid.add_row(row.policy, steps.signs(row.answers), row.state)
        else:
            grid.add_row(row.title, *(steps.outcome_text(end) for end in row.ends.values()))
    return grid


def _report(visited: Visit) -> dict[str, Any]:
    from labkit.record import explain, telling

    stop, failure = visited.stop, visited.failure
    policies = [
        {"policy": row.policy, "answers": [a.kind if a else None for a in row.answers], "state": row.state}
        for row in visited.rows
        if isinstance(row, PolicyRow)
    ]
    releases = [
        {"scenario": row.scenario, "ends": {v: end.kind if end else None for v, end in row.ends.items()}}
        for row in visited.rows
        if not isinstance(row, PolicyRow)
    ]
    return {
        "family": stop.family,
        "question": stop.question,
        "prediction": stop.prediction,
        "failure": failure,
        "missing": visited.missing,
        "why": [] if failure is None else [explain(failure, n) for n in telling(failure)],
        "fix": visited.fix,
        "policies": policies,
        "releases": releases,
        "notebook": f"{stop.family}.ipynb",
    }
