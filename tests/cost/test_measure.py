"""Costs are compared inside one run, never against a fixed number."""

import pytest

from labkit import Lab
from labkit.cost import measure_policies
from labkit.errors import ArgumentError
from labkit.host import Engine, Program
from tests.host.wat import COUNTER

counter = Program.from_wat("counter", COUNTER)


def test_a_fresh_store_costs_more_than_a_live_instance_and_recompiling_much_more():
    progress: list[float] = []
    with Engine() as engine:
        report = measure_policies(engine, counter, "count", [], seconds=2.0, on_progress=progress.append)
    cost = {c.policy: c.median_us for c in report.costs}
    assert list(cost) == ["keep", "fresh-instance", "rebuild-on-trap", "fresh-store", "recompile", "pool"]
    assert cost["keep"] < cost["fresh-store"] < cost["recompile"]
    assert cost["recompile"] > 3 * cost["fresh-store"]
    assert all(c.q1_us <= c.median_us <= c.q3_us for c in report.costs)
    assert all(c.calls >= 3 for c in report.costs)
    assert 0 <= report.noise < 1
    assert "wasmtime 50.0.1" in report.machine
    assert progress
    assert progress == sorted(progress)


def test_a_call_that_traps_is_not_timed():
    with (
        Engine() as engine,
        pytest.raises(ArgumentError, match=r"Only a call that returns can be timed; under keep crash trapped"),
    ):
        measure_policies(engine, counter, "crash", [])


def test_policies_are_timed_under_a_release_without_components_too():
    with Lab() as lab:
        done = lab.sandbox(
            "from labkit import Program\n"
            "guest = Program.from_wat('guest', '(module (func (export \"go\")))')\n"
            "report = lab.costs(guest, 'go', policies=['keep', 'recompile'], seconds=0.5)\n"
            "print(report.machine.split('wasmtime ')[1].split(',')[0], [cost.policy for cost in report.costs])",
            wasmtime="14.0.0",
            echo=False,
        )
    assert (done.outcome.kind, done.stdout) == ("returned", "14.0.0 ['keep', 'recompile']\n")
