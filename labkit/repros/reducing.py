"""Making a repro as small as one outcome of it allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from labkit.errors import LabkitError
from labkit.record.repro import Repro, make_repro
from labkit.record.scenario import Scenario
from labkit.record.trace import Step, Trace
from labkit.repros.smaller import tidied, with_fewer_instances, with_simpler_values, without_steps
from labkit.runtimes.difference import essence, past
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.release import Runtime
from labkit.runtimes.run import run_in_child
from labkit.runtimes.watch import ChildLimits

RUNS = 400
"""Plays that are tried unless told otherwise."""

Say = Callable[[str], None]


class Reduction(msgspec.Struct, frozen=True):
    """A smaller repro, and what it took: `runs` plays. `step` is the one of the original whose outcome stayed."""

    repro: Repro
    original: Repro
    step: int
    runs: int

    @property
    def sentence(self) -> str:
        """What is left, in words."""
        before, after = len(self.original.scenario.steps), len(self.repro.scenario.steps)
        last = self.repro.trace.steps[-1]
        return (
            f"{after} of {before} steps are left, after {self.runs} runs: step {last.n}, which was step "
            f"{self.step}, {past(last.outcome)}, as before."
        )


def reduce_repro(
    repro: Repro,
    runtime: Runtime,
    *,
    step: int | None = None,
    runs: int = RUNS,
    limits: ChildLimits | None = None,
    nursery: Nursery | None = None,
    say: Say = lambda _text: None,
) -> Reduction:
    """Leave out steps and simplify values as long as `step` ends as it was recorded, for the same reason.

    Without `step` it is the last one that brought no answer. Everything is played in children under `runtime`, at
    most `runs` times. What counts is the outcome, the functions in the backtrace, and the same of the step to
    blame; never a text. Raises `LabkitError` if there is no such step, or if it does not end so here.
    """
    target = _target(repro.trace, step)
    cut = _until(repro, target)
    tried = _Tried(repro, runtime, limits, nursery)
    trace = tried.trace(cut)
    wanted = signature(repro.trace, target)
    if trace is None or not trace.steps or signature(trace, trace.steps[-1]) != wanted:
        raise LabkitError(
            f"Step {target.n} does not go here as it was recorded, so there is nothing to reduce; "
            "`labkit replay` says what differs."
        )
    best = cut
    while (smaller := next(tried.keeping(wanted, _candidates(best), runs), None)) is not None:
        best = smaller
        say(f"{len(best.steps)} steps after {tried.runs} runs")
    best = tidied(best)
    found = tried.trace(best)
    if found is None:
        raise LabkitError("What was left in the end could not be played once more; try again.")
    return Reduction(make_repro(best, found, repro.programs), repro, target.n, tried.runs)


def signature(trace: Trace, step: Step) -> Any:
    """What has to stay: how a step ended, where in the program, and the same of the step that its cause names."""
    outcome = step.outcome
    frames = tuple(frame.func_index for frame in outcome.frames) if outcome else ()
    blamed = outcome.cause.step if outcome and outcome.cause else None
    # Of what comes before it only: a trace that somebody made up may go round in circles.
    because = signature(trace, trace.step(blamed)) if blamed is not None and blamed < step.n else None
    return step.program, essence(step), frames, because


def _candidates(scenario: Scenario) -> Iterator[Scenario]:
    yield from without_steps(scenario)
    yield from with_fewer_instances(scenario)
    yield from with_simpler_values(scenario)


def _target(trace: Trace, step: int | None) -> Step:
    if step is not None:
        return trace.step(step)
    failed = [one for one in trace if one.outcome is not None and not one.outcome.ok]
    if not failed:
        raise LabkitError("Every step of this repro was answered; name the one to keep with --step.")
    return failed[-1]


def _until(repro: Repro, target: Step) -> Scenario:
    """The scenario up to the step that counts; under a policy only calls are steps of it."""
    scenario = repro.scenario
    counted = [one for one in repro.trace if one.inside is None and (scenario.names_stores or one.do == "call")]
    if target not in counted:
        raise LabkitError(
            f"Step {target.n} is none of the scenario's own: a reuse policy or a host function made it; name "
            "another."
        )
    wanted = counted.index(target)
    last = [n for n, one in enumerate(scenario.steps) if one.do != "close"][wanted]
    return msgspec.structs.replace(scenario, steps=scenario.steps[: last + 1], expect=())


class _Tried:
    """Plays scenarios, and counts; each is played once."""

    def __init__(
        self, repro: Repro, runtime: Runtime, limits: ChildLimits | None, nursery: Nursery | None
    ) -> None:
        self.runs = 0
        self._repro = repro
        self._runtime = runtime
        self._limits = limits
        self._nursery = nursery
        self._traces: dict[bytes, Trace | None] = {}

    def trace(self, scenario: Scenario) -> Trace | None:
        """What comes of it; None if it cannot be played at all."""
        key = msgspec.json.encode(scenario, order="deterministic")
        if key not in self._traces:
            self.runs += 1
            try:
                self._traces[key] = run_in_child(
                    scenario, self._repro.programs, self._runtime, limits=self._limits, nursery=self._nursery
                )
            except LabkitError:
                self._traces[key] = None
        return self._traces[key]

    def keeping(self, wanted: Any, candidates: Iterator[Scenario], runs: int) -> Iterator[Scenario]:
        """Those of the candidates whose last step ends as it has to."""
        for scenario in candidates:
            if self.runs >= runs:
                return
            trace = self.trace(scenario)
            if trace is not None and trace.steps and signature(trace, trace.steps[-1]) == wanted:
                yield scenario
