"""A host that forgets `post_return`: refused up to 41 in the words of a poisoned component, and told apart."""

from __future__ import annotations

import pytest

from labkit.cli.load import program
from labkit.host import Cause
from labkit.record import explain, find_scenario
from labkit.runtimes import Runtime, run_in_child

FORGETS = find_scenario("09-versions/post-return")


@pytest.mark.parametrize("version", ["39.0.0", "41.0.0"])
def test_the_next_call_is_refused_and_the_step_that_owes_is_named(version: str) -> None:
    trace = run_in_child(FORGETS, {FORGETS.guest: program(FORGETS.guest)}, Runtime(version))
    second, third = trace.step(3).outcome, trace.step(4).outcome
    assert second is not None
    assert third is not None
    assert (second.kind, second.message) == ("refused", "wasm trap: cannot enter component instance")
    assert second.cause == third.cause == Cause("post-return", 2)
    assert explain(trace, 3).sentence.startswith(
        "Step 3 was refused because `post_return` had not been called after "
    )


@pytest.mark.parametrize("version", ["42.0.0", "50.0.1"])
def test_later_releases_do_it_themselves(version: str) -> None:
    trace = run_in_child(FORGETS, {FORGETS.guest: program(FORGETS.guest)}, Runtime(version))
    assert [step.outcome.value for step in trace if step.do == "call" and step.outcome] == [20.0, 40.0, 2]
