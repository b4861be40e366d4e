"""`labkit tour`: the failure modes in a terminal, for real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from labkit.cli import load
from labkit.cli.out import console, json_option, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from labkit.host import Engine, Outcome
    from labkit.record import Trace


@dataclass(frozen=True)
class Stop:
    """One failure mode: the scenarios that show it, and the words between them.

    `prediction` is what one expects before the run; `story` is the variant that is played under every policy.
    """

    family: str
    question: str
    prediction: str
    fix: str
    fix_words: str
    story: str
    story_words: str

    def scenario(self, variant: str = "") -> str:
        """The id of the family's main scenario, or of a variant."""
        return f"{self.family}/{variant}" if variant else self.family


STOPS = (
    Stop(
        family="01-poisoned-component",
        question=(
            "A component doubles numbers and panics above 100. It is called with 101, and then with 10, twice. "
            "Do the two valid calls succeed?"
        ),
        prediction="The first call fails. The others are valid, so they return 20.0.",
        fix="new-store",
        fix_words="The fix: give the store up and make another. Engine and compiled component are used again.",
        story="story",
        story_words="The same five calls under every reuse policy (the last one asks how many were counted):",
    ),
)


@dataclass(frozen=True)
class _Row:
    """What one policy made of the story, and what the guest still knows at its end."""

    policy: str
    answers: tuple[Outcome | None, ...]
    state: str


@dataclass(frozen=True)
class _Visit:
    """What happened at a stop."""

    stop: Stop
    failure: Trace
    fix: Trace
    policies: list[_Row]


@click.command(name="tour")
@json_option
def command(as_json: bool) -> None:
    """Walk through the failure modes: predict, run, see why, apply the fix, compare the policies."""
    from labkit.host import Engine

    speaker = console()
    told = []
    with Engine() as engine:
        for number, stop in enumerate(STOPS, 1):
            if not as_json:
                _announce(speaker, number, stop)
            visit = _visit(stop, engine)
            if as_json:
                told.append(_report(visit))
            else:
                _tell(speaker, visit)
    if as_json:
        print_json({"stops": told})


def _visit(stop: Stop, engine: Engine) -> _Visit:
    from labkit import record
    from labkit.reuse import POLICIES, play
    from labkit.views.policy_table import input_calls, kept_state

    programs: dict[str, Any] = {}

    def once(name: str) -> Any:
        if name not in programs:
            programs[name] = load.program(name)
        return programs[name]

    def played(variant: str, policy: str | None = None) -> Trace:
        return play(record.find_scenario(stop.scenario(variant)), once, policy=policy, engine=engine)

    failure, fix = played(""), played(stop.fix)
    export = failure.steps[-1].export or ""
    rows = []
    for policy in POLICIES:
        trace = played(stop.story, policy.name)
        answers = tuple(step.outcome for step in input_calls(trace, export))
        rows.append(_Row(policy.name, answers, kept_state(trace, export)))
    return _Visit(stop, failure, fix, rows)


def _announce(speaker: Console, number: int, stop: Stop) -> None:
    from labkit import record

    speaker.rule(f"{number} of {len(STOPS)}: {record.find_scenario(stop.family).title}", align="left")
    speaker.print(f"\n{stop.question}")
    speaker.print(f"[bold]A fair prediction:[/] {stop.prediction}\n")


def _tell(speaker: Console, visit: _Visit) -> None:
    from rich.table import Table

    from labkit.cli import steps
    from labkit.record import explain

    stop = visit.stop
    speaker.print(steps.table(visit.failure, f"What happens (Wasmtime {visit.failure.runtime})"))
    speaker.print("[bold]Why:[/]")
    for n in steps.telling(visit.failure):
        speaker.print(steps.explanation_text(explain(visit.failure, n)))
    speaker.print(steps.table(visit.fix, stop.fix_words))
    grid = Table(title=stop.story_words, title_justify="left", title_style="bold")
    for column in ("policy", "answers", "state kept"):
        grid.add_column(column)
    for row in visit.policies:
        grid.add_row(row.policy, steps.signs(row.answers), row.state)
    speaker.print(grid)
    speaker.print(
        f"\nGo on: [bold]labkit lab {stop.family}[/] opens the notebook, "
        f"[bold]labkit run {stop.family} --policy fresh-store[/] runs it another way.\n"
    )


def _report(visit: _Visit) -> dict[str, Any]:
    from labkit.cli.steps import telling
    from labkit.record import explain

    return {
        "family": visit.stop.family,
        "question": visit.stop.question,
        "prediction": visit.stop.prediction,
        "failure": visit.failure,
        "why": [explain(visit.failure, n) for n in telling(visit.failure)],
        "fix": visit.fix,
        "policies": [
            {"policy": row.policy, "answers": [a.kind if a else None for a in row.answers], "state": row.state}
            for row in visit.policies
        ],
        "notebook": f"{visit.stop.family}.ipynb",
    }
