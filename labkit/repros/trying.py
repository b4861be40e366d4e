"""Playing what might be a smaller repro, and whether the outcome that counts is still there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from labkit.errors import LabkitError
from labkit.host.program import Program
from labkit.record.scenario import Scenario
from labkit.record.trace import Step, Trace
from labkit.runtimes.difference import essence
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.release import Runtime
from labkit.runtimes.run import run_in_child
from labkit.runtimes.watch import ChildLimits


def signature(trace: Trace, step: Step, *, place: bool = True) -> Any:
    """What has to stay: how a step ended, at which `place` in the program, and the same of the step that its cause
    names.
    """
    outcome = step.outcome
    frames = tuple(frame.func_index for frame in outcome.frames) if outcome and place else ()
    blamed = outcome.cause.step if outcome and outcome.cause else None
    # Of what comes before it only: a trace that somebody made up may go round in circles.
    earlier = blamed is not None and blamed < step.n
    because = signature(trace, trace.step(blamed), place=place) if blamed is not None and earlier else None
    return step.program, essence(step), frames, because


def last_signature(trace: Trace | None, *, place: bool = True) -> Any:
    """That of the last step; None where nothing was played."""
    return signature(trace, trace.steps[-1], place=place) if trace is not None and trace.steps else None


class Tried:
    """Plays scenarios with these programs, and counts; each is played once. `until`: when the time for it is over,
    on the monotonic clock.
    """

    def __init__(
        self,
        programs: Mapping[str, Program],
        runtime: Runtime,
        limits: ChildLimits | None,
        nursery: Nursery | None,
        until: float,
    ) -> None:
        self.runs = 0
        self.until = until
        self.programs = dict(programs)
        self._runtime = runtime
        self._limits = limits
        self._nursery = nursery
        self._traces: dict[bytes, Trace | None] = {}

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() > self.until

    def trace(self, scenario: Scenario) -> Trace | None:
        """What comes of it; None if it cannot be played at all."""
        digests = [program.digest for program in self.programs.values()]
        key = msgspec.json.encode((scenario, digests), order="deterministic")
        if key not in self._traces:
            self._traces[key] = self.trace_with(scenario, {})
        return self._traces[key]

    def trace_with(
        self, scenario: Scenario, others: Mapping[str, Program], limits: ChildLimits | None = None
    ) -> Trace | None:
        """The same with some other programs, and played again each time."""
        self.runs += 1
        try:
            return run_in_child(
                *(scenario, {**self.programs, **others}, self._runtime),
                limits=limits or self._limits,
                nursery=self._nursery,
            )
        except LabkitError:
            return None

    def keeping(self, wanted: Any, candidates: Iterator[Scenario], runs: int) -> Iterator[Scenario]:
        """Those of the candidates whose last step ends as it has to."""
        for scenario in candidates:
            if self.runs >= runs or self.is_over:
                return
            if last_signature(self.trace(scenario)) == wanted:
                yield scenario
