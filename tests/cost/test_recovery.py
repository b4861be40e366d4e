"""What recovery costs, measured on real guests: ratios within one run, never times."""

from __future__ import annotations

import pytest

from labkit import Lab
from labkit.errors import ArgumentError


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


def test_catching_costs_less_than_making_it_again(lab):
    report = lab.recovery_costs(lab.build("process-abort"), lab.build("process-unwind"), seconds=1.5)
    assert list(report.caught) == list(report.rebuilt) == [0, 1, 64]
    assert report.rebuilt[0].median_us > report.caught[0].median_us
    assert report.rebuilt[64].median_us > 10 * report.caught[64].median_us
    # What is kept does not matter to a guest that goes on.
    assert report.caught[64].median_us < 3 * report.caught[0].median_us
    assert all(cost.calls >= 3 and cost.q1_us <= cost.median_us <= cost.q3_us for cost in report.costs)
    assert "wasmtime 50.0.1" in report.machine


def test_a_guest_that_does_not_catch_cannot_be_timed_as_one(lab):
    aborting = lab.build("process-abort")
    with pytest.raises(
        ArgumentError, match=r"^To be timed, note of process-abort has to be guest-error; the call "
    ):
        lab.recovery_costs(aborting, aborting, seconds=0.1)
