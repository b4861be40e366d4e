"""Several workers at once: threads of one process, or processes.

A sample is what a call takes by the wall clock, with all workers at it, over as many calls as take some
milliseconds: starting and ending together takes a tenth of one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from labkit.cost.engines import Knobs
from labkit.cost.native.call import Fresh
from labkit.cost.results import Subject
from labkit.cost.stage import Stage, prepare
from labkit.cost.turns import Way
from labkit.cost.workloads import workload
from labkit.errors import ArgumentError, ChildError, LabkitError
from labkit.host.program import Program

_LENGTH: Final = 4e6
"""Nanoseconds that a sample is to take."""


def worker_way(stage: Stage, subject: Subject) -> Way:
    """Fresh stores in as many `threads` or `processes` as the subject's `at` says."""
    workers = int(subject.at or 1)
    fresh = stage.fresh(subject)
    if not fresh.run():
        raise ArgumentError(f"Only a call that returns can be timed, and this one failed: {fresh.failures.text}.")
    calls = max(1, int(_LENGTH / _took(fresh)))
    team: _Threads | _Processes = (
        _Threads(lambda: stage.fresh(subject), workers, calls)
        if subject.what == "threads"
        else _Processes(stage, subject, workers, calls)
    )
    return Way(lambda: (team.work() / (workers * calls),), close=team.close)


def _took(fresh: Fresh) -> float:
    began = time.perf_counter_ns()
    for _ in range(20):
        fresh.run()
    return (time.perf_counter_ns() - began) / 20


class _Threads:
    """Threads that wait for each other, work, and wait for each other again."""

    def __init__(self, prepare_call: Callable[[], Fresh], workers: int, calls: int) -> None:
        self._start = threading.Barrier(workers + 1)
        self._end = threading.Barrier(workers + 1)
        self._over = False
        self._prepare = prepare_call
        self._calls = calls
        self._failed: list[str] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def work(self) -> int:
        self._start.wait()
        began = time.perf_counter_ns()
        self._end.wait()
        took = time.perf_counter_ns() - began
        if self._failed:
            raise LabkitError(f"A thread could not make its calls: {self._failed[0]}")
        return took

    def close(self) -> None:
        self._over = True
        self._start.wait()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        # Each its own, because buffers are not shared.
        run: Callable[[], bool] | None = None
        try:
            run = self._prepare().run
        except LabkitError as error:
            self._failed.append(str(error))
        while True:
            self._start.wait()
            if self._over:
                return
            for _ in range(self._calls if run else 0):
                assert run is not None
                run()
            self._end.wait()


class _Processes:
    """Processes that make so many calls for every line that they are sent, and answer with a line."""

    def __init__(self, stage: Stage, subject: Subject, workers: int, calls: int) -> None:
        file = stage.folder / f"{subject.guest}.wasm"
        file.write_bytes(stage.program(subject.guest).wasm)
        self._stack = ExitStack()
        order = json.dumps({"file": str(file), "workload": subject.guest, "calls": calls})
        self._workers = [self._stack.enter_context(_Worker(order)) for _ in range(workers)]
        self.work()

    def work(self) -> int:
        began = time.perf_counter_ns()
        for worker in self._workers:
            worker.begin()
        for worker in self._workers:
            worker.end()
        return time.perf_counter_ns() - began

    def close(self) -> None:
        self._stack.close()


class _Worker:
    def __init__(self, order: str) -> None:
        self._process: subprocess.Popen[Any] = subprocess.Popen(
            [sys.executable, "-m", "labkit.cost.workers", order],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def begin(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"\n")
        except OSError:
            raise ChildError("A process that was to make calls ended before it was done.") from None

    def end(self) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.read(1) != b"\n":
            raise ChildError("A process that was to make calls ended before it was done.")

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.kill()
        with self._process:
            self._process.wait()


def main() -> None:
    """Be one of the processes: the order is a JSON object with `file`, `workload` and `calls`."""
    order = json.loads(sys.argv[1])
    one = workload(order["workload"])
    program = Program.from_bytes(one.name, Path(order["file"]).read_bytes())
    stage = Stage({one.name: program}, {}, Path())
    run = prepare(stage.engine(Knobs(pooling=True)), program, one.name).fresh(one.export, *one.args).run
    calls = range(order["calls"])
    while sys.stdin.buffer.readline():
        for _ in calls:
            run()
        sys.stdout.write("\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
