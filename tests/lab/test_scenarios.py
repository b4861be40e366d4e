"""Every shipped scenario does what it says, with real compiled guests."""

import pytest

from labkit import Lab, scenarios
from labkit.errors import ArgumentError
from labkit.record import Trace

SHIPPED = scenarios()


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


def kinds(trace: Trace) -> list[str]:
    """The outcome kinds of the calls the scenario made itself or through its host functions."""
    return [step.outcome.kind for step in trace if step.do == "call" and step.outcome]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_scenario_ends_as_it_says(lab, name):
    assert kinds(lab.run(name)) == list(SHIPPED[name].expect)


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
