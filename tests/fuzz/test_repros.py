"""Repros that were changed anywhere, by the thousand: refused in a sentence, or shown; nothing else happens."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit.errors import LabkitError
from labkit.repros import replay
from labkit.runtimes import ChildLimits, Runtime
from tests.fuzz.repro_target import members, read_and_show, sealed, seed

SEED = seed()
WHOLE = SEED.to_bytes()
MEMBERS = members(SEED)
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
VALUES = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        1,
        2**31,
        2**63,
        2**64,
        -(2**70),
        1e308,
        "",
        "x",
        "\x1b[31m",
        "\ud7ff" * 400,
        "../..",
        [],
        {},
    ]
) | st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=2), max_leaves=40)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with something else in one place."""
    if not path:
        return value
    whole = copy.deepcopy(document)
    node = whole
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return whole


@st.composite
def other_members(draw: st.DrawFn) -> bytes:
    """The file with up to three values of its JSON changed, and digests that are right."""
    name = draw(st.sampled_from(["repro.json", "scenario.json", "trace.json"]))
    document = json.loads(MEMBERS[name])
    for _ in range(draw(st.integers(1, 3))):
        document = put(document, draw(st.sampled_from(places(document)[1:])), draw(VALUES))
    return sealed(MEMBERS | {name: json.dumps(document).encode()})


@given(other_members(), st.booleans())
@settings(QUICK, max_examples=150)
def test_whatever_is_said_in_it(data, draw):
    read_and_show(data, draw=draw)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
@settings(QUICK, max_examples=150)
def test_whichever_bytes_are_others(changes):
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    read_and_show(bytes(data))


@given(st.integers(0, len(WHOLE)), st.binary(max_size=50), st.integers(0, 200))
@settings(QUICK, max_examples=80)
def test_wherever_it_is_cut_and_mended(at, more, gone):
    read_and_show(WHOLE[:at] + more + WHOLE[at + gone :])


@given(other_members())
@settings(QUICK, max_examples=15)
def test_what_can_be_read_can_be_replayed_or_says_why_not(data):
    found = read_and_show(data)
    if found is None:
        return
    try:
        said = replay(found, Runtime("50.0.1"), limits=ChildLimits(seconds=10)).sentence
    except LabkitError as error:
        said = str(error)
    assert said.endswith(".")
