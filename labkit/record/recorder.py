"""Listens to the host and keeps a trace."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable

import msgspec

from labkit.errors import ArgumentError
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
    """An observer that keeps the last `max_steps` steps. Safe to use from several threads.

    Raises `ArgumentError` for a number of steps that keeps none.
    """

    def __init__(
        self,
        runtime: str,
        *,
        policy: str | None = None,
        scenario: str | None = None,
        max_steps: int = MAX_STEPS,
        listener: Listener | None = None,
    ) -> None:
        if max_steps < 1:
            raise ArgumentError(f"A trace keeps at least one step, not {max_steps}.")
        self._tell = listener
        self._runtime = runtime
        self._policy = policy
        self._scenario = scenario
        self._max = max_steps
        self._lock = threading.Lock()
        self._store_numbers = itertools.count(1)
        self._instance_numbers = itertools.count(1)
        self._last = 0
        # Step n lies at (n - 1) modulo the most that are kept.
        self._steps: list[Step] = []
        self._stores: dict[int, StoreRecord] = {}
        self._closed: deque[tuple[int, int]] = deque()
        self._labels: dict[str, str] = {}
        self.programs: dict[str, Program] = {}

    def open_store(self, wasi: Wasi | None = None, coroutines: tuple[str, ...] = ()) -> int:
        """The number of a new store."""
        with self._lock:
            number = next(self._store_numbers)
            self._stores[number] = StoreRecord(number, wasi=wasi, coroutines=coroutines)
            if self._tell is not None:
                self._tell(self._stores[number])
            return number

    def close_store(self, store: int) -> None:
        """Note after which step the store was closed."""
        with self._lock:
            record = msgspec.structs.replace(self._stores[store], closed_after=self._last)
            self._stores[store] = record
            self._closed.append((store, self._last))
            self._forget_stores()
            if self._tell is not None:
                self._tell(record)

    def open_instance(self) -> int:
        """The number of a new instance."""
        return next(self._instance_numbers)

    def begin(self, event: Event) -> int:
        """Open a step."""
        with self._lock:
            self._last = n = self._last + 1
            # By position: there is a step for every call, and this takes a quarter of the time.
            step = Step(
                n,
                event.do,
                event.store,
                self._labels.get(event.program.digest) or self._label(event.program),
                event.instance,
                event.export,
                event.args,
                event.runner,
                event.inside,
                event.caller,
                event.recompiled,
                (),
                None,
                None,
                event.awaited,
                None,
                event.given,
            )
            if n <= self._max:
                self._steps.append(step)
            else:
                self._steps[(n - 1) % self._max] = step
                self._forget_stores()
            if self._tell is not None:
                self._tell(step)
            return n

    def end(self, step: int, outcome: Outcome, seen: Seen) -> None:
        """Complete a step with what was seen."""
        # To a tenth of a microsecond; `round` takes longer.
        us = int(seen.us * 10 + 0.5) / 10
        with self._lock:
            kept = self._kept(step)
            if kept is not None and seen.host_calls:
                calls = tuple(HostCall(c.name, c.args, c.returned, c.raised) for c in seen.host_calls)
                self._keep(msgspec.structs.replace(kept, outcome=outcome, us=us, host_calls=calls))
            elif kept is not None:
                self._keep(msgspec.structs.replace(kept, outcome=outcome, us=us))
        seen_by_expectations(outcome)

    def note_gap(self, step: int, ms: float) -> None:
        """Add to a step for how long, at the longest, the event loop did nothing else, in milliseconds."""
        with self._lock:
            kept = self._kept(step)
            if kept is not None:
                self._keep(msgspec.structs.replace(kept, gap_ms=round(ms, 1)))

    def _kept(self, n: int) -> Step | None:
        """The step with this number; None if it was dropped."""
        step = self._steps[(n - 1) % self._max]
        return step if step.n == n else None

    def _keep(self, step: Step) -> None:
        self._steps[(step.n - 1) % self._max] = step
        if self._tell is not None:
            self._tell(step)

    def _forget_stores(self) -> None:
        """Drop the records of stores that were closed before the first step that is kept."""
        first = self._last - len(self._steps) + 1
        while self._closed and self._closed[0][1] < first:
            del self._stores[self._closed.popleft()[0]]

    def _label(self, program: Program) -> str:
        """A name for a program that is new here: an edited guest keeps its name but has another digest."""
        label, number = program.name, 2
        while label in self.programs:
            label, number = f"{program.name} ({number})", number + 1
        self._labels[program.digest] = label
        self.programs[label] = program
        if self._tell is not None:
            self._tell(_record(label, program))
        return label

    def trace(self) -> Trace:
        """Everything kept so far."""
        with self._lock:
            oldest = self._last % self._max if self._last > self._max else 0
            steps = (*self._steps[oldest:], *self._steps[:oldest])
            used = {step.program for step in steps}
            return Trace(
                format=FORMAT,
                runtime=self._runtime,
                policy=self._policy,
                scenario=self._scenario,
                dropped=self._last - len(steps),
                programs=tuple(_record(name, p) for name, p in self.programs.items() if name in used),
                stores=tuple(self._stores.values()),
                steps=steps,
            )


def _record(name: str, program: Program) -> ProgramRecord:
    return ProgramRecord(name, program.kind, program.digest, program.size, program.how, program.toolchain)
