"""Tables as units of work on an executor: whole, one at a time per machine, and lost alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress

import msgspec
import psutil
import pytest

from labkit.cost import Results, narrowed, open_session, pyperf_suite
from labkit.cost.machine import this_machine
from labkit.cost.model import CostModel
from labkit.cost.units import Spread
from labkit.cost.workloads import made_here
from labkit.errors import ArgumentError
from labkit.programs import build_program
from tests.cost.test_session import SPINNING

PLANS = narrowed(["reuse", "phases", "one-page", "empty"])
HERE = msgspec.structs.replace(this_machine(), host=psutil.os.uname().nodename)


def spread(executor: Executor, seconds: float = 2.0) -> Results:
    return open_session(PLANS, build_program, seconds=seconds, executor=executor).run()


@contextmanager
def counting() -> Iterator[list[int]]:
    """How many processes were measuring at once, looked at every few milliseconds."""
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            seen.append(sum(_measures(child) for child in psutil.Process().children(recursive=True)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _measures(child: psutil.Process) -> bool:
    # What a process forks is called as it is until it runs something else.
    lines = []
    for process in (child, child.parent()):
        with suppress(psutil.Error):
            lines.append("labkit.cost.child" in process.cmdline() if process else False)
    return lines == [True, False]


def test_two_workers_of_a_machine_measure_one_table_at_a_time() -> None:
    with ProcessPoolExecutor(2) as executor, counting() as seen:
        results = spread(executor)
    assert max(seen) == 1
    assert results.problem == ""
    assert [table.id for table in results] == ["reuse", "phases"]
    assert all(row.times for table in results for row in table)
    for table in results:
        assert table.machine is not None
        assert table.machine.is_same(HERE)
        assert results.machine_of(table.id) == table.machine
    assert results.machine.host == ""
    suite = msgspec.json.decode(pyperf_suite(results))
    assert {one["metadata"]["hostname"] for one in suite["benchmarks"]} == {HERE.host}


def test_a_unit_that_hangs_loses_its_own_table_only() -> None:
    programs = {"one-page": SPINNING, "empty": made_here("empty")}
    plans = (*narrowed(["reuse", "one-page"]), *narrowed(["instantiation", "empty"]))
    with ThreadPoolExecutor(2) as executor:
        results = Spread(executor, plans, programs, seconds=15.0, patience=3.0).run()
    silent = "The child reported nothing for 3 s."
    assert results.problem == f"Not measured to the end: reuse. {silent}"
    assert [(table.id, table.complete, table.problem) for table in results] == [
        ("reuse", False, silent),
        ("instantiation", True, ""),
    ]


def test_tables_of_workers_that_are_gone_are_lost() -> None:
    def kill(_results: Results, _part: float) -> None:
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                child.kill()

    with ProcessPoolExecutor(1) as executor:
        session = open_session(PLANS, build_program, seconds=2.0, executor=executor, on_results=kill)
        results = session.run()
    done = [table for table in results if table.complete]
    assert len(done) >= 1
    lost = [table.problem for table in results if not table.complete]
    assert lost
    assert all(why.startswith("Whoever was to measure this failed: BrokenProcessPool: ") for why in lost)
    assert results.problem.startswith("Not measured to the end: ")


def test_a_run_that_is_stopped_gives_up_what_is_under_way() -> None:
    with ThreadPoolExecutor(1) as executor:
        session = open_session(
            *(PLANS, build_program),
            seconds=3.0,
            executor=executor,
            on_results=lambda _results, _part: session.stop(),
        )
        results = session.run()
    assert results.problem == "The run was stopped."
    assert len(results.tables) == 1


def test_figures_from_two_machines_are_not_computed_with() -> None:
    results = open_session(narrowed(["policies", "phases", "empty"]), build_program, seconds=1.0).run()
    one, other = results.tables
    apart = [
        msgspec.structs.replace(table, machine=msgspec.structs.replace(results.machine, host=host))
        for table, host in ((one, "left"), (other, "right"))
    ]
    assert CostModel(results).guests() == ("empty",)
    with pytest.raises(ArgumentError) as raised:
        CostModel(msgspec.structs.replace(results, tables=tuple(apart)))
    assert str(raised.value) == (
        "The tables policies and phases were measured on different machines (left and right), so nothing can be "
        "computed from both."
    )
