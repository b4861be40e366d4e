"""Playing what a stop of the tour shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.cli import load
from labkit.cli.out import progress
from labkit.cli.tour_stops import ByPolicy, ByRelease, Stop
from labkit.errors import RuntimeDamagedError, RuntimeMissingError

if TYPE_CHECKING:
    from labkit.host import Engine, Outcome, Program
    from labkit.record import Trace

Load = Callable[[str], "Program"]


@dataclass(frozen=True)
class PolicyRow:
    """What one policy made of the story, and what the guest still knows at its end."""

    policy: str
    answers: tuple[Outcome | None, ...]
    state: str


@dataclass(frozen=True)
class ReleaseRow:
    """What came of a scenario under each release, its first failure if any; None where it cannot be run."""

    scenario: str
    title: str
    ends: dict[str, Outcome | None]


@dataclass(frozen=True)
class Visit:
    """What happened at a stop. `missing` says why a release could not be had; then there may be no `failure`."""

    stop: Stop
    failure: Trace | None
    fix: Trace
    rows: list[PolicyRow] | list[ReleaseRow]
    missing: str | None = None


def visit(stop: Stop, engine: Engine) -> Visit:
    """Play all that a stop shows; a release that is needed and not here is fetched."""
    programs: dict[str, Program] = {}

    def once(name: str) -> Program:
        if name not in programs:
            programs[name] = load.program(name)
        return programs[name]

    missing = _fetched(stop)
    failure = None if stop.under and missing else _played(stop, "", once, engine, stop.under)
    fix = _played(stop, stop.fix, once, engine)
    if isinstance(stop.comparison, ByPolicy):
        return Visit(stop, failure, fix, _by_policy(stop, stop.comparison, once, engine))
    releases = () if missing else stop.comparison.releases
    return Visit(stop, failure, fix, _by_release(stop, stop.comparison, releases, once), missing)


def _fetched(stop: Stop) -> str | None:
    """Have the releases of a stop here; the sentence of the first that cannot be had."""
    if not stop.releases:
        return None
    from labkit.runtimes import add_runtime

    try:
        with progress("preparing") as say:
            for version in stop.releases:
                add_runtime(version, say)
    except (RuntimeMissingError, RuntimeDamagedError) as error:
        return str(error)
    return None


def _played(
    stop: Stop,
    variant: str,
    once: Load,
    engine: Engine,
    under: str | None = None,
    policy: str | None = None,
) -> Trace:
    from labkit.record import find_scenario
    from labkit.reuse import play

    scenario = find_scenario(stop.scenario(variant))
    if under is None:
        return play(scenario, once, policy=policy, engine=engine)
    from labkit.runtimes import Runtime, programs_of, run_in_child

    return run_in_child(scenario, {name: once(name) for name in programs_of(scenario)}, Runtime(under))


def _by_policy(stop: Stop, comparison: ByPolicy, once: Load, engine: Engine) -> list[PolicyRow]:
    from labkit.record import find_scenario
    from labkit.reuse import POLICIES
    from labkit.views.policy_table import input_calls, kept_state

    export = find_scenario(stop.family).steps[-1].export or ""
    rows = []
    for policy in POLICIES:
        trace = _played(stop, comparison.story, once, engine, policy=policy.name)
        answers = tuple(step.outcome for step in input_calls(trace, export))
        rows.append(PolicyRow(policy.name, answers, kept_state(trace, export)))
    return rows


def _by_release(stop: Stop, comparison: ByRelease, releases: tuple[str, ...], once: Load) -> list[ReleaseRow]:
    from labkit.record import find_scenario
    from labkit.runtimes import matrix, own_version

    wanted = [find_scenario(stop.scenario(variant)) for variant in comparison.variants]
    with progress("playing"):
        found = matrix(wanted, [*releases, own_version()], once)
    return [
        ReleaseRow(scenario.id, scenario.title, {cell.runtime: _end(cell.trace) for cell in row.cells})
        for scenario, row in zip(wanted, found.rows, strict=True)
    ]


def _end(trace: Trace | None) -> Outcome | None:
    """The first outcome that is no answer, or else the last one."""
    outcomes = [step.outcome for step in trace or () if step.outcome is not None]
    return next((outcome for outcome in outcomes if not outcome.ok), outcomes[-1] if outcomes else None)
