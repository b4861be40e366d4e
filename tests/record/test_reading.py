"""Scenario files from strangers: read, or refused in one sentence that names the place."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit import bounds
from labkit.errors import FormatError
from labkit.record import find_scenario, read_scenario, read_trace, scenarios
from labkit.record.schema import schema

VALID = json.loads(find_scenario("01-poisoned-component/new-instance").to_json())
HUGE = 10**400


def sentence(text: str | bytes) -> str:
    with pytest.raises(FormatError) as raised:
        read_scenario(text)
    said = str(raised.value)
    assert said.isprintable()
    assert len(said) < 400
    return said.removeprefix("This is no labkit scenario: ")


def refused(**fields: Any) -> str:
    return sentence(json.dumps(VALID | fields))


@pytest.mark.parametrize("name", scenarios())
def test_what_labkit_writes_it_reads(name):
    scenario = find_scenario(name)
    assert read_scenario(scenario.to_json()) == scenario


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "Input data was truncated."),
        (b"{", "Input data was truncated."),
        (b"null", "Expected `object`, got `null`."),
        (b"[1, 2]", "Expected `object`, got `array`."),
        (b"\xff\xfe{\0}\0", "JSON is malformed: invalid character (byte 0)."),
        (b'{"id": "\xff"}', "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte."),
        ("\ud800", "'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed."),
        (b'{"id": NaN}', "JSON is malformed: invalid character (byte 7)."),
        (b'{"x":' * 100_000, "it is nested too deeply."),
        (b" " * (2**20 + 1), "it is larger than 1 MiB, which none has to be."),
        (b'{"id": "a", "id": "b", "title": "", "guest": "g", "steps": []}',
         "the field 'id' is there 2 times in one object."),
        (b'{"\x1b[31m": 1}', "JSON is malformed: invalid control character (byte 2)."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_scenario_at_all(text, said):
    found = sentence(text)
    assert found == said or (said.startswith("JSON is malformed") and found.startswith("JSON is malformed"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"format": "1"}, "`format`: expected `int`, got `str`."),
        ({"format": HUGE}, "`format`: expected `int` <= 10000."),
        ({"nix": 1}, "Object contains unknown field `nix`."),
        ({"id": None}, "`id`: expected `str`, got `null`."),
        ({"title": "x" * 20_000}, "`title`: expected `str` of length <= 10000."),
        ({"policy": ""}, "`policy`: expected `str` of length >= 1."),
        ({"expect": ["retruned"]}, "`expect[0]`: invalid enum value 'retruned'."),
        ({"limits": {"second": 2}}, "`limits`: object contains unknown field `second`."),
        ({"limits": {"seconds": 0}}, "`limits.seconds`: expected `float` > 0.0."),
        ({"limits": {"seconds": -1}}, "`limits.seconds`: expected `float` > 0.0."),
        ({"limits": {"seconds": 1e9}}, "`limits.seconds`: expected `float` <= 3600.0."),
        ({"limits": {"memory": -1}}, "`limits.memory`: expected `int` >= 0."),
        ({"limits": {"memory": 2**60}}, "`limits.memory`: expected `int` <= 4294967296."),
        ({"limits": {"fuel": 2**63}}, "`limits.fuel`: expected `int` <= 9223372036854775807."),
        ({"engine": {"async": True}}, "`engine`: object contains unknown field `async`."),
        ({"imports": {str(n): {} for n in range(1001)}}, "`imports`: expected `object` of length <= 1000."),
        ({"imports": {"x" * 1001: {}}}, "a name in `imports`: expected `str` of length <= 1000."),
        ({"imports": {"log": {"raise": "x"}}}, "an import: object contains unknown field `raise`."),
        ({"imports": {"log": {"raises": 3}}}, "an import, `raises`: expected `str | null`, got `int`."),
        ({"imports": {"log": {"returns": HUGE}}}, "import 'log', `returns`: an integer needs more than 64 bits."),
        ({"imports": {"log": {"reenters": {"export": "x", "args": [[HUGE]]}}}},
         "import 'log', `reenters.args`: an integer needs more than 64 bits."),
        ({"imports": {"log": {"blocks": 0}}}, "an import, `blocks`: expected `float` > 0.0."),
        ({"imports": {"log": {"blocks": 11}}}, "an import, `blocks`: expected `float` <= 10.0."),
        ({"imports": {"log": {"nested_loop": "other"}}}, "an import, `nested_loop`: invalid enum value 'other'."),
        ({"imports": {"log": {"sleeps": 1}}},
         "import 'log': `sleeps` needs `asynchronous` or a `nested_loop`; a plain function `blocks`."),
        ({"imports": {"log": {"in_thread": True, "blocks": 1}}},
         "import 'log': `in_thread` needs `asynchronous` and `blocks`."),
        ({"imports": {"log": {"nested_loop": "own-loop", "asynchronous": True}}},
         "import 'log': an `asynchronous` function has no use for `nested_loop`."),
        ({"imports": {"log": {"nested_loop": "run_coroutine_threadsafe"}}},
         "import 'log': of the nested loops, `run_coroutine_threadsafe` needs `blocks`, and the others have no "
         "use for it."),
        ({"steps": [{"export": "x"}], "imports": {"log": {"closes": True}}},
         "import 'log': `closes` needs steps that name their own stores."),
        ({"steps": [{"do": "instantiate"}], "guard": {}},
         "a `guard` decides where its calls go: it has no use for stores, event loops and policies."),
        ({"policy": "keep", "guard": {}},
         "a `guard` decides where its calls go: it has no use for stores, event loops and policies."),
        ({"policy": None, "guard": {"on_abort": [{"export": "x", "args": [HUGE]}]}},
         "`guard.on_abort`, call 1, `args`: an integer needs more than 64 bits."),
        ({"steps": [{"do": "reinit"}]}, "step 1: `reinit` needs a `guard`."),
        ({"guard": {}, "policy": None, "steps": [{"do": "reinit", "export": "x"}]},
         "step 1: `reinit` has no use for `export`."),
        ({"steps": [{"export": "x"}], "in_loop": True},
         "step 1: in an event loop a call names its `instance`, because no reuse policy awaits."),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(fields, said):
    assert refused(**fields) == said


NESTED: Any = []
for _ in range(40):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"do": "dance"}], "step 1, `do`: invalid enum value 'dance'."),
        ([{"export": "x"}, {"exprot": "x"}], "step 2: object contains unknown field `exprot`."),
        ([{"export": 3}], "step 1, `export`: expected `str | null`, got `int`."),
        ([{"export": "x", "args": [HUGE]}], "step 1, `args`: an integer needs more than 64 bits."),
        ([{"export": "x", "args": [0] * 100_000}], "step 1, `args`: expected `array` of length <= 1000."),
        ([{"export": "x", "args": NESTED}], "step 1, `args`: lists and objects are nested deeper than 32."),
        ([{"do": "instantiate", "store": 0}], "step 1, `store`: expected `int` >= 1."),
        ([{"do": "instantiate", "store": -7}], "step 1, `store`: expected `int` >= 1."),
        ([{"do": "instantiate", "instance": 10**30}], "step 1, `instance`: expected `int` <= 10000."),
        ([{"export": "x"}] * 10_001, "`steps`: expected `array` of length <= 10000."),
        ([{}], "step 1: a call needs an `export`."),
        ([{"do": "instantiate", "export": "x"}], "step 1: `instantiate` has no use for `export`."),
        ([{"do": "close", "instance": 1}], "step 1: `close` has no use for `instance`."),
        ([{"export": "x", "store": 1}], "step 1: `call` has no use for `store`."),
        ([{"instance": 1, "export": "x"}],
         "step 1 calls instance 1, and calls go to instances that steps before have made."),
        ([{"do": "instantiate"}, {"export": "x"}],
         "step 2 names no instance, and calls go to instances that steps before have made."),
        ([{"do": "instantiate"}, {"do": "instantiate", "instance": 1}],
         "step 2 makes instance 1, which step 1 has made already."),
        ([{"export": "x", "asynchronous": True}],
         "step 1: in an event loop a call names its `instance`, because no reuse policy awaits."),
        ([{"do": "instantiate"}, {"instance": 1, "export": "x", "together": "a"}],
         "step 2: `together` needs `asynchronous` or `in_thread`."),
        ([{"do": "instantiate"}, {"instance": 1, "export": "x", "cancel_after": 1}],
         "step 2: `cancel_after` needs `asynchronous`."),
        ([{"do": "instantiate", "asynchronous": True, "cancel_after": 1}],
         "step 1: `instantiate` has no use for `cancel_after`."),
        ([{"do": "instantiate"}, {"instance": 1, "export": "x", "asynchronous": True, "in_thread": True}],
         "step 2: what is `asynchronous` has no use for `in_thread`."),
        ([{"do": "instantiate", "in_thread": True}], "step 1: `instantiate` has no use for `in_thread`."),
        ([{"export": "x", "in_thread": True}],
         "step 1: in an event loop a call names its `instance`, because no reuse policy awaits."),
        ([{"do": "close", "together": "a"}], "step 1: `close` has no use for `together`."),
        ([{"do": "instantiate", "asynchronous": True, "together": "a"}],
         "step 1: what runs `together` names its `instance`."),
        ([{"do": "instantiate", "instance": 1, "asynchronous": True, "together": "a"},
          {"instance": 1, "export": "x", "asynchronous": True, "together": "a"}],
         "step 2 calls instance 1, which is made at the same time."),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_step_that_cannot_be_meant_is_named_by_its_number(steps, said):
    assert refused(steps=steps) == said


def test_another_format_is_named_whatever_else_such_a_file_holds():
    with pytest.raises(FormatError, match=r"^This scenario has format 2; this labkit reads format 1\.$"):
        read_scenario(json.dumps(VALID | {"format": 2, "from-the-future": True}))


def test_what_a_sentence_quotes_is_short_and_harmless():
    said = refused(**{"\x1b[2J" + "x" * 100_000: 1})
    assert said.startswith("Object contains unknown field `�[2Jxxx")
    assert said.endswith("x….")


def test_a_trace_that_is_nested_without_end():
    with pytest.raises(FormatError, match=r"^This is no labkit trace: it is nested too deeply\.$"):
        read_trace('{"x":' * 100_000)


def test_the_schema_says_the_bounds():
    def fits(**fields: Any) -> bool:
        try:
            jsonschema.validate(VALID | fields, schema("scenario"))
        except jsonschema.ValidationError:
            return False
        return True

    assert fits()
    assert not fits(limits={"seconds": bounds.SECONDS + 1})
    assert not fits(steps=[{"do": "instantiate", "store": bounds.NUMBER + 1}])
    assert not fits(steps=[{"do": "instantiate", "stoer": 1}])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.just(HUGE)
    | st.floats(allow_nan=True)
    | st.text(max_size=20)
    | st.sampled_from(["call", "instantiate", "close", "returned", "keep"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


SHIPPED = [scenario.to_json() for scenario in scenarios().values()]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid scenario in which a few places hold something else, are gone, are there twice or have moved."""
    tree = json.loads(draw(st.sampled_from(SHIPPED)))
    for _ in range(draw(st.integers(1, 4))):
        node: Any = tree
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and node[key] and draw(st.booleans()):
                node = node[key]
                continue
            match draw(st.sampled_from(["replace", "delete", "double", "add"])):
                case "replace":
                    node[key] = draw(JSON)
                case "delete":
                    del node[key]
                case "double" if isinstance(node, list):
                    node.insert(key, copy.deepcopy(node[key]))
                case _ if isinstance(node, dict):
                    node[draw(st.text(max_size=8))] = draw(JSON)
            break
    return json.dumps(tree)


