"""Scenario files that somebody brought: whatever they ask for stays within the limits of whoever plays them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit.errors import LabkitError
from labkit.host import KINDS, Limits, Program
from labkit.record import Trace, read_scenario
from labkit.reuse import play
from labkit.runtimes import ChildLimits, Runtime, run_in_child
from tests.host.wat import CALLS_HOST, CORE_CALLS_HOST, COUNTER

PROGRAMS = {
    "asks": Program.from_wat("asks", CALLS_HOST),
    "core-asks": Program.from_wat("core-asks", CORE_CALLS_HOST),
    "counter": Program.from_wat("counter", COUNTER),
    "takes": Program.from_wat(
        "takes",
        '(module (func (export "go") (param i32 f64) (result f64) local.get 1) (memory (export "memory") 1))',
    ),
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64) + 1, 2**64 - 1)
    | st.floats(-1e300, 1e300)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SELDOM = st.sampled_from([False] * 9 + [True])


@st.composite
def calls(draw: st.DrawFn, guest: str) -> dict[str, Any]:
    """A call that the guest can answer, most of the time."""
    exports = {
        "asks": ["go", "ok"],
        "core-asks": ["go", "ok"],
        "counter": ["count", "crash", "spin"],
        "takes": ["go"],
    }
    if draw(SELDOM):
        return {"export": draw(st.sampled_from(["go", "x\n\x1b"])), "args": draw(st.lists(VALUES, max_size=3))}
    args = [draw(VALUES), draw(VALUES)] if guest == "takes" else []
    return {"export": draw(st.sampled_from(exports[guest])), "args": args}


@st.composite
def host_functions(draw: st.DrawFn, guest: str) -> dict[str, Any]:
    """What a host function does: seldom what the guest expects of it."""
    values = draw(st.sampled_from([7, 7, 7, -1, 2**32, "x", None]) | VALUES)
    does: dict[str, Any] = {"returns": values, "asynchronous": draw(SELDOM)}
    if draw(st.booleans()):
        does |= draw(
            st.fixed_dictionaries({"raises": st.text(max_size=5)})
            | st.fixed_dictionaries({"reenters": calls(guest)})
            | st.fixed_dictionaries({"acquires": st.sampled_from(["a", "b"])})
            | st.fixed_dictionaries({"releases": st.sampled_from(["a", "b"])})
        )
    return does


@st.composite
def stories(draw: st.DrawFn) -> str:
    """A scenario that reads, and may ask for anything that one may ask for."""
    guest = draw(st.sampled_from(sorted(PROGRAMS)))
    steps = draw(st.lists(calls(guest), max_size=4))
    if draw(st.booleans()):
        made = {"do": "instantiate", "store": draw(st.integers(1, 3)), "instance": 1}
        steps = [
            made,
            *(step | {"instance": 1} for step in steps),
            {"do": "close", "store": draw(st.integers(1, 3))},
        ]
    limits = {
        "seconds": draw(st.floats(0.01, 0.1)),
        "memory": draw(st.none() | st.integers(0, 2**32)),
        "fuel": draw(st.none() | st.integers(0, 10_000) | st.integers(0, 2**63 - 1)),
    }
    engine = {"fuel": draw(st.booleans()), "async_support": draw(SELDOM), "epoch_yield": draw(SELDOM)}
    imports = {path: draw(host_functions(guest)) for path in ("ask", "host#ask")}
    story = {"id": "mine", "title": "", "guest": guest, "steps": steps}
    return json.dumps(story | {"imports": imports, "limits": limits, "engine": engine})


@given(stories(), st.sampled_from(["41.0.0", "50.0.1"]))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_reads_plays_in_a_child_to_a_trace_or_a_sentence(text, version):
    scenario = read_scenario(text)
    try:
        trace = run_in_child(scenario, PROGRAMS, Runtime(version), limits=ChildLimits(seconds=10))
    except LabkitError as error:
        check_sentence(error)
        return
    check_trace(trace)
    aborts = [(step.outcome.signal, version) for step in trace if step.outcome.kind == "aborted"]
    assert aborts in ([], [("SIGABRT", "41.0.0")])


@given(stories())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_reads_plays_here_to_a_trace_or_a_sentence(text):
    scenario = read_scenario(text).within(Limits(seconds=0.05, memory=2**28))
    try:
        trace = play(scenario, PROGRAMS.__getitem__)
    except LabkitError as error:
        check_sentence(error)
        return
    check_trace(trace)
    assert [step.n for step in trace if step.outcome.kind == "aborted"] == []


def check_sentence(error: LabkitError) -> None:
    assert str(error).endswith((".", "?"))
    assert "\n" not in str(error)
    assert "Error:" not in str(error)


def check_trace(trace: Trace) -> None:
    for step in trace:
        assert step.outcome is not None
        assert step.outcome.kind in KINDS
        assert "Traceback" not in step.outcome.stderr
        assert step.outcome.raised in (None, "ScenarioError", "LabkitError", "ArgumentError", "UnknownNameError")
