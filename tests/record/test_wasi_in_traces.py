"""What stores give to their guests is part of a trace, and of the scenario made from it."""

import json

import jsonschema
import msgspec
import pytest

from labkit.errors import FormatError
from labkit.guests import build
from labkit.host import Engine, Program, Store, Wasi
from labkit.record import Recorder, read_scenario, read_trace, scenario_of
from labkit.record.schema import schema
from labkit.reuse import Runner, play

RUN = "wasi:cli/run"
ADA = Wasi(args=("hello", "Ada"), stdin="first\nsecond\n", folder={"notes.txt": "one\n"})
GRACE = Wasi(args=("hello", "Grace"), env={"GREETING": "Good evening"})


@pytest.fixture(scope="module")
def command():
    return Program.from_bytes("command-hello", build("command-hello").wasm)


def traced(command, *given, policy=None):
    """A trace of one run per store, each store with its own gifts."""
    with Engine() as engine:
        recorder = Recorder(engine.release.version, policy=policy)
        for wasi in given:
            if policy is not None:
                with Runner(engine, recorder, command, policy=policy, wasi=wasi) as runner:
                    runner.call(RUN)
            else:
                with Store(engine, recorder, wasi=wasi) as store:
                    store.instantiate(command).call(RUN)
        return recorder.trace()


def outputs(trace):
    return [step.outcome.stdout for step in trace if step.do == "call"]


def test_a_trace_says_what_each_store_gave_and_reads_back(command):
    trace = traced(command, ADA, None, GRACE)
    assert [store.wasi for store in trace.stores] == [ADA, None, GRACE]
    data = json.loads(trace.to_json())
    assert data["stores"][0] == {
        "id": 1,
        "closed_after": 2,
        "wasi": {"args": ["hello", "Ada"], "stdin": "first\nsecond\n", "folder": {"notes.txt": "one\n"}},
    }
    jsonschema.validate(data, schema("trace"))
    assert read_trace(trace.to_json()) == trace


@pytest.mark.parametrize("policy", [None, "fresh-store"])
@pytest.mark.parametrize("given", [(ADA,), (ADA, ADA), (ADA, GRACE), (None, ADA)])
def test_a_replay_has_the_same_world(command, given, policy):
    trace = traced(command, *given, policy=policy)
    scenario = scenario_of(trace, name="replay", title="again")
    jsonschema.validate(json.loads(scenario.to_json()), schema("scenario"))
    read = read_scenario(scenario.to_json())
    again = play(read, {"command-hello": command}.__getitem__)
    assert outputs(again) == outputs(trace)
    assert [store.wasi for store in again.stores] == [store.wasi for store in trace.stores]


def test_stores_that_give_the_same_say_it_once(command):
    scenario = scenario_of(traced(command, ADA, ADA), name="replay", title="again")
    assert scenario.wasi == ADA
    assert [step.wasi for step in scenario.steps] == [None] * len(scenario.steps)
    differing = scenario_of(traced(command, ADA, GRACE), name="replay", title="again")
    assert differing.wasi is None
    assert [step.wasi for step in differing.steps if step.do == "instantiate"] == [ADA, GRACE]


def read(**changes):
    steps = [{"do": "instantiate", "store": 1, "instance": 1}, {"instance": 1, "export": RUN}]
    whole = {"format": 1, "id": "x", "title": "t", "guest": "command-hello", "steps": steps} | changes
    return read_scenario(msgspec.json.encode(whole))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"wasi": {"argv": []}}, "`wasi`: object contains unknown field `argv`"),
        ({"wasi": {"folder": {"../x": ""}}}, "a name in `wasi.folder`: expected `str` matching regex"),
        ({"wasi": {"stdin": 1}}, "`wasi.stdin`: expected `str`, got `int`"),
        (
            {"steps": [{"do": "instantiate", "instance": 1}, {"instance": 1, "export": RUN, "wasi": {}}]},
            "step 2: `call` has no use for `wasi`",
        ),
        (
            {"steps": [{"do": "instantiate"}, {"do": "instantiate", "wasi": {"stdin": "x"}}]},
            "step 2: `wasi` is for the step that opens a store, and step 1 has done that",
        ),
    ],
)
def test_a_scenario_that_gives_what_cannot_be_given_is_refused(changes, why):
    with pytest.raises(FormatError) as raised:
        read(**changes)
    assert str(raised.value).startswith(f"This is no labkit scenario: {why}")
