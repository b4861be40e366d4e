"""Several workers at once: threads of one process, or processes.

A sample is what a call takes by the wall clock with all of them at it, over as many calls as take some
milliseconds: that they begin and end together takes a tenth of one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from labkit.cost.crew import Task
from labkit.cost.native.call import Fresh
from labkit.cost.results import Subject
from labkit.cost.stage import Stage
from labkit.cost.turns import Way
from labkit.errors import ArgumentError, LabkitError

_LENGTH: Final = 4e6
"""Nanoseconds that one worker's part of a sample is to take."""

_TRIES: Final = 20


def worker_way(stage: Stage, subject: Subject) -> Way:
    """Fresh stores in as many `threads` or `processes` as the subject's `at` says."""
    workers = int(subject.at or 1)
    fresh = stage.fresh(subject)
    if not fresh.run():
        raise ArgumentError(f"Only a call that returns can be timed, and this one failed: {fresh.failures.text}.")
    calls = max(1, int(_LENGTH / _took(fresh)))
    if subject.what == "threads":
        threads = _Threads(lambda: stage.fresh(subject), workers, calls)
        return Way(_wall_clock(threads.work, workers * calls), close=threads.close)
    file = stage.file(f"{subject.guest}.wasm", stage.program(subject.guest).wasm)
    task = Task(subject.guest, str(file), subject.reading, calls)
    return Way(_wall_clock(lambda: stage.crew.work(task, workers), workers * calls))


def _wall_clock(work: Callable[[], None], calls: int) -> Callable[[], tuple[float, ...]]:
    def sample() -> tuple[float, ...]:
        began = time.perf_counter_ns()
        work()
        return ((time.perf_counter_ns() - began) / calls,)

    return sample


def _took(fresh: Fresh) -> float:
    began = time.perf_counter_ns()
    for _ in range(_TRIES):
        fresh.run()
    return (time.perf_counter_ns() - began) / _TRIES


class _Threads:
    """Threads that wait for each other, work, and wait for each other again."""

    def __init__(self, prepare: Callable[[], Fresh], workers: int, calls: int) -> None:
        self._meeting = threading.Barrier(workers + 1)
        self._over = False
        self._prepare = prepare
        self._calls = calls
        self._failures: list[str] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def work(self) -> None:
        self._meeting.wait()
        self._meeting.wait()
        if self._failures:
            raise LabkitError(f"A thread could not make its calls: {self._failures[0]}")

    def close(self) -> None:
        self._over = True
        self._meeting.wait()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        many = self._calls
        run: Callable[[], bool] = bool
        try:
            # Each its own, because buffers are not shared.
            run = self._prepare().run
        except LabkitError as error:
            self._failures.append(str(error))
        while True:
            self._meeting.wait()
            if self._over:
                return
            for _ in range(many):
                run()
            self._meeting.wait()
