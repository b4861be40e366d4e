"""Every shipped scenario does what it says, with real compiled guests."""

import msgspec
import pytest

from labkit import Lab, find_scenario, scenarios
from labkit.errors import ArgumentError, ToolchainError, UnsafeError
from labkit.host import Cause, Limits
from labkit.record import HostBehaviour, Trace

SHIPPED = scenarios()


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


def kinds(trace: Trace) -> list[str]:
    """The outcome kinds of the calls the scenario made itself or through its host functions."""
    return [step.outcome.kind for step in trace if step.do == "call" and step.outcome]


MAY_ABORT = [name for name, scenario in SHIPPED.items() if scenario.engine.wasi == "async"]


@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in MAY_ABORT])
def test_a_scenario_ends_as_it_says(lab, name):
    try:
        trace = lab.run(name)
    except ToolchainError as error:
        # Some have a guest of which nothing is prebuilt, because it is large, or about how it was compiled.
        pytest.skip(str(error))
    assert kinds(trace) == list(SHIPPED[name].expect)


@pytest.mark.parametrize("name", MAY_ABORT)
def test_one_that_may_abort_does_so_in_a_child_and_is_not_played_here(lab, name):
    assert kinds(lab.run(name, runtime=lab.runtime)) == list(SHIPPED[name].expect)
    with pytest.raises(UnsafeError, match=r"that runs in a child process only: labkit run ID --wasmtime "):
        lab.run(name)


def test_every_scenario_says_what_to_expect():
    assert [name for name, scenario in SHIPPED.items() if not scenario.expect] == []


STORY = "01-poisoned-component/story"


@pytest.mark.parametrize(
    ("policy", "answers", "stores"),
    [
        ("keep", [20.0, "trapped", "refused", "refused", "refused"], 1),
        ("fresh-instance", [20.0, "trapped", "refused", "refused", "refused"], 1),
        ("rebuild-on-trap", [20.0, "trapped", 20.0, 20.0, 2], 2),
        ("fresh-store", [20.0, "trapped", 20.0, 20.0, 0], 5),
        ("recompile", [20.0, "trapped", 20.0, 20.0, 0], 5),
        ("pool", [20.0, "trapped", 20.0, 20.0, 1], 5),
    ],
)
def test_the_story_under_every_policy(lab, policy, answers, stores):
    trace = lab.run(STORY, policy=policy)
    calls = [step.outcome for step in trace if step.do == "call"]
    assert [o.value if o.kind == "returned" else o.kind for o in calls] == answers
    assert len({step.store for step in trace}) == stores
    assert trace.policy == policy


def test_the_main_scenario_begins_with_the_trap_and_its_message(lab):
    made, trapped, refused, _ = lab.run("01-poisoned-component").steps
    assert (made.n, made.do, made.program) == (1, "instantiate", "process-panic")
    assert (trapped.n, trapped.export, trapped.args) == (2, "process-input", (101.0,))
    assert trapped.outcome.code == "unreachable"
    assert trapped.outcome.message == "wasm trap: wasm `unreachable` instruction executed"
    assert trapped.outcome.panic == "panicked at process-panic/src/lib.rs:12:9: input too large: 101"
    assert "input too large: 101" in trapped.outcome.stderr
    assert "process-input" in [frame.func for frame in trapped.outcome.frames]
    assert refused.outcome.message == "wasm trap: cannot enter component instance"


def test_a_scenario_with_stores_of_its_own_takes_no_policy(lab):
    with pytest.raises(
        ArgumentError, match=r"new-store names its own stores, so no reuse policy applies; leave it out\."
    ):
        lab.run("01-poisoned-component/new-store", policy="keep")


def test_a_lock_that_the_host_lent_outlives_the_store(lab):
    trace = lab.run("01-poisoned-component/lock-lent")
    calls = [step for step in trace if step.do == "call"]
    assert [step.store for step in calls] == [1, 1, 2]
    assert calls[0].outcome.value == 20.0
    assert (calls[1].outcome.kind, calls[1].outcome.code) == ("trapped", "unreachable")
    locked = calls[2].outcome
    assert (locked.kind, locked.raised, locked.message) == ("host-error", "ScenarioError", "buffer is locked")
    assert [[(call.name, call.raised) for call in step.host_calls] for step in calls] == [
        [("acquire", None), ("log", None), ("release", None)],
        [("acquire", None), ("log", None)],
        [("acquire", "ScenarioError")],
    ]
    assert lab.run("01-poisoned-component/lock-lent").steps[1].outcome.value == 20.0


def test_giving_back_a_lock_that_nobody_holds(lab):
    lent = find_scenario("01-poisoned-component/lock-lent")
    releases = {**lent.imports, "acquire": HostBehaviour(releases="buffer")}
    outcome = lab.run(msgspec.structs.replace(lent, imports=releases)).steps[1].outcome
    assert (outcome.kind, outcome.message) == ("host-error", "buffer is not locked")


def test_the_limits_of_the_lab_hold_for_a_scenario_that_asks_for_none():
    greedy = msgspec.structs.replace(
        find_scenario("01-poisoned-component/endless-loop"), limits=Limits(seconds=None, memory=None)
    )
    with Lab(seconds=0.2) as strict:
        stopped = strict.run(greedy).steps[1].outcome
    assert stopped.message == "the call ran longer than its limit of 0.2 s"
    with Lab(fuel=1000) as strict:
        assert strict.run(greedy).steps[1].outcome.code == "out-of-fuel"
    with Lab(memory=65536) as strict:
        assert strict.run("01-poisoned-component").steps[0].outcome.cause == Cause("limit")


def test_limits_within_others():
    asked = Limits(seconds=60.0, memory=None, fuel=5)
    assert asked.within(Limits(seconds=10.0, memory=2**30, fuel=None)) == Limits(10.0, 2**30, 5)
    assert asked.within(Limits(seconds=None, memory=None, fuel=7)) == asked
