"""Puts the records of a child together into a trace, however the child ended."""

from __future__ import annotations

import msgspec

from labkit import errors
from labkit.errors import ChildError, LabkitError
from labkit.host.outcome import Outcome
from labkit.record.recorder import MAX_STEPS
from labkit.record.scenario import Scenario
from labkit.record.trace import FORMAT, ProgramRecord, Step, StoreRecord, Trace
from labkit.runtimes.last_words import before_faulthandler, last_words, signal_name
from labkit.runtimes.messages import Failure, Message
from labkit.runtimes.watch import Ending


class Assembly:
    """Feed it what comes from the child, then ask for the trace."""

    def __init__(self, scenario: Scenario, runtime: str, policy: str | None) -> None:
        self._scenario = scenario
        self._runtime = runtime
        self._policy = policy
        self._rest = b""
        self._steps: dict[int, Step] = {}
        self._dropped = 0
        self._programs: dict[str, ProgramRecord] = {}
        self._stores: dict[int, StoreRecord] = {}
        self._failure: Failure | None = None
        self._done = False

    def receive(self, data: bytes) -> None:
        """Take bytes as they come; an incomplete line waits for its end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(msgspec.json.decode(line, type=Message))

    def _take(self, message: Message) -> None:
        if message.step is not None:
            self._steps[message.step.n] = message.step
            while len(self._steps) > MAX_STEPS:
                del self._steps[next(iter(self._steps))]
                self._dropped += 1
        if message.program is not None:
            self._programs[message.program.name] = message.program
        if message.store is not None:
            self._stores[message.store.id] = message.store
        self._failure = message.failure or self._failure
        self._done = self._done or message.done

    def trace(self, ending: Ending) -> Trace:
        """What happened. Raises the `LabkitError` the child ended with, or `ChildError` when it did not begin."""
        if self._failure is not None:
            raise _error(self._failure)
        if not self._done:
            self._end_unfinished(ending)
        steps = tuple(self._steps.values())
        used = {step.program for step in steps}
        return Trace(
            format=FORMAT,
            runtime=self._runtime,
            policy=self._policy,
            scenario=self._scenario.id,
            dropped=self._dropped,
            programs=tuple(p for p in self._programs.values() if p.name in used),
            stores=tuple(self._stores.values()),
            steps=steps,
        )

    def _end_unfinished(self, ending: Ending) -> None:
        open_steps = [n for n, step in self._steps.items() if step.outcome is None]
        if not open_steps and not self._stores and ending.stopped is None and ending.status >= 0:
            words = last_words(ending.stderr) or f"it ended with status {ending.status} and said nothing"
            raise ChildError(f"The child process for Wasmtime {self._runtime} did not begin: {words}")
        outcome = _outcome(ending)
        if not open_steps:
            # It died between two steps, say while compiling: that counts as the instantiation about to begin.
            n = max(self._steps, default=0) + 1
            store = max(self._stores, default=1)
            self._steps[n] = Step(n=n, do="instantiate", store=store, program=self._scenario.guest)
            open_steps = [n]
        for n in open_steps:
            self._steps[n] = msgspec.structs.replace(self._steps[n], outcome=outcome)


def _outcome(ending: Ending) -> Outcome:
    said = before_faulthandler(ending.stderr)
    if ending.late:
        return Outcome("timed-out", message=ending.stopped, stderr=said)
    if ending.stopped is not None:
        return Outcome("aborted", signal="SIGKILL", message=ending.stopped, stderr=said)
    return Outcome("aborted", signal=signal_name(ending.status), message=last_words(ending.stderr), stderr=said)


def _error(failure: Failure) -> LabkitError:
    """The error as the child raised it."""
    kind = getattr(errors, failure.error, LabkitError)
    assert issubclass(kind, LabkitError)
    return kind(failure.sentence)
