"""Listens to the host and keeps a trace."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import msgspec

from labkit.host.observer import Event, Seen
from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.host.wasi import Wasi
from labkit.record.expectation import seen_by_expectations
from labkit.record.trace import FORMAT, HostCall, ProgramRecord, Step, StoreRecord, Trace

Listener = Callable[[Step | ProgramRecord | StoreRecord], None]
"""Told of every record as it is made, and again whenever it changes."""

MAX_STEPS = 10_000
"""How many steps are kept unless told otherwise; older ones are dropped, and the trace says how many."""


class Recorder:
    """An observer that keeps the last `max_steps` steps. Safe to use from several threads."""

    def __init__(
        self,
        runtime: str,
        *,
        policy: str | None = None,
        scenario: str | None = None,
        max_steps: int = MAX_STEPS,
        listener: Listener | None = None,
    ) -> None:
        self._tell = listener or (lambda _record: None)
        self._runtime = runtime
        self._policy = policy
        self._scenario = scenario
        self._max = max_steps
        self._lock = threading.Lock()
        self._store_numbers = itertools.count(1)
        self._instance_numbers = itertools.count(1)
        self._last = 0
        self._dropped = 0
        self._steps: dict[int, Step] = {}
        self._stores: dict[int, StoreRecord] = {}
        self._labels: dict[str, str] = {}
        self.programs: dict[str, Program] = {}

    def open_store(self, wasi: Wasi | None = None, coroutines: tuple[str, ...] = ()) -> int:
        """The number of a new store."""
        with self._lock:
            number = next(self._store_numbers)
            self._stores[number] = StoreRecord(number, wasi=wasi, coroutines=coroutines)
            self._tell(self._stores[number])
            return number

    def close_store(self, store: int) -> None:
        """Note after which step the store was closed."""
        with self._lock:
            self._stores[store] = msgspec.structs.replace(self._stores[store], closed_after=self._last)
            self._tell(self._stores[store])

    def open_instance(self) -> int:
        """The number of a new instance."""
        return next(self._instance_numbers)

    def begin(self, event: Event) -> int:
        """Open a step."""
        with self._lock:
            self._last += 1
            self._steps[self._last] = Step(
                n=self._last,
                do=event.do,
                store=event.store,
                program=self._label(event.program),
                instance=event.instance,
                export=event.export,
                args=event.args,
                runner=event.runner,
                inside=event.inside,
                caller=event.caller,
                recompiled=event.recompiled,
                awaited=event.awaited,
                given=event.given,
            )
            self._tell(self._steps[self._last])
            self._trim()
            return self._last

    def end(self, step: int, outcome: Outcome, seen: Seen) -> None:
        """Complete a step with what was seen."""
        calls = tuple(HostCall(c.name, c.args, c.returned, c.raised) for c in seen.host_calls)
        with self._lock:
            if step in self._steps:
                self._steps[step] = msgspec.structs.replace(
                    self._steps[step], outcome=outcome, host_calls=calls, us=round(seen.us, 1)
                )
                self._tell(self._steps[step])
        seen_by_expectations(outcome)

    def note_gap(self, step: int, ms: float) -> None:
        """Add to a step for how long, at the longest, the event loop did nothing else, in milliseconds."""
        with self._lock:
            if step in self._steps:
                self._steps[step] = msgspec.structs.replace(self._steps[step], gap_ms=round(ms, 1))
                self._tell(self._steps[step])

    def _label(self, program: Program) -> str:
        """The program's name, made unique: an edited guest keeps its name but has another digest."""
        label = self._labels.get(program.digest)
        if label is None:
            label, number = program.name, 2
            while label in self.programs:
                label, number = f"{program.name} ({number})", number + 1
            self._labels[program.digest] = label
            self.programs[label] = program
            self._tell(_record(label, program))
        return label

    def _trim(self) -> None:
        while len(self._steps) > self._max:
            oldest = next(iter(self._steps))
            del self._steps[oldest]
            self._dropped += 1
        first = next(iter(self._steps))
        while self._stores:
            oldest_store = next(iter(self._stores.values()))
            if oldest_store.closed_after is None or oldest_store.closed_after >= first:
                break
            del self._stores[oldest_store.id]

    def trace(self) -> Trace:
        """Everything kept so far."""
        with self._lock:
            steps = tuple(self._steps.values())
            used = {step.program for step in steps}
            return Trace(
                format=FORMAT,
                runtime=self._runtime,
                policy=self._policy,
                scenario=self._scenario,
                dropped=self._dropped,
                programs=tuple(_record(name, p) for name, p in self.programs.items() if name in used),
                stores=tuple(self._stores.values()),
                steps=steps,
            )


def _record(name: str, program: Program) -> ProgramRecord:
    return ProgramRecord(name, program.kind, program.digest, program.size, program.how, program.toolchain)
