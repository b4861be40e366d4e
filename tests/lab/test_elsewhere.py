"""What a lab did, and scenarios, under other releases: real ones, in child processes."""

import pytest

from labkit import Lab, LabkitError, find_scenario, scenarios
from labkit.errors import ArgumentError, UnknownNameError
from labkit.record import Scenario, ScenarioStep
from labkit.runtimes import add_runtime

NEW_INSTANCE = "01-poisoned-component/new-instance"
THREE = ("41.0.0", "42.0.0", "50.0.1")
CHANGE = "Up to 41.0.0 step 4 returned 20.0; since 42.0.0 it is refused: step 2 poisoned the store."
SEVEN = '(module (func (export "seven") (result i32) i32.const 7))'


@pytest.fixture(scope="module", autouse=True)
def releases():
    for version in THREE:
        add_runtime(version)


@pytest.fixture
def lab():
    with Lab() as lab:
        yield lab


def last(trace):
    return trace.steps[-1].outcome


def test_a_matrix_of_one_scenario(lab):
    view = lab.matrix(NEW_INSTANCE, wasmtime=["41", "42", "50.0.1"])
    assert view.told() == (
        f"1 row under 3 releases: 1 differs between releases, at 42.0.0 (1).\n{NEW_INSTANCE}: {CHANGE}"
    )
    assert [last(cell.trace).kind for cell in view.matrix.rows[0].cells] == ["returned", "refused", "refused"]
    again = lab.matrix(NEW_INSTANCE, wasmtime=THREE)
    assert [cell.cached for cell in again.matrix.rows[0].cells] == [True] * 3


def test_a_matrix_under_several_policies(lab):
    policies = ["keep", "fresh-instance"]
    view = lab.matrix(["01-poisoned-component/story"], wasmtime=["41.0.0", "42.0.0"], policies=policies)
    changed = [(row.policy, row.changed) for row in view.matrix.rows]
    assert changed == [("keep", ()), ("fresh-instance", ("42.0.0",))]


def test_a_family_is_taken_whole(lab):
    rows = lab.matrix("01-poisoned-component", "50.0.1").matrix.rows
    family = [name for name, scenario in scenarios().items() if scenario.family == "01-poisoned-component"]
    assert [row.scenario for row in rows] == family


def test_a_release_that_does_not_exist_is_a_cell_with_a_sentence(lab):
    (row,) = lab.matrix(find_scenario(NEW_INSTANCE), wasmtime=["42.0.0", "42.99.0"]).matrix.rows
    assert row.cells[0].problem is None
    assert row.cells[1].problem.startswith("Wasmtime 42.99.0 could not be fetched: ")


def test_two_scenarios_of_one_name(lab):
    other = Scenario(id=NEW_INSTANCE, title="Mine", guest="process-panic", steps=(ScenarioStep(export="calls"),))
    with pytest.raises(ArgumentError, match=r"^Two different scenarios are called 01-.*; rename one of them\.$"):
        lab.matrix([NEW_INSTANCE, other], wasmtime="50.0.1")
    with pytest.raises(UnknownNameError, match="did you mean"):
        lab.matrix("01-poisoned-component/new-instanc")


def test_who_can_be_called_after_a_trap_changed_with_42(lab):
    radius = lab.poisoning_scope(THREE)
    assert list(radius.traces) == ["41", "42", "50"]
    assert radius.rule == (1, "since 42 a trap poisons the store, no longer the instance alone")
    answers = {
        step.caller: [
            next(s.outcome.kind for s in trace if s.caller == step.caller) for trace in radius.traces.values()
        ]
        for step in radius.traces["50"]
        if step.caller
    }
    moved, refused, returned = ["returned", "refused", "refused"], ["refused"] * 3, ["returned"] * 3
    assert answers == {
        "the instance that trapped": refused,
        "another instance of it, same store": moved,
        "a new instance of it, same store": moved,
        "an uninvolved component, same store": moved,
        "a sibling in its composition": moved,
        "a component beside a trapped core module": moved,
        "a core instance beside a trapped component": returned,
        "the core instance that trapped": returned,
        "a new store": returned,
    }
    assert "5 of 9 callers changed with 42." in repr(radius)


