"""Scenarios, a folder of repros and the cost lab on a Dask cluster of processes, some of which are killed."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from msgspec import structs

from labkit.cost import read_results
from labkit.errors import LabkitError
from labkit.host import Limits
from labkit.record import Repro, load_repro, make_repro
from labkit.runtimes import Cell, Runtime, add_runtime, dask_cluster, matrix, run_in_child
from tests.cli.conftest import Labkit
from tests.runtimes.conftest import PROGRAMS, story

RELEASES = ("41.0.0", "42.0.0", "50.0.1")


class Cluster:
    """A scheduler and two workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        there = ["--scheduler-file", str(self.file), "--no-dashboard"]
        self.scheduler = self._start("dask_scheduler", *there, "--host", "127.0.0.1", "--port", "0")
        alone = ["--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--local-directory", str(folder)]
        self._worker = ("dask_worker", *there, *alone)
        self.workers = [self._start(*self._worker) for _ in range(2)]

    def _start(self, what: str, *args: str) -> subprocess.Popen[bytes]:
        quiet: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen([sys.executable, "-m", f"distributed.cli.{what}", *args], **quiet)

    def address(self) -> str:
        from distributed import Client

        with Client(scheduler_file=str(self.file), timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            return str(client.scheduler.address)

    def lose(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill a worker; a new one joins."""
        worker.kill()
        assert worker.wait(10) == -signal.SIGKILL
        self.workers.remove(worker)
        self.workers.append(self._start(*self._worker))

    def lose_who_measures(self) -> None:
        """Kill the worker that is measuring, as soon as there is one."""
        while not (busy := [worker for worker in self.workers if _measures(worker)]):
            time.sleep(0.05)
        self.lose(busy[0])

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def _measures(worker: subprocess.Popen[bytes]) -> bool:
    for child in psutil.Process(worker.pid).children():
        with suppress(psutil.Error):
            if "labkit.cost.child" in child.cmdline():
                return True
    return False


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("dask")
    for version in RELEASES:
        add_runtime(version)
    made = Cluster(folder)
    yield made
    made.stop()


def repro(number: int) -> Repro:
    """Somebody's: it takes a while, and goes differently since 42."""
    scenario = structs.replace(
        story("counter", "count", "spin", "count", limits=Limits(seconds=0.2)),
        id=f"mine-{number}-{os.getpid()}",
        policy="fresh-instance",
    )
    trace = run_in_child(scenario, PROGRAMS, Runtime("50.0.1"))
    return make_repro(scenario, trace, PROGRAMS)


def kinds(cell: Cell) -> list[str]:
    assert cell.trace is not None, cell.problem
    return [step.outcome.kind for step in cell.trace if step.do == "call" and step.outcome is not None]


def outcomes(cell: dict[str, Any]) -> list[str]:
    return [step["outcome"]["kind"] for step in cell["trace"]["steps"] if step["do"] == "call"]


BEFORE, SINCE = ["returned", "timed-out", "returned"], ["returned", "timed-out", "refused"]


def test_a_folder_of_repros_is_played_by_a_cluster_that_loses_a_worker(
    dask: Cluster,
    labkit: Labkit,
    tmp_path: Path,
) -> None:
    files = [repro(number).save(tmp_path / f"mine-{number}-{os.getpid()}.labkit") for number in range(4)]
    found = [load_repro(path) for path in files]
    address = dask.address()

    def kill_one(_cell: Cell, done: int, _all: int) -> None:
        if done == 1:
            dask.lose(dask.workers[0])

    with dask_cluster(address) as executor:
        result = matrix(
            [one.scenario for one in found],
            RELEASES,
            PROGRAMS.__getitem__,
            brought={one.scenario.id: one.programs for one in found},
            executor=executor,
            on_cell=kill_one,
        )
    assert [[kinds(cell) for cell in row.cells] for row in result.rows] == [[BEFORE, SINCE, SINCE]] * 4
    assert [row.changed for row in result.rows] == [("42.0.0",)] * 4

    done = labkit("matrix", *files, "--wasmtime", ",".join(RELEASES), "--scheduler", address, "--json")
    assert done.status == 0
    assert [row["scenario"] for row in done.json["rows"]] == [path.stem for path in files]
    assert [row["changed"] for row in done.json["rows"]] == [["42.0.0"]] * 4
    # The worker that is left has played some of them before.
    assert any(cell["cached"] for row in done.json["rows"] for cell in row["cells"] if "cached" in cell)


def test_scenarios_and_policies_are_played_by_a_cluster(dask: Cluster, labkit: Labkit) -> None:
    done = labkit(
        *("matrix", "01-poisoned-component/new-instance", "01-poisoned-component/same-object"),
        *("--wasmtime", "41.0.0,50.0.1", "--policy", "keep", "--policy", "fresh-store"),
        *("--scheduler", dask.address(), "--json"),
    )
    assert done.status == 0
    assert [
        (row["scenario"], row["policy"], [outcomes(cell) for cell in row["cells"]]) for row in done.json["rows"]
    ] == [
        ("01-poisoned-component/new-instance", None, [["trapped", "returned"], ["trapped", "refused"]]),
        ("01-poisoned-component/same-object", "keep", [["trapped", *["refused"] * 3]] * 2),
        ("01-poisoned-component/same-object", "fresh-store", [["trapped", *["returned"] * 3]] * 2),
    ]


def test_tables_are_measured_by_a_cluster_that_loses_a_worker(
    dask: Cluster, labkit: Labkit, tmp_path: Path
) -> None:
    address = dask.address()
    killer = threading.Thread(target=dask.lose_who_measures)
    killer.start()
    done = labkit(
        *("bench", "reuse", "phases", "one-page", "empty", "--seconds", "2"),
        *("--scheduler", address, "--json", "run.json"),
    )
    killer.join()
    assert done.status == 0, done.err
    results = read_results((tmp_path / "run.json").read_bytes())
    assert results.problem == ""
    assert [(table.id, table.complete) for table in results] == [("reuse", True), ("phases", True)]
    assert all(row.times for table in results for row in table)
    assert {results.machine_of(table.id).host for table in results} == {platform.node()}
    named = [line for line in done.out.splitlines() if line.startswith(f"{platform.node()}: ")]
    assert len(named) == 2
    assert done.out.splitlines()[-1].startswith("Compare figures of one table only; ")


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labkit.runtimes.cluster._PATIENCE", 0.5)
    with pytest.raises(LabkitError) as raised, dask_cluster("tcp://127.0.0.1:9"):
        pass
    assert str(raised.value).startswith("No Dask scheduler answers at tcp://127.0.0.1:9 (")


def test_a_folder_of_repros_here(labkit: Labkit, tmp_path: Path) -> None:
    repro(7).save(tmp_path / "seven.labkit")
    done = labkit("matrix", "seven.labkit", "--wasmtime", "41.0.0,42.0.0", "--json")
    assert [(row["scenario"], row["changed"]) for row in done.json["rows"]] == [("seven", ["42.0.0"])]
    found = labkit("bisect", "seven.labkit", "--wasmtime", "41.0.0,42.0.0", "--json")
    assert (found.status, found.json["first_after"]) == (0, "42.0.0")
    refused = labkit("run", "seven.labkit")
    assert refused.err == (
        "labkit: seven.labkit is a repro, which brings its programs along; `labkit replay` plays it again.\n"
    )
