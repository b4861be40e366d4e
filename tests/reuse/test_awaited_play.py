"""Scenarios that are awaited: in a process of their own loop, in one whose loop runs already, and played again."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from typing import Any

import msgspec
import pytest

from labkit import Lab, find_scenario
from labkit.errors import FormatError
from labkit.host import Cause, Limits, Program
from labkit.record import HostBehaviour, Scenario, ScenarioStep, Step, Trace, explain
from labkit.record.scenario import Reentry
from labkit.reuse import play

FAMILY = "03-sync-and-async"
GUEST = Program.from_wat(
    "guest",
    """
    (module
      (import "host" "log" (func $log (param i32)))
      (func (export "run") (result i32) (call $log (i32.const 7)) (i32.const 7))
      (func (export "spin") (loop br 0)))
    """,
)
MADE = ScenarioStep(do="instantiate", store=1, instance=1, asynchronous=True)
RUN = ScenarioStep(instance=1, export="run", asynchronous=True)


def scenario(*steps: ScenarioStep, how: HostBehaviour | None = None, **more: Any) -> Scenario:
    """A scenario of `GUEST`."""
    imports = {"host#log": how or HostBehaviour()}
    return Scenario(id="x", title="x", guest="guest", steps=steps, imports=imports, **more)


def played(*steps: ScenarioStep, how: HostBehaviour | None = None, **more: Any) -> Trace:
    return play(scenario(*steps, how=how, **more), lambda _name: GUEST)


def kinds(trace: Trace) -> list[str]:
    return [step.outcome.kind for step in trace if step.outcome]


def test_steps_say_that_they_were_awaited_and_how_long_the_loop_stood_still() -> None:
    trace = played(MADE, RUN, ScenarioStep(instance=1, export="run"), how=HostBehaviour(blocks=0.1))
    assert [(step.do, step.awaited) for step in trace] == [
        ("instantiate", True),
        ("call", True),
        ("call", False),
    ]
    made, *calls = [step.gap_ms or 0.0 for step in trace]
    # Whether it is awaited or not: a host function that blocks has the thread.
    assert all(gap >= 95.0 and gap > 2 * made for gap in calls)


def test_calls_in_threads_run_at_the_same_time_and_leave_the_loop_alone() -> None:
    begun: list[tuple[str, int]] = []

    def listen(record: object) -> None:
        if isinstance(record, Step) and record.do == "call" and record.gap_ms is None:
            begun.append(("ends" if record.outcome else "begins", record.instance or 0))

    steps = [ScenarioStep(do="instantiate", store=n, instance=n) for n in (1, 2)]
    steps += [ScenarioStep(instance=n, export="run", in_thread=True, together="both") for n in (1, 2)]
    trace = play(scenario(*steps, how=HostBehaviour(blocks=0.2)), lambda _name: GUEST, listener=listen)
    assert kinds(trace) == ["returned"] * 4
    assert sorted(begun[:2]) == [("begins", 1), ("begins", 2)]
    assert [step.awaited for step in trace] == [False] * 4
    # The better of the two: a busy machine stops for a moment now and then.
    assert min((step.gap_ms or 0.0) * 1000 / (step.us or 1.0) for step in trace.steps[2:]) < 0.5


def test_without_a_loop_nobody_measures() -> None:
    steps = (ScenarioStep(do="instantiate", store=1, instance=1), ScenarioStep(instance=1, export="run"))
    assert [(step.awaited, step.gap_ms) for step in played(*steps)] == [(False, None)] * 2
    assert all(step.gap_ms for step in played(*steps, in_loop=True))


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("two-coroutines", ["returned", "host-error", "returned"]),
        # Of the notebook's own loop such a host function must not notice anything.
        ("nested-loop-no-loop", ["returned"]),
        ("nested-loop", ["host-error"]),
    ],
)
def test_in_a_notebook_a_loop_is_running_already(name: str, calls: list[str]) -> None:
    async def cell() -> Trace:
        with Lab() as lab:
            return lab.run(f"{FAMILY}/{name}")

    trace = asyncio.run(cell())
    assert [step.outcome.kind for step in trace if step.do == "call" and step.outcome] == calls


def test_an_interrupt_ends_an_awaited_play_in_a_notebook() -> None:
    suspended = scenario(MADE, RUN, how=HostBehaviour(asynchronous=True, sleeps=10.0))
    begun = threading.Event()
    records: list[Any] = []

    def listen(record: Any) -> None:
        records.append(record)
        if getattr(record, "export", None) == "run":
            begun.set()

    def interrupt() -> None:
        begun.wait(10)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    async def cell() -> None:
        # Not asyncio's own way with SIGINT, but that of a kernel, where the cell's code gets the exception.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            play(suspended, lambda _name: GUEST, listener=listen)

    started = time.monotonic()
    asyncio.run(cell())
    assert time.monotonic() - started < 9
    (last,) = [one.outcome for one in records if getattr(one, "export", None) == "run" and one.outcome][-1:]
    assert (last.kind, last.code) == ("timed-out", "cancelled")


def test_a_call_that_nobody_waits_for_any_more() -> None:
    stopped = msgspec.structs.replace(RUN, cancel_after=0.02)
    patient = HostBehaviour(asynchronous=True, sleeps=5.0)
    trace = played(MADE, stopped, how=patient)
    assert [(step.outcome.kind, step.outcome.code) for step in trace if step.outcome] == [
        ("returned", None),
        ("timed-out", "cancelled"),
    ]
    spinning = ScenarioStep(instance=1, export="spin", asynchronous=True, cancel_after=0.02)
    assert kinds(played(MADE, spinning)) == ["returned", "timed-out"]
    limited = ScenarioStep(instance=1, export="spin", asynchronous=True)
    stopped_by_the_host = played(MADE, limited, limits=Limits(seconds=0.05)).steps[1].outcome
    assert stopped_by_the_host is not None
    assert stopped_by_the_host.code == "interrupt"


def test_steps_that_run_together_wait_together() -> None:
    """Four stores whose host functions sleep for 0.2 s each are done in less than the sum of it."""
    made = [ScenarioStep(do="instantiate", store=n, instance=n, asynchronous=True) for n in range(1, 5)]
    calls = [ScenarioStep(instance=n, export="run", asynchronous=True, together="all") for n in range(1, 5)]
    started = time.monotonic()
    trace = played(*made, *calls, how=HostBehaviour(asynchronous=True, sleeps=0.2))
    assert time.monotonic() - started < 0.8
    assert kinds(trace) == ["returned"] * 8
    assert [step.store for step in trace] == [1, 2, 3, 4] * 2


def test_what_is_wrong_with_one_of_several_is_raised_when_all_have_ended() -> None:
    bad = ScenarioStep(instance=1, export="nothing", asynchronous=True, together="both")
    good = ScenarioStep(instance=1, export="run", asynchronous=True, together="both")
    records: list[Any] = []
    with pytest.raises(LookupError, match=r"no exported function of guest named 'nothing'"):
        play(scenario(MADE, bad, good), lambda _name: GUEST, listener=records.append)
    assert [one.outcome.kind for one in records if getattr(one, "export", None) == "run" and one.outcome][-1:] == [
        "returned"
    ]


def test_no_reuse_policy_awaits() -> None:
    with pytest.raises(
        FormatError, match=r"^x needs an event loop, where no reuse policy applies; name instances\.$"
    ):
        played(ScenarioStep(export="run", asynchronous=True))


def test_host_functions_without_an_instance_to_act_on() -> None:
    start = Program.from_wat(
        "s", '(module (import "host" "log" (func $f (param i32))) (func $s i32.const 1 call $f) (start $s))'
    )
    for how, words in (
        (HostBehaviour(closes=True), "this store is not the scenario's to close yet"),
        (
            HostBehaviour(reenters=Reentry("run")),
            "there is no instance yet to call back into",
        ),
    ):
        (only,) = play(scenario(MADE, how=how), lambda _name: start)
        assert only.outcome is not None
        assert (only.outcome.raised, only.outcome.message) == ("ScenarioError", words)


def test_what_was_awaited_in_a_lab_is_awaited_again() -> None:
    async def log(_number: int) -> None:
        await asyncio.sleep(0)

    with Lab() as lab:
        guest = lab.program(GUEST.wasm, "guest")

        async def cell() -> None:
            instance = await lab.store({"host#log": log}).instantiate_async(guest)
            await instance.call_async("run")

        asyncio.run(cell())
        for runtime in (None, "41.0.0"):
            again = lab.run(lab.trace, runtime=runtime)
            assert [(step.do, step.awaited) for step in again] == [("instantiate", True), ("call", True)]
            assert kinds(again) == ["returned"] * 2
            assert [call.name for call in again.steps[1].host_calls] == ["host#log"]


def test_the_scenarios_of_the_family_that_need_a_loop() -> None:
    assert find_scenario(f"{FAMILY}/under-a-loop").needs_loop
    assert not find_scenario(f"{FAMILY}/under-a-loop").awaits
    assert not find_scenario(f"{FAMILY}/nested-loop-no-loop").needs_loop


def test_a_lack_of_room_is_no_lack_of_await() -> None:
    large = Program.from_wat("l", '(module (import "host" "log" (func (param i32))) (memory 2))')
    tight = scenario(MADE, how=HostBehaviour(asynchronous=True), limits=Limits(memory=65536))
    (only,) = play(tight, lambda _name: large)
    assert only.outcome is not None
    assert only.outcome.cause == Cause("limit")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_host_function_that_calls_back_is_told_why_not(asynchronous: bool) -> None:
    how = HostBehaviour(reenters=Reentry("run"), asynchronous=asynchronous)
    trace = played(MADE, RUN, how=how)
    assert [(step.inside, step.awaited) for step in trace] == [(None, True), (None, True), (2, False)]
    assert kinds(trace) == ["returned", "returned", "refused"]
    assert explain(trace, 3).sentence == (
        "Step 3 was refused because step 2 was still inside store 1: that one is awaited, and while a guest waits "
        "for the host nobody else enters its store."
    )
