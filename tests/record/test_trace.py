"""Traces and scenarios: their JSON, their schema, what is kept and what is dropped."""

import json

import jsonschema
import msgspec
import pytest

from labkit.errors import ArgumentError, FormatError, UnknownNameError
from labkit.host import Program, Store
from labkit.record import (
    Recorder,
    Scenario,
    Trace,
    UnmetError,
    expect,
    find_scenario,
    poisoned_since,
    read_scenario,
    read_trace,
    scenario_of,
)
from labkit.record.schema import SCHEMAS, current_schema, schema
from labkit.reuse import Runner, play
from tests.host.wat import CALLS_HOST, COUNTER

counter = Program.from_wat("counter", COUNTER)


@pytest.fixture
def trace(engine):
    recorder = Recorder(engine.release.version, policy="keep", scenario="a-story")
    with Runner(engine, recorder, counter, policy="keep") as runner:
        runner.call("count")
        runner.call("crash", caller="alice")
        runner.call("count")
    return recorder.trace()


def test_a_trace_reads_back_as_it_was_written(trace):
    assert read_trace(trace.to_json()) == trace


def test_the_json_of_a_trace_begins_with_format_runtime_and_policy(trace):
    data = json.loads(trace.to_json())
    assert list(data)[:3] == ["format", "runtime", "policy"]
    assert data["steps"][0] == {
        "n": 1,
        "do": "instantiate",
        "store": 1,
        "program": "counter",
        "instance": 1,
        "runner": 1,
        "outcome": {"kind": "returned"},
        "us": data["steps"][0]["us"],
    }
    assert data["steps"][3]["outcome"] == {
        "kind": "refused",
        "code": "cannot-enter-component",
        "message": "wasm trap: cannot enter component instance",
        "cause": {"kind": "poisoned", "step": 3, "scope": "store"},
    }
    assert data["stores"] == [{"id": 1, "closed_after": 4}]


def test_a_trace_and_every_shipped_scenario_fit_their_schemas(trace):
    jsonschema.validate(json.loads(trace.to_json()), schema("trace"))
    jsonschema.validate(json.loads(find_scenario("01-poisoned-component").to_json()), schema("scenario"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_in_the_package_describes_what_is_written(name):
    assert schema(name) == current_schema(name), "run: python -m labkit.record.schema"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This is no labkit trace: Input data was truncated."),
        ("{}", "This is no labkit trace: Object missing required field `format`."),
        ('{"format": 9}', "This trace has format 9; this labkit reads format 1."),
        ('{"format": 1}', "This is no labkit trace: Object missing required field `runtime`."),
        (
            '{"format": 1, "runtime": "50.0.1", "steps": [{"n": 1, "do": "dance", "store": 1, "program": "p"}]}',
            "This is no labkit trace: Invalid enum value 'dance' - at `$.steps[0].do`.",
        ),
    ],
)
def test_a_damaged_trace_is_one_sentence(text, sentence):
    with pytest.raises(FormatError) as raised:
        read_trace(text)
    assert str(raised.value) == sentence


def test_a_damaged_scenario_is_one_sentence():
    with pytest.raises(FormatError, match=r"This is no labkit scenario: Object missing required field `id`\."):
        read_scenario("{}")


def test_an_unknown_scenario_suggests_near_ones():
    with pytest.raises(UnknownNameError, match="did you mean 01-poisoned-component"):
        find_scenario("01-poisoned-compnent")


def test_a_number_names_the_main_scenario_of_its_family():
    assert [find_scenario(number).id for number in ("1", "04")] == ["01-poisoned-component", "04-start-function"]


def test_only_the_last_steps_are_kept_and_the_rest_is_counted(engine):
    recorder = Recorder(engine.release.version, max_steps=4)
    with Runner(engine, recorder, counter, policy="fresh-store") as runner:
        for _ in range(5):
            runner.call("crash")
    trace = recorder.trace()
    assert trace.dropped == 6
    assert [step.n for step in trace] == [7, 8, 9, 10]
    assert trace.step(7).do == "instantiate"
    assert [store.id for store in trace.stores] == [4, 5]
    assert poisoned_since(trace) == {4: 8, 5: 10}


def test_poisoning_of_a_store_is_not_claimed_for_releases_that_poison_instances(trace):
    assert poisoned_since(trace) == {1: 3}
    assert poisoned_since(msgspec.structs.replace(trace, runtime="41.0.0")) == {}


def test_an_edited_guest_keeps_its_name_and_gets_a_number(engine):
    recorder = Recorder(engine.release.version)
    edited = Program.from_wat("counter", COUNTER.replace("i32.const 1))", "i32.const 2))"))
    with Store(engine, recorder) as store:
        for program in (counter, edited, counter):
            store.instantiate(program).call("count")
    trace = recorder.trace()
    assert [p.name for p in trace.programs] == ["counter", "counter (2)"]
    assert [s.program for s in trace if s.do == "call"] == ["counter", "counter (2)", "counter"]


def test_a_trace_under_a_policy_becomes_a_scenario_that_plays_the_same(engine, trace):
    again = scenario_of(trace, name="again", title="Again")
    assert (again.policy, [s.export for s in again.steps]) == ("keep", ["count", "crash", "count"])
    assert _kinds(play(again, lambda _: counter)) == _kinds(trace)
    assert read_scenario(again.to_json()) == again


def test_a_trace_with_stores_of_its_own_becomes_a_scenario_that_plays_the_same(engine):
    recorder = Recorder(engine.release.version)
    first = Store(engine, recorder)
    instance = first.instantiate(counter)
    instance.call("crash")
    first.close()
    instance.call("count")
    with Store(engine, recorder) as second:
        second.instantiate(counter).call("count")
    trace = recorder.trace()
    again = scenario_of(trace, name="again", title="Again")
    assert [s.do for s in again.steps] == ["instantiate", "call", "close", "call", "instantiate", "call", "close"]
    played = play(again, lambda _: counter)
    assert [s.outcome for s in played] == [s.outcome for s in trace]


def test_calls_a_host_function_makes_are_steps_inside_the_call_that_led_to_them(engine):
    recorder = Recorder(engine.release.version)
    store = Store(engine, recorder, imports={"ask": lambda: instance.call("ok").unwrap()})
    with store:
        instance = store.instantiate(Program.from_wat("asks", CALLS_HOST))
        instance.call("go")
    outer, inner = recorder.trace().steps[1:]
    assert (outer.export, outer.inside, inner.export, inner.inside) == ("go", None, "ok", 2)
    assert [(call.name, call.returned) for call in outer.host_calls] == [("ask", 7)]


def test_expecting_a_trap_fails_when_nothing_trapped(engine):
    recorder = Recorder(engine.release.version)
    with Store(engine, recorder) as store:
        instance = store.instantiate(counter)
        with expect("trapped", "refused") as seen:
            instance.call("crash")
            instance.call("count")
        assert [outcome.kind for outcome in seen] == ["trapped", "refused"]
    with pytest.raises(UnmetError, match=r"Expected trapped, but no guest was entered\."), expect("trapped"):
        pass
    with (
        Store(engine, recorder) as store,
        pytest.raises(UnmetError, match=r"Expected trapped, but this happened: returned, returned\."),
        expect("trapped"),
    ):
        store.instantiate(counter).call("count")
    with pytest.raises(ArgumentError, match="takes outcome kinds"), expect("exploded"):
        pass


def _kinds(trace: Trace) -> list[str]:
    return [step.outcome.kind for step in trace if step.outcome]


def test_a_scenario_knows_its_family():
    story: Scenario = find_scenario("01-poisoned-component/story")
    assert story.family == "01-poisoned-component"
