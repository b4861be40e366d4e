"""The same failure in fewer steps, with simpler values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import Lab
from labkit.errors import LabkitError
from labkit.record import load_repro
from labkit.repros import reduce_repro
from labkit.repros.numbers import nearest
from labkit.repros.smaller import simpler
from labkit.runtimes import Nursery, Runtime
from tests.repros.conftest import packed

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def nursery():
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="module")
def long_story(tmp_path_factory):
    """What somebody did who did not know yet what mattered: two stores, twelve steps, odd inputs."""
    with Lab() as lab:
        return _long_story(lab, tmp_path_factory.mktemp("long"))


def _long_story(lab, folder):
    guest, core = lab.build("process-panic"), lab.build("counter-core")
    side = lab.store()
    counter = side.instantiate(core)
    store = lab.store()
    first = store.instantiate(guest)
    for value in (1.25, 17.0):
        first.call("process-input", value)
        counter.call("count")
    second = store.instantiate(guest)
    second.call("calls")
    first.call("process-input", 4711.125)
    counter.call("count")
    side.close()
    store.instantiate(guest).call("process-input", 63.5)
    return load_repro(lab.save(folder / "long.labkit"))


def did(repro):
    return [(step.do, step.export, list(step.args)) for step in repro.scenario.steps]


def test_only_what_the_failure_needs_is_left(long_story, nursery):
    assert len(long_story.scenario.steps) == 13
    found = reduce_repro(long_story, Runtime("50.0.1"), nursery=nursery)
    assert did(found.repro) == [
        ("instantiate", None, []),
        ("call", "process-input", [101.0]),
        ("call", "process-input", [0.0]),
    ]
    assert list(found.repro.programs) == ["process-panic"]
    last = found.repro.trace.steps[-1]
    assert (last.outcome.kind, last.outcome.cause.step) == ("refused", 2)
    assert found.step == 12
    assert found.sentence == (
        f"3 of {len(long_story.trace)} steps are left, after {found.runs} runs: step 3, which was step 12, was "
        "refused: step 2 poisoned the store, as before. Simpler values: 4711.125 → 101.0, 63.5 → 0.0."
    )


def test_another_step_can_be_named(long_story, nursery):
    found = reduce_repro(long_story, Runtime("50.0.1"), step=9, nursery=nursery)
    assert did(found.repro) == [("instantiate", None, []), ("call", "process-input", [101.0])]
    assert found.repro.trace.steps[-1].outcome.code == "unreachable"


def test_a_repro_of_a_policy_keeps_it(nursery):
    found = reduce_repro(packed("01-poisoned-component/story"), Runtime("50.0.1"), nursery=nursery)
    assert found.repro.scenario.policy == "keep"
    assert did(found.repro) == [("call", "process-input", [101.0]), ("call", "calls", [])]


def test_what_does_not_fail_here_cannot_be_reduced_here(new_instance, nursery):
    with pytest.raises(LabkitError) as raised:
        reduce_repro(new_instance, Runtime("41.0.0"), nursery=nursery)
    assert str(raised.value) == (
        "Step 4 does not go here as it was recorded, so there is nothing to reduce; `labkit replay` says what "
        "differs."
    )
    fine = packed("01-poisoned-component/typed-error", "fresh-store")
    with pytest.raises(LabkitError, match="is none of the scenario's own"):
        reduce_repro(fine, Runtime("50.0.1"), step=1, nursery=nursery)


def test_a_number_from_far_away_comes_near_and_nothing_is_renumbered(tmp_path, nursery):
    with Lab() as lab:
        instance = lab.store().instantiate(lab.build("process-panic"))
        for value in (1e30, 1.0):
            instance.call("process-input", value)
        far = load_repro(lab.save(tmp_path / "far.labkit"))
    said = []
    found = reduce_repro(far, Runtime("50.0.1"), nursery=nursery, say=said.append)
    assert [step.args for step in found.repro.scenario.steps] == [(), (101.0,), (0.0,)]
    assert found.values == ((1e30, 101.0), (1.0, 0.0))
    assert found.sentence == (
        f"3 of 3 steps are left, after {found.runs} runs: step 3 was refused: step 2 poisoned the store, as "
        "before. Simpler values: 1e+30 → 101.0, 1.0 → 0.0."
    )
    steps = [line.partition(", after")[0] for line in said]
    assert steps[:2] == [
        "a simpler value: process-input(1.0) → process-input(0.0)",
        "a simpler value: process-input(1e+30) → process-input(1000000000000000.0)",
    ]
    assert steps[-1].endswith(" → process-input(101.0)")
    assert found.runs < 40


@pytest.mark.parametrize("least", [2, 9, 10, 101, 12_345, 2**31 - 1, 2**53, 10**18 + 1024])
@pytest.mark.parametrize(("kind", "sign"), [(int, 1), (int, -1), (float, 1)])
def test_the_nearest_number_is_found_in_few_tries(least, kind, sign):
    tried = []

    def keeps(number):
        tried.append(number)
        return sign * number >= least

    found = nearest(kind(sign * (10**30)), keeps)
    assert (type(found), found) == (kind, sign * kind(least))
    assert len(tried) < 70


@pytest.mark.parametrize("number", [0, 1, -1, 0.5, 1.5, float("inf")])
def test_a_number_with_none_nearer_stays(number):
    assert nearest(number, lambda _other: True) == number


def test_runs_are_counted_and_end(long_story, nursery):
    assert reduce_repro(long_story, Runtime("50.0.1"), runs=4, nursery=nursery).runs == 4


@given(VALUES)
def test_simplifying_a_value_comes_to_an_end(value):
    for _ in range(500):
        value = next(simpler(value), None)
        if value is None:
            return
    raise AssertionError("still simpler")
