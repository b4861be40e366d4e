"""Measuring one table: its ways take turns, some of them twice, and what comes out is a table of figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import wasmtime

from labkit.cost.comparison import Noise, Pair
from labkit.cost.plans import Plan
from labkit.cost.results import Row, Subject, Table, Times
from labkit.cost.stage import Stage
from labkit.cost.statistics import times, weighted
from labkit.cost.turns import LEAST, Way, take_turns, warm_up
from labkit.cost.ways import Group, groups
from labkit.errors import LabkitError
from labkit.host.faults import root_cause

_TWINS: Final = 5
"""How many ways are made and timed twice for the A/A check."""

_TOO_LONG: Final = 5e8
"""Nanoseconds: what takes longer is not done twice as often for a check."""

_NOT_YET: Final = "There was no time for it yet."

OnTable = Callable[[Table, float], None]
"""Gets a table as far as it has come, and the part of its time that is over, 0 to 1."""


@dataclass
class _Timed:
    subjects: tuple[Subject, ...]
    way: Way


def measure_table(
    plan: Plan,
    stage: Stage,
    again: Stage,
    seconds: float,
    on_table: OnTable,
    *,
    on_made: Callable[[], None] = lambda: None,
) -> Table:
    """Time everything in `plan` for about `seconds`. What is made twice for the A/A check is made in `again`, a
    stage with engines of its own, as another run would have. `on_made` is told of everything that is ready to be
    timed, which is news: some of it takes seconds to compile.
    """
    began = time.perf_counter()

    def made(group: Group) -> _Timed:
        one = _made(group)
        warm_up([one.way])
        on_made()
        return one

    timed = [made(group) for group in groups(plan, stage)]
    twins = _twins(timed, {group[0]: group for group in groups(plan, again)}, made)
    ways = [one.way for one in (*timed, *(twin for _, twin in twins))]

    def table(*, complete: bool) -> Table:
        return Table(
            id=plan.id,
            title=plan.title,
            rows=_rows(plan, timed),
            noise=Noise(tuple(_pairs(twins))),
            per=plan.per,
            axis=plan.axis,
            complete=complete,
        )

    try:
        # Preparing counts, but leaves at least half of the time.
        left = max(seconds / 2, seconds - (time.perf_counter() - began))
        take_turns(ways, left, on_time=lambda part: on_table(table(complete=False), part))
    finally:
        for way in ways:
            way.close()
    return table(complete=True)


def _made(group: Group) -> _Timed:
    subjects, make = group
    try:
        return _Timed(subjects, make())
    except LabkitError as error:
        return _Timed(subjects, Way(tuple, failure=str(error)))
    except wasmtime.WasmtimeError as error:
        return _Timed(subjects, Way(tuple, failure=f"The runtime refuses: {root_cause(str(error))}."))


def _twins(
    timed: Sequence[_Timed], again: Mapping[tuple[Subject, ...], Group], make: Callable[[Group], _Timed]
) -> list[tuple[_Timed, _Timed]]:
    """Ways that are made a second time: from the shortest to the longest, as what takes long is noisier."""
    firsts = sorted(
        (one for one in timed if not one.way.failure and one.way.cost < _TOO_LONG), key=lambda one: one.way.cost
    )
    if not firsts:
        return []
    chosen = {firsts[round(i * (len(firsts) - 1) / (_TWINS - 1))].subjects for i in range(_TWINS)}
    return [(one, make(again[one.subjects])) for one in firsts if one.subjects in chosen]


def _rows(plan: Plan, timed: Sequence[_Timed]) -> tuple[Row, ...]:
    rows = {}
    for one in timed:
        for i, subject in enumerate(one.subjects):
            found = figure(one.way, i)
            rows[subject] = Row(subject, found, "" if found else one.way.failure or _NOT_YET)
    return tuple(rows[subject] for subject in plan.subjects)


def _pairs(twins: Sequence[tuple[_Timed, _Timed]]) -> Iterator[Pair]:
    for first, second in twins:
        for i, subject in enumerate(first.subjects):
            ours, theirs = figure(first.way, i), figure(second.way, i)
            if ours and theirs and min(ours.samples, theirs.samples) >= LEAST:
                yield Pair(subject.describe(), ours.median, theirs.median)


def figure(way: Way, which: int) -> Times | None:
    """The figures of one of a way's subjects, if there are timings for it."""
    if not way.samples:
        return None
    if way.weights is None:
        return times(way.column(which))
    parts = [(weight, way.column(i)) for i, weight in enumerate(way.weights) if weight]
    if not all(column for _, column in parts):
        return None
    return weighted([(weight, times(column)) for weight, column in parts])
