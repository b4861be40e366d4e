"""Asynchronous calls that are cancelled: what is recorded, what is unwound, and what is left of the store."""

import asyncio
import gc
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labkit.host import Cause, Counter, Limits, Outcome, Program, Store
from labkit.record import Recorder, explain
from tests.host.async_wat import PROGRAMS, Gate, component, core, imports

both = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)

ROOT = Path(__file__).parents[2]

CANCELLED = Outcome("timed-out", code="cancelled", message="the call was cancelled")


@both
@pytest.mark.parametrize("where", ["in the host", "in the guest"])
@pytest.mark.parametrize("how", ["cancel", "wait_for", "timeout"])
def test_a_cancelled_call_is_recorded_and_its_task_is_cancelled(engine, program, where, how):
    recorder = Recorder("50.0.1")
    gate = Gate()

    async def call(instance):
        return await (instance.call_async("ask", 1) if where == "in the host" else instance.call_async("spin"))

    async def stop(instance):
        match how:
            case "cancel":
                task = asyncio.create_task(call(instance))
                await (gate.asked.wait() if where == "in the host" else asyncio.sleep(0.05))
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            case "wait_for":
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(call(instance), 0.05)
            case "timeout":
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await call(instance)

    async def story():
        with Store(engine, recorder, imports=imports(gate.slow)) as store:
            instance = await store.instantiate_async(program)
            await stop(instance)
            assert store.poisoned_by == 2
            assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())
    assert gate.cleaned_up == (where == "in the host")
    step = recorder.trace().step(2)
    assert step.outcome == CANCELLED
    assert explain(recorder.trace(), 2).sentence == "Step 2 was cancelled: whoever awaited it stopped waiting."


@pytest.mark.parametrize("where", ["ask", "spin"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_cancelling_poisons_the_store_for_components_and_leaves_core_instances_callable(engine, program, where):
    async def story():
        with Store(engine, Counter(), imports=imports(Gate().slow)) as store:
            cancelled = await store.instantiate_async(program)
            a_core = await store.instantiate_async(core)
            a_component = await store.instantiate_async(component)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(cancelled.call_async(where, *[1] * (where == "ask")), 0.05)
            if program is core:
                assert await cancelled.call_async("count") == Outcome("returned", value=1, step=5)
            else:
                assert (await cancelled.call_async("count")).cause == Cause("poisoned", 4, "store")
            assert (await a_core.call_async("count")).unwrap() == 1
            assert (await a_component.call_async("count")).cause == Cause("poisoned", 4, "store")
            again = await store.instantiate_async(component)
            assert again.outcome.kind == "returned"
            assert (await again.call_async("count")).cause == Cause("poisoned", 4, "store")
        with Store(engine, Counter(), imports=imports()) as store:
            assert (await (await store.instantiate_async(component)).call_async("count")).unwrap() == 1

    asyncio.run(story())


@both
def test_a_call_that_waits_for_its_turn_is_no_step_when_it_is_cancelled(engine, program):
    recorder = Recorder("50.0.1")

    async def story():
        gate = Gate()
        with Store(engine, recorder, imports=imports(gate.slow)) as store:
            instance = await store.instantiate_async(program)
            first = asyncio.create_task(instance.call_async("ask", 1))
            await gate.asked.wait()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(instance.call_async("count"), 0.01)
            gate.open.set()
            assert (await first).unwrap() == 10

    asyncio.run(story())
    assert [step.outcome.kind for step in recorder.trace()] == ["returned", "returned"]


@both
def test_the_call_ends_after_its_host_function_has_cleaned_up(engine, program):
    order = []

    async def slow(_x):
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            order.append("cleaned up")

    async def story():
        with Store(engine, Counter(), imports=imports(slow)) as store:
            instance = await store.instantiate_async(program)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(instance.call_async("ask", 1), 0.01)
            order.append("cancelled")

    asyncio.run(story())
    assert order == ["cleaned up", "cancelled"]


@both
def test_an_exception_while_cleaning_up_is_nobodys_surprise(engine, program):
    complaints = []

    async def slow(_x):
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("the disk is full")

    async def story():
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        with Store(engine, Counter(), imports=imports(slow)) as store:
            instance = await store.instantiate_async(program)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(instance.call_async("ask", 1), 0.01)
        gc.collect()

    asyncio.run(story())
    assert complaints == []


@both
def test_a_host_function_that_is_cancelled_alone_is_a_host_error(engine, program):
    async def slow(_x):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    async def story():
        with Store(engine, Counter(), imports=imports(slow)) as store:
            instance = await store.instantiate_async(program)
            stopped = await instance.call_async("ask", 1)
            assert (stopped.kind, stopped.raised) == ("host-error", "CancelledError")

    asyncio.run(story())


@both
def test_an_instantiation_can_be_cancelled(engine, program):
    wat = """
    (module
      (import "host" "slow" (func $slow (param i32) (result i32)))
      (func $start (drop (call $slow (i32.const 1))))
      (start $start))
    """

    async def story():
        recorder = Recorder("50.0.1")
        with Store(engine, recorder, imports=imports(Gate().slow)) as store:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(store.instantiate_async(Program.from_wat("start", wat)), 0.05)
            assert recorder.trace().step(1).outcome == CANCELLED
            after = await (await store.instantiate_async(program)).call_async("count")
            assert after.kind == ("returned" if program is core else "refused")

    asyncio.run(story())


@both
def test_a_coroutine_that_nobody_drives_any_more_is_unwound(engine, program):
    async def story():
        store = Store(engine, Counter(), imports=imports(Gate().slow))
        instance = await store.instantiate_async(program)
        call = instance.call_async("ask", 1)
        call.send(None)
        assert len(engine.tasks) == 1
        call.close()
        assert len(engine.tasks) == 0
        assert store.suspended is None
        store.close()

    asyncio.run(story())


@pytest.mark.parametrize("handled", ["by asyncio", "by Python"])
@both
def test_the_interrupt_button_stops_a_runaway_guest(engine, program, handled):
    recorder = Recorder("50.0.1")

    async def story():
        if handled == "by Python":
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with Store(engine, recorder, imports=imports(), limits=Limits(seconds=20)) as store:
            instance = await store.instantiate_async(program)
            threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
            await instance.call_async("spin")

    previous = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(story())
    finally:
        signal.signal(signal.SIGINT, previous)
    outcome = recorder.trace().step(2).outcome
    assert outcome.kind == "timed-out"
    # Python's own handler raises wherever it is: in the event loop, or while the guest runs.
    assert outcome.code in ({"cancelled"} if handled == "by asyncio" else {"cancelled", "interrupt"})


_LEFT_BEHIND = """
import asyncio, gc, sys
from labkit.host import Counter, Engine, Store
from tests.host.async_wat import PROGRAMS, Gate, imports

async def begin(program, kept):
    engine = Engine()
    store = Store(engine, Counter(), imports=imports(Gate().slow))
    instance = await store.instantiate_async(program)
    call = asyncio.create_task(instance.call_async("ask", 1))
    store.cycle = [store, call, engine]
    kept.append(call)
    for _ in range(5):
        await asyncio.sleep(0)

loop = asyncio.new_event_loop()
kept = []
for program in PROGRAMS:
    loop.run_until_complete(begin(program, kept))
if sys.argv[1] == "garbage":
    kept.clear()
    del loop
    gc.collect()
print("the end")
"""


@pytest.mark.parametrize("how", ["garbage", "exit"])
def test_a_suspended_call_that_is_left_behind_does_no_harm(how):
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", _LEFT_BEHIND, how],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (ended.returncode, ended.stdout) == (0, "the end\n"), ended.stderr