def test_without_a_change_there_is_no_rule(lab):
    assert lab.poisoning_scope(["42.0.0", "50.0.1"]).rule is None


def test_all_that_was_done_is_played_again_with_the_same_programs(lab):
    store = lab.store()
    guest = lab.build("process-panic")
    store.instantiate(guest).call("process-input", 101.0)
    store.instantiate(guest).call("process-input", 10.0)
    lab.store().instantiate(lab.program(SEVEN, name="process-panic")).call("seven")
    switch = lab.version_switch(wasmtime=["41.0.0"])
    assert switch.release_buttons.options == ("41.0.0", "50.0.1")
    switch.release_buttons.value = "41.0.0"
    assert switch.sentence == (
        "Under 41.0.0 step 4 returned 20.0; under 50.0.1 it is refused: step 2 poisoned the store."
    )
    assert last(switch.timeline.trace).value == 7
    assert [p.digest for p in switch.timeline.trace.programs] == [p.digest for p in lab.trace.programs]


def test_host_functions_answer_as_they_did(lab):
    imports = {"log": lambda text: None, "acquire": lambda name: None, "release": lambda name: None}
    lab.store(imports).instantiate(lab.build("process-lock")).call("process-input", 10.0)
    trace = lab.run(lab.trace, runtime="41.0.0")
    assert [call.name for call in trace.steps[1].host_calls] == ["acquire", "log", "release"]
    assert last(trace).value == 20.0


ASKS = """
(module
  (import "host" "next" (func $next (result i32)))
  (func (export "ask") (result i32) (call $next)))
"""


def test_a_host_function_that_answers_this_and_that_does_so_again(lab):
    answers = iter(range(5))
    asks = lab.store({"host#next": lambda: next(answers)}).instantiate(lab.program(ASKS, name="asks"))
    asks.call("ask")
    assert last(lab.run(lab.trace, runtime="41.0.0")).value == 0
    asks.call("ask")
    assert [step.outcome.value for step in lab.run(lab.trace, runtime="41.0.0")] == [None, 0, 1]


def test_a_host_function_that_calls_back_cannot_be_replayed(lab):
    with pytest.raises(LabkitError, match=r"^Step 3 was made by a host function, and Python code cannot be"):
        lab.version_switch(lab.run("01-poisoned-component/re-entrance"))


def test_a_program_the_lab_has_not_seen_is_named(lab):
    with Lab() as other:
        other.store().instantiate(other.program(SEVEN, name="seven")).call("seven")
        trace = other.trace
    with pytest.raises(LabkitError, match=r"^The trace used a program 'seven' with SHA-256 [0-9a-f]{16}…, which"):
        lab.version_switch(trace)
    lab.program(SEVEN, name="mine")
    assert last(lab.run(trace, runtime="41.0.0")).value == 7


def test_a_scenario_of_ones_own_may_name_any_program_of_the_lab(lab):
    lab.program(SEVEN, name="seven")
    mine = Scenario(id="mine", title="Mine", guest="seven", steps=(ScenarioStep(export="seven"),))
    assert last(lab.run(mine, runtime="41.0.0")).value == 7
    with pytest.raises(UnknownNameError, match="There is no program named 'sevn'; did you mean seven"):
        lab.run(Scenario(id="mine", title="Mine", guest="sevn", steps=mine.steps))


def test_nothing_done_yet(lab):
    with pytest.raises(LabkitError, match=r"^Nothing has happened in this lab yet; call a guest first\.$"):
        lab.version_switch()


def test_a_policy_for_the_switch(lab):
    switch = lab.version_switch("01-poisoned-component", wasmtime="41.0.0", policy="fresh-store")
    assert switch.timeline.trace.policy == "fresh-store"
    title = "A component panics once and fails for ever, policy fresh-store"
    assert switch.told().startswith(f"{title} under Wasmtime 50.0.1\n")


def test_bisecting_what_was_done(lab):
    store = lab.store()
    guest = lab.build("process-panic")
    store.instantiate(guest).call("process-input", 101.0)
    store.instantiate(guest).call("process-input", 10.0)
    assert lab.bisect(lab.trace, wasmtime=THREE).sentence == CHANGE
