"""A run of the cost lab: in a process of its own, watched, with results as they come, and it can be stopped."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from labkit.cost.machine import this_machine
from labkit.cost.messages import Job, Message
from labkit.cost.plans import Plan
from labkit.cost.results import FORMAT, Results, Table
from labkit.cost.workloads import Build, programs, workload
from labkit.errors import ChildError
from labkit.host.program import Program
from labkit.record.trace import ProgramRecord
from labkit.runtimes.last_words import last_words, signal_name
from labkit.runtimes.nursery import plain
from labkit.runtimes.run import child_environment, python_command
from labkit.runtimes.watch import ChildLimits, Ending, watch

_PATIENCE, _PATIENCE_WITH_HEAVY = 60.0, 900.0
"""Seconds beyond its time that a run may take: what it measures is compiled first, and the machine may be busy."""

_MEMORY: Final = 6 * 2**30
_OUTPUT: Final = 2**29
"""Bytes: the Python guest alone needs one of the six, and what is serialised of it and cached is some 200 MB."""


class Session:
    """Tables to be measured in a process of its own, which is ended `patience` seconds after its time is over.

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
        patience: float = _PATIENCE,
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
            tables=tuple(self._tables.values()),
            problem=self._problem,
        )

    def stop(self) -> None:
        """Have `run` end with what there is; from any thread."""
        self._stop.set()

    def run(self) -> Results:
        """Measure, and give everything that was measured, also if it ended early: then `problem` says why.

        Raises `ChildError` when no process can be started for it.
        """
        limits = ChildLimits(seconds=self._seconds + self._patience, memory=_MEMORY, output=_OUTPUT)
        job = Job(self._plans, self._seconds, self._programs, self._absent)
        command, environment = python_command("-m", "labkit.cost.child"), child_environment(None)
        # With it every trap looks up its lines, which takes milliseconds.
        environment.pop("WASMTIME_BACKTRACE_DETAILS", None)
        try:
            with tempfile.TemporaryDirectory(prefix="labkit-") as folder, tempfile.TemporaryFile() as sheet:
                sheet.write(msgspec.json.encode(job))
                sheet.seek(0)
                launch = plain(command, environment)
                ending = watch(launch, sheet, Path(folder), limits, self._receive, stop=self._stop)
        except KeyboardInterrupt:
            self._problem = "The run was stopped."
        except OSError as error:
            raise ChildError(f"The process that measures cannot be started: {error.strerror or error}.") from None
        else:
            self._problem = self._problem or _problem(ending)
        return self.results

    def _receive(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for text in lines:
            message = msgspec.json.decode(text, type=Message)
            self._problem = message.failure or self._problem
            self._machine = message.machine or self._machine
            if message.table is not None:
                self._tables[message.table.id] = message.table
                self._on_results(self.results, message.part or 0.0)


def _problem(ending: Ending) -> str:
    """Why it ended before it was done, as a sentence; empty if it was done."""
    if ending.stopped is not None:
        return f"{ending.stopped[0].upper()}{ending.stopped[1:]}."
    if ending.status:
        words = last_words(ending.stderr)
        return f"The process that measured ended with {signal_name(ending.status)}" + (
            f": {words}" if words else "."
        )
    return ""


def open_session(
    plans: Sequence[Plan],
    build: Build,
    *,
    seconds: float,
    on_results: Callable[[Results, float], None] = lambda _results, _part: None,
) -> Session:
    """A session for these plans, with their programs; `build` gives guests of the catalogue by their names.

    A guest that cannot be built is absent from the results, with the reason. There is more patience for those that
    take seconds to compile.
    """
    names = dict.fromkeys(name for plan in plans for name in plan.workloads)
    found, absent = programs(tuple(names), build)
    patience = _PATIENCE if not any(workload(name).heavy for name in found) else _PATIENCE_WITH_HEAVY
    return Session(plans, found, absent, seconds=seconds, patience=patience, on_results=on_results)
