"""How large a pool should be: the tail of a call's time, by the number of prepared instances.

A pool is filled up while nothing has to be answered. So calls come in bursts, some of them trap, and between the
bursts every instance that was lost is made again. A call that finds no instance left waits for a new one. That is
where a tail comes from, and the median knows nothing of it.

Percentiles far out are the machine's as much as the pool's. So they are taken of batches, and of those the median:
what happens in one batch in ten, such as another process being served, is not in it.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec

from labkit.cost.machine import this_machine
from labkit.cost.native.call import Live
from labkit.cost.results import Subject
from labkit.cost.stage import Stage
from labkit.cost.workloads import workload
from labkit.errors import ArgumentError
from labkit.host.program import Program

SIZES: Final = (1, 2, 3, 4, 5, 6, 8)
BURST: Final = 32
TRAPS: Final = 4
_LEAST: Final = 3 * 8
_BATCH: Final = 8 * (BURST - TRAPS)


class PoolCost(msgspec.Struct, frozen=True):
    """Percentiles of the time of a call that returns, in nanoseconds, with `size` instances prepared, over `calls`
    calls in batches of 224.
    """

    size: int
    calls: int
    p50: float
    p95: float
    p99: float


class PoolReport(msgspec.Struct, frozen=True):
    """What each size costs when bursts of `burst` calls come, of which `traps` trap. `fresh`: the median time of
    making a new instance, in nanoseconds."""

    program: str
    burst: int
    traps: int
    costs: tuple[PoolCost, ...]
    fresh: float
    machine: str


def measure_pool(
    program: Program,
    name: str = "rust-component",
    *,
    sizes: Sequence[int] = SIZES,
    seconds: float = 3.0,
    on_progress: Callable[[float], None] = lambda _part: None,
) -> PoolReport:
    """Time the calls of a workload, which is `program`, with pools of these sizes, burst by burst in turn.

    Raises `ArgumentError` for a workload of which no call traps.
    """
    trap = workload(name).trap
    if trap is None:
        raise ArgumentError(f"{name} cannot be made to trap, so a pool of it never loses an instance.")
    subject = Subject("pool", name, "python", "pooling")
    with tempfile.TemporaryDirectory(prefix="labkit-") as folder, ExitStack() as stack:
        stage = Stage({name: program}, {}, Path(folder))
        pools = [_Pool([stage.live(subject) for _ in range(size)], trap) for size in sizes]
        for pool in pools:
            stack.callback(pool.close)
        _bursts(pools, seconds, on_progress)
    return PoolReport(
        program=program.name,
        burst=BURST,
        traps=TRAPS,
        costs=tuple(_cost(size, pool.samples) for size, pool in zip(sizes, pools, strict=True)),
        fresh=statistics.median(time for pool in pools for time in pool.made),
        machine=this_machine().describe(),
    )


def _bursts(pools: Sequence[_Pool], seconds: float, on_progress: Callable[[float], None]) -> None:
    began = time.perf_counter()
    collecting = gc.isenabled()
    gc.disable()
    try:
        for pool in pools:
            pool.burst()
            pool.samples.clear()
        turn = 0
        while turn < _LEAST or time.perf_counter() - began < seconds:
            for pool in pools:
                pool.burst()
            turn += 1
            on_progress(min(1.0, (time.perf_counter() - began) / seconds))
    finally:
        if collecting:
            gc.enable()


class _Pool:
    """Live instances, of which calls take the first that is left; `samples` and `made` are nanoseconds."""

    def __init__(self, lives: Sequence[Live], trap: tuple[str, tuple[object, ...]]) -> None:
        self._lives = lives
        _export, args = trap
        self._traps = [live.calling(*args) for live in lives]
        self.samples: list[float] = []
        self.made: list[float] = []

    def burst(self) -> None:
        clock = time.perf_counter_ns
        left = list(range(len(self._lives)))
        for i in range(BURST):
            trapping = (i + 1) * TRAPS // BURST > i * TRAPS // BURST
            before = clock()
            if not left:
                # The last one trapped, and nobody has had time to make another.
                self._lives[0].renew()
                self.made.append(clock() - before)
                left.append(0)
            live = left[0]
            if trapping:
                self._traps[live]()
                left.pop(0)
            else:
                self._lives[live].run()
                self.samples.append(clock() - before)
        for live in set(range(len(self._lives))) - set(left):
            before = clock()
            self._lives[live].renew()
            self.made.append(clock() - before)

    def close(self) -> None:
        for live in self._lives:
            live.close()


def _cost(size: int, samples: Sequence[float]) -> PoolCost:
    starts = range(0, len(samples) - _BATCH + 1, _BATCH)
    cuts = [statistics.quantiles(samples[i : i + _BATCH], n=100, method="inclusive") for i in starts]
    p50, p95, p99 = (round(statistics.median(cut[at - 1] for cut in cuts), 1) for at in (50, 95, 99))
    return PoolCost(size, len(samples), p50, p95, p99)