@given(mutated())
@settings(max_examples=150, deadline=None)
def test_a_mutated_file_is_read_or_refused_and_nothing_else(text):
    with contextlib.suppress(FormatError):
        read_scenario(text)


@given(mutated(), st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=6)), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(text, splices):
    data = text.encode()
    for at, put in splices:
        data = data[: at % len(data)] + put + data[at % len(data) + 2 :]
    with contextlib.suppress(FormatError):
        read_scenario(data)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            {"do": "instantiate", "given": {"keeper": 2}},
            "step 2: `given` has instance 2 for 'keeper', which no step before has made.",
        ),
        ({"do": "instantiate", "given": {"keeper": 0}}, "step 2, `given[...]`: expected `int` >= 1."),
        ({"instance": 1, "export": "e", "given": {"k": 1}}, "step 2: `call` has no use for `given`."),
    ],
)
def test_an_instance_that_cannot_be_given(step, said):
    first = {"do": "instantiate", "store": 1, "instance": 1}
    assert refused(steps=[first, step]) == said


def test_an_instance_that_is_made_at_the_same_time_cannot_be_given():
    both = {"do": "instantiate", "store": 1, "asynchronous": True, "together": "both"}
    steps = [both | {"instance": 1}, both | {"instance": 2, "given": {"keeper": 1}}]
    assert refused(steps=steps) == "step 2: `given` has instance 1, which is made at the same time."
