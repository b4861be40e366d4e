"""A trap poisons the store: who is refused, who is not, and what the refusal blames."""

import pytest

from labkit.host import Cause, Counter, Outcome, Program, Store
from tests.host.wat import CORE_COUNTER, CORE_START_TRAPS, COUNTER

UNREACHABLE = "wasm trap: wasm `unreachable` instruction executed"
CANNOT_ENTER = "wasm trap: cannot enter component instance"


@pytest.fixture
def store(engine):
    with Store(engine, Counter()) as store:
        yield store


counter = Program.from_wat("counter", COUNTER)
core_counter = Program.from_wat("core-counter", CORE_COUNTER)


def refused(step: int, blamed: int) -> Outcome:
    return Outcome(
        "refused",
        code="cannot-enter-component",
        message=CANNOT_ENTER,
        cause=Cause("poisoned", blamed, "store"),
        step=step,
    )


def test_a_trap_carries_its_code_its_exact_text_and_its_frames(store):
    instance = store.instantiate(counter)
    trapped = instance.call("crash")
    assert (trapped.kind, trapped.code, trapped.message, trapped.step) == (
        "trapped",
        "unreachable",
        UNREACHABLE,
        2,
    )
    assert [(frame.module, frame.func, frame.func_index) for frame in trapped.frames] == [
        ("m", "boom", 0),
        ("m", "crash", 1),
    ]


def test_the_instance_that_trapped_is_refused_and_the_trap_is_blamed(store):
    instance = store.instantiate(counter)
    assert instance.call("count").value == 1
    instance.call("crash")
    assert instance.call("count") == refused(step=4, blamed=3)
    assert instance.call("count") == refused(step=5, blamed=3)


def test_a_new_instance_in_a_poisoned_store_is_made_and_then_refused(store):
    store.instantiate(counter).call("crash")
    again = store.instantiate(counter)
    assert again.outcome == Outcome("returned", step=3)
    assert again.call("count") == refused(step=4, blamed=2)


def test_another_instance_made_before_the_trap_is_refused(store):
    bystander = store.instantiate(counter)
    store.instantiate(counter).call("crash")
    assert bystander.call("count") == refused(step=4, blamed=3)


def test_a_component_beside_a_trapped_core_module_is_refused(store):
    component, core = store.instantiate(counter), store.instantiate(core_counter)
    core.call("crash")
    assert component.call("count") == refused(step=4, blamed=3)


def test_a_core_instance_that_trapped_can_still_be_called(store):
    core = store.instantiate(core_counter)
    assert core.call("crash").code == "unreachable"
    assert core.call("count") == Outcome("returned", value=1, step=3)


def test_a_new_store_of_the_same_engine_answers(engine, store):
    store.instantiate(counter).call("crash")
    with Store(engine, Counter()) as fresh:
        assert fresh.instantiate(counter).call("count").unwrap() == 1


def test_the_store_says_what_poisoned_it(store):
    assert repr(store) == "<store 1, open>"
    store.instantiate(counter).call("crash")
    assert store.poisoned_by == 2
    assert repr(store) == "<store 1, poisoned by step 2>"


def test_a_start_function_that_traps_leaves_no_instance_and_poisons_components(store):
    component = store.instantiate(counter)
    stillborn = store.instantiate(Program.from_wat("starts-badly", CORE_START_TRAPS))
    assert (stillborn.outcome.kind, stillborn.outcome.code) == ("trapped", "unreachable")
    assert [frame.func for frame in stillborn.outcome.frames] == ["boom"]
    assert stillborn.call("ok") == Outcome("refused", cause=Cause("no-instance", 2), step=3)
    assert component.call("count") == refused(step=4, blamed=2)


def test_calls_to_a_closed_store_are_refused_because_it_is_closed(store):
    instance = store.instantiate(counter)
    store.close()
    assert instance.call("count") == Outcome("refused", cause=Cause("closed"), step=2)
    assert repr(store) == "<store 1, closed>"
