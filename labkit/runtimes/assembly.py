"""Puts the records of a child together into a trace, however the child ended."""

from __future__ import annotations

import msgspec

from labkit import errors
from labkit.errors import ChildError, LabkitError
from labkit.inspect.memory import MemoryDiff
from labkit.record.scenario import Scenario
from labkit.record.trace import Step, Trace
from labkit.runtimes.last_words import last_words
from labkit.runtimes.messages import Failure, Message
from labkit.runtimes.records import Records, death
from labkit.runtimes.watch import Ending


class Assembly:
    """Feed it what comes from the child, then ask for the trace; `memories` are what each step changed."""

    def __init__(self, scenario: Scenario, runtime: str, policy: str | None) -> None:
        self._scenario = scenario
        self._runtime = runtime
        self._policy = policy
        self._rest = b""
        self._records = Records()
        self._failure: Failure | None = None
        self._done = False
        self.memories: dict[int, MemoryDiff] = {}

    def receive(self, data: bytes) -> None:
        """Take bytes as they come; an incomplete line waits for its end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(msgspec.json.decode(line, type=Message))

    def _take(self, message: Message) -> None:
        for record in (message.step, message.program, message.store):
            if record is not None:
                self._records.take(record)
        if message.memory is not None:
            self.memories[message.memory.n] = msgspec.json.decode(message.memory.diff, type=MemoryDiff)
        self._failure = message.failure or self._failure
        self._done = self._done or message.done

    def trace(self, ending: Ending) -> Trace:
        """What happened. Raises the `LabkitError` the child ended with, or `ChildError` when it did not begin."""
        if self._failure is not None:
            raise _error(self._failure)
        if not self._done:
            self._end_unfinished(ending)
        return self._records.trace(self._runtime, self._policy, self._scenario.id)

    def _end_unfinished(self, ending: Ending) -> None:
        records = self._records
        if not records.open_steps and not records.stores and ending.stopped is None and ending.status >= 0:
            words = last_words(ending.stderr) or f"it ended with status {ending.status} and said nothing"
            raise ChildError(f"The child process for Wasmtime {self._runtime} did not begin: {words}")
        if not records.open_steps:
            # It died between two steps, say while compiling: that counts as the instantiation about to begin.
            n = max(records.steps, default=0) + 1
            store = max(records.stores, default=1)
            records.take(Step(n=n, do="instantiate", store=store, program=self._scenario.guest))
        records.end_open_steps(death(ending))


def _error(failure: Failure) -> LabkitError:
    """The error as the child raised it."""
    kind = getattr(errors, failure.error, LabkitError)
    assert issubclass(kind, LabkitError)
    return kind(failure.sentence)
