"""Taking turns, and the figures that come of it."""

from __future__ import annotations

import gc
import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.cost.results import Times
from labkit.cost.statistics import times, weighted
from labkit.cost.turns import LEAST, MOST, Way, single, take_turns
from labkit.errors import ArgumentError


def spinning(microseconds: float) -> Way:
    def run() -> None:
        end = time.perf_counter_ns() + microseconds * 1000
        while time.perf_counter_ns() < end:
            pass

    return Way(single(run))


def test_everything_is_timed_enough_however_little_time_there_is() -> None:
    ways = [spinning(5), spinning(500), spinning(20_000)]
    take_turns(ways, 0.2)
    assert all(LEAST <= len(way.samples) <= MOST for way in ways)


def test_what_takes_longer_than_there_is_time_is_timed_once() -> None:
    ways = [spinning(5), spinning(60_000)]
    take_turns(ways, 0.1)
    assert len(ways[1].samples) < LEAST
    assert len(ways[1].samples) >= 1


def test_cheap_and_dear_alike_are_spread_over_all_of_the_time() -> None:
    seen: list[str] = []

    def noting(name: str, microseconds: float) -> Way:
        way = spinning(microseconds)
        sample = way.sample

        def noted() -> tuple[float | None, ...]:
            seen.append(name)
            return sample()

        return Way(noted)

    take_turns([noting("cheap", 100), noting("dear", 5000)], 0.5)
    after = seen[len(seen) // 4 :]
    assert "dear" in after[: len(after) // 2]
    assert "dear" in after[len(after) // 2 :]


def test_what_fails_is_left_out_with_its_sentence() -> None:
    left = iter(range(10))

    def sample() -> tuple[float, ...]:
        if next(left) == 9:
            raise ArgumentError("It has had enough.")
        return (1.0,)

    ways = [Way(sample), spinning(20)]
    take_turns(ways, 0.1)
    assert [way.failure for way in ways] == ["It has had enough.", ""]
    assert len(ways[1].samples) > 100


def test_progress_is_told_and_the_garbage_collector_is_given_back() -> None:
    parts: list[float] = []
    assert gc.isenabled()
    take_turns([spinning(50)], 0.3, on_time=parts.append, period=0.05)
    assert gc.isenabled()
    assert len(parts) > 2
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_nothing_to_time_takes_no_time() -> None:
    parts: list[float] = []
    take_turns([], 60.0, on_time=parts.append)
    assert parts == [1.0]


def test_the_same_thing_twice_hardly_differs() -> None:
    """The A/A check of the method itself; timed one after the other they would differ by tens of per cent."""
    first, second = spinning(20), spinning(20)
    take_turns([first, second], 0.5)
    ours, theirs = (times(way.column(0)).median for way in (first, second))
    assert ours == pytest.approx(theirs, rel=0.1)


@given(st.lists(st.floats(1, 1e9), min_size=1, max_size=200))
def test_figures_lie_in_their_order(samples: list[float]) -> None:
    found = times(samples)
    assert found.samples == len(samples)
    assert found.median == pytest.approx(statistics.median(samples), abs=0.06)
    assert min(samples) - 0.1 <= found.q1 <= found.median <= found.q3 <= max(samples) + 0.1
    assert found.low <= found.median <= found.high
    assert len(found.parts) == min(20, len(samples))


def test_the_interval_closes_as_timings_come_in() -> None:
    few, many = times([float(i % 100) for i in range(50)]), times([float(i % 100) for i in range(5000)])
    assert many.high - many.low < (few.high - few.low) / 5


def test_a_mixture_is_the_sum_of_its_kinds_by_their_shares() -> None:
    returns, traps = (
        Times(900, 10.0, 9.0, 11.0, 9.9, 10.1, (10.0,)),
        Times(100, 90.0, 80.0, 99.0, 85.0, 95.0, (90.0,)),
    )
    assert weighted([(0.9, returns), (0.1, traps)]) == Times(
        samples=1000, median=18.0, q1=16.1, q3=19.8, low=17.4, high=18.6, parts=(18.0,)
    )
