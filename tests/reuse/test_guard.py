"""A guard: nobody enters after an abort, hooks hear of it once, starting over is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from labkit import Lab
from labkit.errors import ArgumentError, ClosedError, ProgramError
from labkit.host import Cause
from labkit.reuse import Abort

LIMIT = 32 * 2**20


@pytest.fixture
def lab():
    with Lab(memory=LIMIT) as lab:
        yield lab


@pytest.fixture(params=["process-ledger", "process-abort"])
def guard(lab, request):
    with lab.guarded(lab.build(request.param)) as guard:
        yield guard


def test_a_sound_instance_keeps_its_state(guard):
    assert [guard.call("note", 1).value, guard.call("note", 1).value] == [1, 2]
    assert guard.aborted_by is None


def test_nobody_enters_after_an_abort__a_core_module_neither(lab, guard):
    guard.call("note", 1)
    aborted = guard.call("note", 60)
    refused = guard.call("notes")
    assert (aborted.kind, refused.kind) == ("trapped", "refused")
    assert refused.cause == Cause("terminated", aborted.step)
    assert refused.describe() == f"was refused: terminated by step {aborted.step}"
    assert lab.explain(refused).sentence == (
        f"Step 4 was refused because step 3 (`unreachable` in {guard.program.name}) ended instance 1, and its "
        "guard lets nobody in any more."
    )


def test_what_the_runtime_would_have_done_depends_on_the_guest(lab):
    said = {}
    for name in ("process-ledger", "process-abort"):
        with lab.guarded(lab.build(name)) as guard:
            guard.call("stop")
            said[name] = lab.explain(guard.call("notes")).because
    assert said == {
        "process-ledger": ("Nothing was entered. Wasmtime 50 by itself would let the call in.",),
        "process-abort": ("Nothing was entered. Wasmtime 50 by itself would refuse the call too.",),
    }


def test_hooks_run_once_in_order_after_the_guard_is_set(guard):
    heard: list[Any] = []
    guard.on_abort(
        lambda abort: heard.append(("first", abort.outcome.kind, guard.call("notes").cause.kind)),
        lambda abort: heard.append(("second", abort.trace.steps[-2].outcome == abort.trace.steps[-2].outcome)),
    )
    guard.call("note", 60)
    guard.call("notes")
    assert heard == [("first", "trapped", "terminated"), ("second", True)]


def test_setting_hooks_gives_back_those_before(guard):
    def first(_abort: Abort) -> None: ...
    def second(_abort: Abort) -> None: ...

    assert guard.on_abort(first) == ()
    assert guard.on_abort(second) == (first,)
    assert guard.on_abort() == (second,)


def test_a_hook_that_raises_hides_nothing_and_stops_no_other(guard):
    heard: list[str] = []

    def breaks(_abort: Abort) -> None:
        raise ValueError("the hook is broken")

    guard.on_abort(breaks, lambda abort: heard.append(abort.outcome.kind))
    aborted = guard.call("stop")
    assert (aborted.kind, aborted.code) == ("trapped", "unreachable")
    assert heard == ["trapped"]
    assert [str(error) for error in guard.hook_errors] == ["the hook is broken"]


def test_a_hook_reads_what_the_abort_left_in_a_core_modules_memory(lab):
    seen: list[bytes] = []
    with lab.guarded(lab.build("process-ledger")) as guard:
        guard.on_abort(lambda abort: seen.append(abort.memory()))
        guard.call("load", 2)
        guard.call("stop")
    assert seen[0].count(b"\xa5") >= 2 * 2**20


def test_a_components_memory_is_not_the_hosts(lab):
    with lab.guarded(lab.build("process-abort")) as guard:
        guard.on_abort(lambda abort: abort.memory())
        guard.call("stop")
    assert [type(error) for error in guard.hook_errors] == [ProgramError]
    assert str(guard.hook_errors[0]) == (
        "process-abort shows the host no memory; a core module that exports one does, a component never."
    )


def test_starting_over_is_asked_for_and_loses_the_state(lab, guard):
    guard.call("note", 1)
    guard.call("note", 60)
    guard.schedule_reinit()
    assert guard.call("note", 1).value == 1
    assert {step.store for step in lab.trace} == {1, 2}
    assert guard.call("note", 1).value == 2


def test_a_hook_may_ask_for_it(guard):
    guard.on_abort(lambda _abort: guard.schedule_reinit())
    assert [guard.call(*call).kind for call in (("note", 60), ("note", 1), ("note", 60), ("note", 1))] == [
        *("trapped", "returned") * 2
    ]


def test_a_caught_panic_is_no_abort(lab):
    with lab.guarded(lab.build("process-unwind")) as guard:
        assert [guard.call("note", 60).kind, guard.call("note", 1).value] == ["guest-error", 1]
        assert guard.aborted_by is None


def test_a_closed_guard_says_what_to_do(guard):
    guard.close()
    with pytest.raises(ClosedError, match=r"^This guard is closed; make another one with lab\.guarded\(\)\.$"):
        guard.call("notes")


def test_a_scenario_shows_the_guard_its_hook_and_the_new_beginning(lab):
    trace = lab.run("05-recovery/abort-hook")
    aborted = next(step for step in trace if step.caller == "aborts")
    after = [step for step in trace if step.n > aborted.n and step.do == "call"]
    assert [(step.caller, step.outcome.kind) for step in after] == [
        ("the hook", "refused"), ("afterwards", "refused"), ("begun anew", "returned"),
    ]  # fmt: skip
    assert {step.outcome.cause for step in after[:2]} == {Cause("terminated", aborted.n)}
    assert after[2].outcome.value == 100
    assert (trace.policy, len({step.store for step in trace})) == (None, 2)


def test_no_policy_applies_where_a_guard_stands(lab):
    with pytest.raises(
        ArgumentError,
        match=r"abort-hook calls its guest through a guard, so no reuse policy applies; leave it out\.",
    ):
        lab.run("05-recovery/abort-hook", policy="keep")
