"""A run of the cost lab on other machines: each table is one unit of work, measured wholly in one place.

Tables may lie on different machines, so figures are compared inside one of them only. Each says where it was
measured. Two units at once would disturb each other, so a machine measures one at a time.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path
from typing import Final

import filelock
import msgspec

from labkit.cost.plans import Plan
from labkit.cost.results import Results, Table
from labkit.cost.session import PATIENCE, Session
from labkit.cost.workloads import Build, programs, workload
from labkit.host.program import Program

_PATIENCE_WITH_HEAVY: Final = 900.0

_PERIOD: Final = 0.2
"""Seconds between two looks at whether somebody stops the run."""


class Unit(msgspec.Struct, frozen=True):
    """One table, with the programs it needs, and what its `Session` needs to know."""

    plan: Plan
    programs: dict[str, Program]
    absent: dict[str, str]
    seconds: float
    patience: float


def measure_unit(unit: Unit) -> Table:
    """Measure a table on this machine, once no other unit is being measured on it; the table names the machine.

    A hang or a crash is the problem of the table. Raises `ChildError` when no process can be started.
    """
    with _turn():
        session = Session([unit.plan], unit.programs, unit.absent, seconds=unit.seconds, patience=unit.patience)
        results = session.run()
    machine = msgspec.structs.replace(results.machine, host=platform.node())
    return msgspec.structs.replace(results.table(unit.plan.id), machine=machine)


def _turn() -> filelock.BaseFileLock:
    # Not in the cache, which the machines of a cluster may share, and of this user, who alone can open it.
    return filelock.FileLock(Path(tempfile.gettempdir()) / f"labkit-measuring-{os.geteuid()}.lock")


class Spread(Session):
    """A session whose tables are measured by the workers of an `executor`, in processes or on other machines.

    What a worker was measuring when it was lost is measured again where the executor does that, as Dask does;
    otherwise that table is lost. When it is stopped, tables under way are given up: their workers end them after
    their time, or `patience` seconds later.
    """

    def __init__(
        self,
        executor: Executor,
        plans: Sequence[Plan],
        programs: Mapping[str, Program],
        absent: Mapping[str, str] | None = None,
        *,
        seconds: float,
        patience: float = PATIENCE,
        on_results: Callable[[Results, float], None] = lambda _results, _part: None,
    ) -> None:
        super().__init__(plans, programs, absent, seconds=seconds, patience=patience, on_results=on_results)
        self._executor = executor

    def _measure(self) -> None:
        futures: dict[Future[Table], Plan] = {}
        try:
            # What takes longest first, so that nobody waits for it alone at the end.
            for plan in sorted(self._plans, key=lambda plan: -plan.share):
                futures[self._executor.submit(measure_unit, self._unit(plan))] = plan
            waiting = set(futures)
            while waiting and not self._stop.is_set():
                done, waiting = wait(waiting, timeout=_PERIOD, return_when=FIRST_COMPLETED)
                for future in done:
                    left = [futures[one] for one in waiting]
                    self._keep(futures[future], future, 1 - self._share(left))
        finally:
            for future in futures:
                future.cancel()

    def _keep(self, plan: Plan, future: Future[Table], part: float) -> None:
        try:
            self._take(future.result(), part)
        except Exception as error:
            # Of a worker elsewhere, which may go wrong in ways of its own.
            self._lose(plan, f"Whoever was to measure this failed: {type(error).__name__}: {error}")

    def _unit(self, plan: Plan) -> Unit:
        needed = {name: self._programs[name] for name in plan.workloads if name in self._programs}
        absent = {name: self._absent[name] for name in plan.workloads if name in self._absent}
        return Unit(plan, needed, absent, self._seconds * self._share([plan]), self._patience)


def open_session(
    plans: Sequence[Plan],
    build: Build,
    *,
    seconds: float,
    executor: Executor | None = None,
    on_results: Callable[[Results, float], None] = lambda _results, _part: None,
) -> Session:
    """A session for these plans, with their programs; `build` gives guests of the catalogue by their names.

    `executor` measures the tables, each as a unit of its own; without one they are measured here, one after the
    other. A guest that cannot be built is absent from the results, with the reason. There is more patience for
    those that take seconds to compile.
    """
    names = dict.fromkeys(name for plan in plans for name in plan.workloads)
    found, absent = programs(tuple(names), build)
    patience = PATIENCE if not any(workload(name).heavy for name in found) else _PATIENCE_WITH_HEAVY
    if executor is None:
        return Session(plans, found, absent, seconds=seconds, patience=patience, on_results=on_results)
    return Spread(executor, plans, found, absent, seconds=seconds, patience=patience, on_results=on_results)
