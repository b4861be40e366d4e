"""What a child has reported so far, and what its end means for it."""

from __future__ import annotations

import msgspec

from labkit.host.outcome import Outcome
from labkit.record.recorder import MAX_STEPS
from labkit.record.trace import FORMAT, ProgramRecord, Step, StoreRecord, Trace
from labkit.runtimes.last_words import before_faulthandler, last_words, signal_name
from labkit.runtimes.watch import Ending


class Records:
    """Feed it the records as they come, then ask for the trace."""

    def __init__(self) -> None:
        self.steps: dict[int, Step] = {}
        self.stores: dict[int, StoreRecord] = {}
        self._programs: dict[str, ProgramRecord] = {}
        self._dropped = 0

    def take(self, record: Step | ProgramRecord | StoreRecord) -> None:
        """Note a record that is new or has changed."""
        match record:
            case Step():
                self.steps[record.n] = record
                while len(self.steps) > MAX_STEPS:
                    del self.steps[next(iter(self.steps))]
                    self._dropped += 1
            case ProgramRecord():
                self._programs[record.name] = record
            case StoreRecord():
                self.stores[record.id] = record

    @property
    def open_steps(self) -> list[int]:
        """The steps that have begun and not ended, outermost first."""
        return [n for n, step in self.steps.items() if step.outcome is None]

    def end_open_steps(self, outcome: Outcome) -> None:
        """Let the steps that were open when the child died have this outcome."""
        for n in self.open_steps:
            self.steps[n] = msgspec.structs.replace(self.steps[n], outcome=outcome)

    def trace(self, runtime: str, policy: str | None = None, scenario: str | None = None) -> Trace:
        """Everything kept."""
        steps = tuple(self.steps.values())
        used = {step.program for step in steps}
        return Trace(
            format=FORMAT,
            runtime=runtime,
            policy=policy,
            scenario=scenario,
            dropped=self._dropped,
            programs=tuple(p for p in self._programs.values() if p.name in used),
            stores=tuple(self.stores.values()),
            steps=steps,
        )


def death(ending: Ending) -> Outcome:
    """The end of a child that was not done, as an outcome."""
    said = before_faulthandler(ending.stderr)
    if ending.late:
        return Outcome("timed-out", message=ending.stopped, stderr=said)
    if ending.stopped is not None:
        return Outcome("aborted", signal="SIGKILL", message=ending.stopped, stderr=said)
    return Outcome("aborted", signal=signal_name(ending.status), message=last_words(ending.stderr), stderr=said)
