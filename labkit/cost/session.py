"""A run of the cost lab: in a process of its own, watched, with results as they come, and it can be stopped.

One process measures table after table, because what it has compiled serves them all. If it hangs or crashes, the
table it was at is lost, and another process goes on with the next.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from labkit.cost.comparison import Noise
from labkit.cost.machine import this_machine
from labkit.cost.messages import Job, Message
from labkit.cost.plans import Plan
from labkit.cost.results import FORMAT, Results, Row, Table
from labkit.errors import ChildError
from labkit.host.program import Program
from labkit.record.trace import ProgramRecord
from labkit.runtimes.last_words import last_words, signal_name
from labkit.runtimes.nursery import plain
from labkit.runtimes.run import child_environment, python_command
from labkit.runtimes.watch import ChildLimits, Ending, watch

PATIENCE: Final = 60.0
"""Seconds that a run may take beyond its time, and be silent: what it measures is compiled first, and the machine
may be busy.
"""

_MEMORY: Final = 6 * 2**30
_OUTPUT: Final = 2**29
"""Bytes: the Python guest alone needs one of the six, and what is serialised of it and cached is some 200 MB."""


class Session:
    """Tables to be measured in a process of its own. One that is silent for `patience` seconds, or is not done
    that long after its time, is ended, and the table it was at is lost.

    `run()` does it and gives the results, `stop()` ends it early, with what there is; so does an interrupt.
    `on_results` gets the results so far and the part of the time that is over, 0 to 1, about once a second.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        programs: Mapping[str, Program],
        absent: Mapping[str, str] | None = None,
        *,
        seconds: float,
        patience: float = PATIENCE,
        on_results: Callable[[Results, float], None] = lambda _results, _part: None,
    ) -> None:
        self._plans = tuple(plans)
        self._programs = dict(programs)
        self._absent = dict(absent or {})
        self._seconds = seconds
        self._patience = patience
        self._on_results = on_results
        self._stop = threading.Event()
        self._tables: dict[str, Table] = {}
        self._machine = this_machine()
        self._began = datetime.now(UTC)
        self._started = time.monotonic()
        self._problem = ""
        self._failure = ""
        self._over = 0.0
        self._rest = b""

    @property
    def results(self) -> Results:
        """What there is so far."""
        records = {
            name: ProgramRecord(p.name, p.kind, p.digest, p.size, p.how, p.toolchain)
            for name, p in self._programs.items()
        }
        return Results(
            format=FORMAT,
            began=self._began.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._started, 1),
            machine=self._machine,
            programs=records,
            tables=tuple(self._tables[plan.id] for plan in self._plans if plan.id in self._tables),
            problem=self._problem or _lost(self._tables.values()),
        )

    def stop(self) -> None:
        """Have `run` end with what there is; from any thread."""
        self._stop.set()

    def run(self) -> Results:
        """Measure, and give everything that was measured, also if it ended early: then `problem` says why.

        Raises `ChildError` when not even a first process can be started for it.
        """
        try:
            self._measure()
        except KeyboardInterrupt:
            self.stop()
        if self._stop.is_set():
            self._problem = "The run was stopped."
        return self.results

    def _measure(self) -> None:
        left = self._plans
        while left and not self._stop.is_set():
            try:
                problem = _problem(self._in_a_child(left))
            except ChildError as error:
                if not self._tables:
                    raise
                problem = str(error)
            left = tuple(plan for plan in left if not self._is_complete(plan))
            if left and not self._stop.is_set():
                self._lose(left[0], self._failure or problem)
                left = left[1:]

    def _in_a_child(self, plans: Sequence[Plan]) -> Ending:
        """Measure these in one process, until it is done or ends."""
        seconds = self._seconds * self._share(plans)
        self._over, self._rest, self._failure = 1 - self._share(plans), b"", ""
        limits = ChildLimits(seconds=seconds + self._patience, memory=_MEMORY, output=_OUTPUT)
        needed = {name: self._programs[name] for name in _workloads(plans) if name in self._programs}
        job = Job(tuple(plans), seconds, needed, self._absent)
        command, environment = python_command("-m", "labkit.cost.child"), child_environment(None)
        # With it every trap looks up its lines, which takes milliseconds.
        environment.pop("WASMTIME_BACKTRACE_DETAILS", None)
        try:
            with tempfile.TemporaryDirectory(prefix="labkit-") as folder, tempfile.TemporaryFile() as sheet:
                sheet.write(msgspec.json.encode(job))
                sheet.seek(0)
                launch = plain(command, environment)
                return watch(
                    *(launch, sheet, Path(folder), limits, self._receive),
                    stop=self._stop,
                    silence=self._patience,
                )
        except OSError as error:
            raise ChildError(f"The process that measures cannot be started: {error.strerror or error}.") from None

    def _receive(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for text in lines:
            message = msgspec.json.decode(text, type=Message)
            self._failure = message.failure or self._failure
            self._machine = message.machine or self._machine
            if message.table is not None:
                part = self._over + (1 - self._over) * (message.part or 0.0)
                self._take(message.table, part)

    def _take(self, table: Table, part: float) -> None:
        self._tables[table.id] = table
        self._on_results(self.results, part)

    def _lose(self, plan: Plan, problem: str) -> None:
        """Keep what there is of a table that nobody will finish, and say why."""
        found = self._tables.get(plan.id)
        rows = found.rows if found else tuple(Row(subject) for subject in plan.subjects)
        rows = tuple(row if row.times else Row(row.subject, None, problem) for row in rows)
        noise = found.noise if found else Noise(())
        self._take(
            Table(plan.id, plan.title, rows, noise, plan.per, plan.axis, complete=False, problem=problem),
            1 - self._share([one for one in self._plans if not self._is_complete(one) and one.id != plan.id]),
        )

    def _is_complete(self, plan: Plan) -> bool:
        return plan.id in self._tables and self._tables[plan.id].complete

    def _share(self, plans: Sequence[Plan]) -> float:
        """The part of the time that these get."""
        return sum(plan.share for plan in plans) / sum(plan.share for plan in self._plans)


def _workloads(plans: Sequence[Plan]) -> Iterator[str]:
    return (name for plan in plans for name in plan.workloads)


def _lost(tables: Iterable[Table]) -> str:
    """Which tables were lost, as a sentence; empty if none was."""
    lost = [table for table in tables if table.problem]
    if not lost:
        return ""
    names = ", ".join(table.id for table in lost)
    return f"Not measured to the end: {names}. {lost[0].problem}"


def _problem(ending: Ending) -> str:
    """Why it ended before it was done, as a sentence."""
    if ending.stopped is not None:
        return f"{ending.stopped[0].upper()}{ending.stopped[1:]}."
    if ending.status:
        words = last_words(ending.stderr)
        return f"The process that measured ended with {signal_name(ending.status)}" + (
            f": {words}" if words else "."
        )
    return "The process that measured ended before it was done."
