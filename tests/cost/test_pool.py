"""The tail of a pool: who finds no instance left waits for a new one."""

import pytest

from labkit.cost.pool import BURST, TRAPS, measure_pool
from labkit.cost.workloads import made_here
from labkit.errors import ArgumentError


def test_with_enough_instances_nobody_waits():
    told: list[float] = []
    report = measure_pool(
        made_here("one-page"), "one-page", sizes=(1, TRAPS), seconds=1.0, on_progress=told.append
    )
    one, enough = report.costs
    assert (one.size, enough.size, report.burst, report.traps) == (1, TRAPS, BURST, TRAPS)
    # With one instance three calls of a burst wait, which is one in nine; the median is that of the others.
    assert one.p95 > 1.2 * enough.p95
    assert one.p50 < 1.5 * enough.p50
    assert report.fresh > 0.5 * enough.p50
    assert told == sorted(told)


def test_a_guest_that_never_traps_is_refused():
    with pytest.raises(
        ArgumentError, match=r"^large cannot be made to trap, so a pool of it never loses an instance\.$"
    ):
        measure_pool(made_here("large"), "large")
