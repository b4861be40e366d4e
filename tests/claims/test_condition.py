"""Conditions over a trace: each word of the vocabulary can be met, and can fail."""

from __future__ import annotations

import msgspec
import pytest

from labkit.claims import Condition
from labkit.claims.condition import Evidence, look
from labkit.host.outcome import Cause, Frame, Outcome
from labkit.record.trace import FORMAT, HostCall, ProgramRecord, Step, Trace


def step(n: int, outcome: Outcome | None, **more: object) -> Step:
    return Step(**{"n": n, "do": "call", "store": 1, "program": "p", "outcome": outcome, **more})  # type: ignore[arg-type]  # fields


POISONED = Cause("poisoned", 2, "store")
TRACE = Trace(
    format=FORMAT,
    runtime="50.0.1",
    steps=(
        step(1, Outcome("returned"), do="instantiate", us=90.0),
        step(
            2,
            Outcome(
                "trapped",
                code="unreachable",
                message="wasm trap: x",
                panic="panicked at y",
                frames=(Frame(7), Frame(8, "run")),
            ),
            host_calls=(HostCall("acquire"), HostCall("log")),
            us=10.0,
        ),
        step(3, Outcome("refused", cause=POISONED, message="cannot enter"), caller="bob", us=1000.0),
        step(4, Outcome("returned", value=0), caller="alice", store=2, us=100.0),
        step(5, Outcome("guest-error", error="too-large"), us=100.0, inside=4),
        step(6, Outcome("exited", status=0), us=100.0),
        step(7, Outcome("host-error", raised="KeyError", message="locked")),
        step(8, Outcome("aborted", signal="SIGABRT")),
        step(9, Outcome("returned", stdout="run 1: Hello\n"), us=300_000.0, gap_ms=290.0),
    ),
)
FAST = Trace(format=FORMAT, runtime="50.0.1", steps=(step(1, Outcome("returned"), us=10.0),))


@pytest.mark.parametrize(
    ("met", "unmet", "seen"),
    [
        ({"step": 2, "kind": "trapped"}, {"step": 2, "kind": "returned"}, "step 2 trapped with unreachable"),
        ({"step": 2, "code": "unreachable"}, {"step": 2, "code": "out-of-fuel"}, None),
        ({"step": 2, "panic": "panicked"}, {"step": 2, "panic": "paniced"}, None),
        ({"step": 9, "stdout": "run 1:"}, {"step": 9, "stdout": "run 2:"}, "step 9 returned"),
        ({"step": 2, "message": "trap"}, {"step": 2, "message": "locked"}, None),
        (
            {"step": 2, "host_calls": ("acquire", "log")},
            {"step": 2, "host_calls": ("acquire",)},
            "step 2 trapped with unreachable after calling acquire, log",
        ),
        (
            {"step": 2, "names": True},
            {"step": 2, "names": False},
            "step 2 trapped with unreachable, and 1 of its 2 frames name a function",
        ),
        ({"step": 3, "host_calls": ()}, {"step": 2, "host_calls": ()}, None),
        ({"step": 3, "cause": "poisoned"}, {"step": 3, "cause": "re-entrance"}, None),
        (
            {"caller": "bob", "kind": "refused"},
            {"caller": "alice", "kind": "refused"},
            "step 3 was refused: step 2 poisoned the store",
        ),
        ({"step": 4, "value": 0}, {"step": 4, "value": 20.0}, "step 4 returned 0"),
        ({"step": 5, "error": "too-large"}, {"step": 5, "error": "other"}, None),
        ({"step": 6, "status": 0}, {"step": 6, "status": 1}, "step 6 exited with status 0"),
        ({"step": 7, "raised": "KeyError"}, {"step": 7, "raised": "ValueError"}, None),
        (
            {"step": -2, "signal": "SIGABRT"},
            {"step": -3, "signal": "SIGABRT"},
            "step 8 aborted the process with SIGABRT",
        ),
        (
            {"step": 9, "gap_at_least": 0.95},
            {"step": 9, "gap_at_least": 0.97},
            "step 9 returned after 300 ms, with 290 ms in which nothing else ran",
        ),
        ({"step": 9, "gap_at_most": 0.97}, {"step": 9, "gap_at_most": 0.95}, None),
        ({"step": 9, "gap_at_most": 0.97}, {"step": 6, "gap_at_most": 0.97}, None),
        ({"stores": 2}, {"stores": 1}, "2 stores used"),
    ],
)
def test_what_a_condition_sees(met: dict[str, object], unmet: dict[str, object], seen: str | None) -> None:
    found, other = (look(msgspec.convert(what, Condition), {"run": TRACE}) for what in (met, unmet))
    assert (found.met, other.met) == (True, False)
    assert seen is None or found.seen == seen


@pytest.mark.parametrize(
    ("which", "seen"),
    [
        ({"step": 10}, "step 10 did not happen"),
        ({"step": -10}, "step -10 did not happen"),
        ({"caller": "eve"}, "a call by “eve” did not happen"),
    ],
)
def test_what_did_not_happen_meets_nothing(which: dict[str, object], seen: str) -> None:
    evidence = look(msgspec.convert({**which, "kind": "returned"}, Condition), {"run": TRACE})
    assert (evidence.met, evidence.seen) == (False, seen)


def test_times_compare_calls_with_what_was_made_for_them() -> None:
    """Calls of 100, 1000, 100, 100, 0, 0 and 300 000 µs: the quickest counts; one inside another is that one's."""
    traces = {"slow": TRACE, "fast": FAST}
    for at_least, met in ((9.9, True), (10.1, False)):
        evidence = look(Condition(slower_than="fast", at_least=at_least), traces)
        assert (evidence.met, evidence.seen) == (
            met,
            "a call under “slow” took 10.0 times as long as under “fast”",
        )
    assert not look(Condition(slower_than="fast", at_most=2.0), traces).met
    assert look(Condition(run="fast", slower_than="slow", at_most=0.1), traces).met
    # Bob's call took 1000 µs and Alice's 100.
    turns = Condition(caller="bob", slower_than_caller="alice", at_least=9.9, at_most=10.1)
    assert look(turns, traces) == Evidence(
        "slow", met=True, seen="a call under “bob” took 10.0 times as long as under “alice”"
    )
    assert not look(msgspec.structs.replace(turns, caller="alice", slower_than_caller="bob"), traces).met
    assert not look(msgspec.structs.replace(turns, slower_than_caller="eve"), traces).met
    nothing = {"fast": FAST, "none": Trace(format=FORMAT, runtime="50.0.1")}
    assert not look(Condition(slower_than="none", at_most=2.0), nothing).met


def sized(size: int) -> Trace:
    return msgspec.structs.replace(FAST, programs=(ProgramRecord("p", "module", "00" * 32, size, "bytes"),))


def test_sizes_compare_the_programs_of_two_runs() -> None:
    traces = {"bare": sized(80), "whole": sized(100), "empty": FAST}
    evidence = look(Condition(smaller_than="whole", at_most=0.8), traces)
    assert (evidence.met, evidence.seen) == (True, "“bare” takes 80 bytes and “whole” 100")
    assert not look(Condition(smaller_than="whole", at_most=0.79), traces).met
    assert not look(Condition(smaller_than="empty", at_most=1.0), traces).met
