"""Timing by turns: everything that is compared takes turns, in blocks too short for the machine to change in.

Timed one after the other, two runs of the same code differ by up to 46 % on a busy machine; call by call in turn,
their medians differ by less than one. So each *way* is visited once per turn, in an order drawn anew for each, and
what is cheap is called a few times per visit, each call timed by itself.
"""

from __future__ import annotations

import gc
import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import wasmtime

from labkit.errors import LabkitError
from labkit.host.faults import root_cause

BLOCK: Final = 250_000
"""Nanoseconds that one visit may take, unless a single call takes longer."""

MOST, LEAST = 8000, 5
"""Timings of one way: more do not make the median any steadier, fewer have no quartiles."""

_TRIES: Final = 4
"""How often something is tried to find out what it takes."""

_SLOW, _VERY_SLOW = 5e6, 1e9
"""Nanoseconds: what takes longer is tried twice only, or once, and then that counts."""

Sample = Callable[[], tuple[float | None, ...]]
"""Does once what is timed and gives nanoseconds, one number for each of the way's figures; None for one that was
not timed this time.
"""


@dataclass
class Way:
    """Something to time. `sample` may give several figures, each of a subject of its own, such as the phases of
    a call. With `weights` they are parts of a single one, such as the calls that return and the calls that trap:
    it is their sum by weight.

    `samples` fills up. `close` frees what the way holds. `failure`: the sentence that says why it is not timed, or
    not any longer.
    """

    sample: Sample
    weights: tuple[float, ...] | None = None
    close: Callable[[], None] = lambda: None
    samples: list[tuple[float | None, ...]] = field(default_factory=list)
    cost: float = 0.0
    failure: str = ""

    def column(self, figure: int) -> list[float]:
        """The timings of one figure."""
        return [time for sample in self.samples if (time := sample[figure]) is not None]


def take_turns(
    ways: Sequence[Way],
    seconds: float,
    *,
    on_time: Callable[[float], None] = lambda _part: None,
    period: float = 1.0,
) -> None:
    """Time every way for about `seconds` in all, each as long as the others or `MOST` times.

    `on_time` gets the part that is over, 0 to 1, every `period` seconds, between two visits. A way that takes
    longer than its share is timed `LEAST` times, or once if even that takes more than the whole budget.
    """
    began = time.perf_counter()
    word = began + period
    with _no_collection():
        warm_up(ways)
        left = max(seconds / 2, seconds - (time.perf_counter() - began))
        plan = [_Visits.planned(way, left * 1e9 / len(ways), seconds * 1e9) for way in ways if not way.failure]
        turns = max((visits.many for visits in plan), default=0)
        end = time.perf_counter() + left
        draw = random.Random(1)
        for turn in range(turns):
            draw.shuffle(plan)
            for visits in plan:
                if visits.is_due(turn, turns):
                    visits.visit()
                    if time.perf_counter() > word:
                        on_time(min(1.0, 1 - (end - time.perf_counter()) / left))
                        word = time.perf_counter() + period
            if time.perf_counter() > end:
                break
        # The machine was slower than it had promised; what had few turns still gets what figures need.
        for visits in plan:
            while not visits.enough:
                visits.visit()
    on_time(1.0)


def warm_up(ways: Iterable[Way]) -> None:
    """Have each way do what it does a few times, once, and note in `cost` what it takes at best, in nanoseconds.

    These times do not count, unless they are a matter of seconds.
    """
    for way in ways:
        if not way.cost:
            _warm_up(way)


def _warm_up(way: Way) -> None:
    for tries in range(_TRIES):
        # Once could have been bad luck.
        if way.failure or (way.cost > _SLOW and tries > 1) or way.cost > _VERY_SLOW:
            break
        before = time.perf_counter_ns()
        _take(way)
        took = time.perf_counter_ns() - before
        way.cost = min(way.cost, took) if way.cost else took
    if way.cost < _VERY_SLOW:
        way.samples.clear()


def _take(way: Way) -> None:
    try:
        way.samples.append(way.sample())
    except LabkitError as error:
        way.failure = str(error)
    except wasmtime.WasmtimeError as error:
        way.failure = f"The runtime refuses: {root_cause(str(error))}."


@dataclass
class _Visits:
    """How often a way is visited, and how often it is called in a visit."""

    way: Way
    many: int
    calls: int
    least: int

    @classmethod
    def planned(cls, way: Way, share: float, budget: float) -> _Visits:
        calls = max(1, min(100, int(BLOCK / max(way.cost, 1.0))))
        least = LEAST if way.cost * LEAST < budget else 1
        wanted = max(least, min(MOST, share / max(way.cost, 1.0)))
        return cls(way, math.ceil(max(0, wanted - len(way.samples)) / calls), calls, least)

    @property
    def enough(self) -> bool:
        return bool(self.way.failure) or len(self.way.samples) >= self.least

    def is_due(self, turn: int, turns: int) -> bool:
        """Whether this is one of its turns: they are spread over all of the time, however few they are."""
        return (turn + 1) * self.many // turns > turn * self.many // turns and not self.way.failure

    def visit(self) -> None:
        for _ in range(self.calls):
            if not self.way.failure:
                _take(self.way)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without Python's garbage collector, whose work would be charged to whoever happens to run."""
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def single(run: Callable[[], object], *, repeat: int = 1) -> Sample:
    """A sample of `run`, called `repeat` times: for what takes less time than looking at the clock."""
    clock = time.perf_counter_ns
    if repeat == 1:

        def once() -> tuple[float, ...]:
            before = clock()
            run()
            return (clock() - before,)

        return once

    def several() -> tuple[float, ...]:
        before = clock()
        for _ in range(repeat):
            run()
        return ((clock() - before) / repeat,)

    return several
