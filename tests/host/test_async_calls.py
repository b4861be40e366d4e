"""Asynchronous calls: outcomes, recording, turns, re-entrance, values, and when a guest is polled."""

import asyncio
import functools
import threading

import pytest

from labkit.errors import ArgumentError, BusyError, ClosedError, ProgramError, UnknownNameError
from labkit.host import Cause, Counter, Engine, EngineSettings, Limits, Outcome, Program, Store
from labkit.host.async_entry import AsyncEntry
from labkit.record import HostCall, Recorder
from tests.host.async_wat import PROGRAMS, Gate, async_export, core, echo, imports, writes
from tests.host.wat import CORE_COUNTER, CORE_EXITS, CORE_START_TRAPS, COUNTER

both = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)


@pytest.fixture
def engine():
    with Engine() as engine:
        yield engine
        assert len(engine.tasks) == 0
        assert engine.suspended == {}


@pytest.fixture
def polls(monkeypatch):
    """The number of polls of every entry, in the order in which the entries began."""
    entries = []
    begin = AsyncEntry.__init__

    def watched(self, *args):
        entries.append(self)
        begin(self, *args)

    monkeypatch.setattr(AsyncEntry, "__init__", watched)
    return lambda: [entry.polls for entry in entries]


@both
def test_a_guest_gets_what_a_coroutine_returns(engine, program):
    async def story():
        with Store(engine, Counter(), imports=imports()) as store:
            instance = await store.instantiate_async(program)
            assert instance.outcome == Outcome("returned", step=1)
            assert await instance.call_async("run", 3) == Outcome("returned", value=60, step=2)

    asyncio.run(story())


@both
def test_an_awaited_call_is_a_step_like_any_other(engine, program):
    recorder = Recorder("50.0.1")

    async def story():
        with Store(engine, recorder, imports=imports()) as store:
            instance = await store.instantiate_async(program, caller="me")
            await instance.call_async("ask", 2, caller="you")

    asyncio.run(story())
    made, called = recorder.trace().steps
    assert (made.do, made.caller, made.outcome) == ("instantiate", "me", Outcome("returned", step=None))
    path = "host#slow" if program is core else "slow"
    assert called.host_calls == (HostCall(path, (2,), 20),)
    assert (called.export, called.args, called.caller) == ("ask", (2,), "you")
    assert called.outcome == Outcome("returned", value=20)
    assert called.us > 0


@both
def test_a_trap_after_the_guest_slept_is_the_same_outcome(engine, program):
    async def story():
        with Store(engine, Counter(), imports=imports()) as store:
            instance = await store.instantiate_async(program)
            trapped = await instance.call_async("crash", 1)
            assert (trapped.kind, trapped.code) == ("trapped", "unreachable")
            assert [frame.func_index for frame in trapped.frames] == [4]
            after = await instance.call_async("count")
            assert after == (
                Outcome("returned", value=1, step=3)
                if program is core
                else Outcome(
                    "refused",
                    code="cannot-enter-component",
                    message="wasm trap: cannot enter component instance",
                    cause=Cause("poisoned", 2, "store"),
                    step=3,
                )
            )

    asyncio.run(story())


@both
@pytest.mark.parametrize("when", ["at once", "after a while"])
def test_what_a_coroutine_raises_is_the_outcome(engine, program, when):
    async def full(_x):
        if when == "after a while":
            await asyncio.sleep(0)
        raise OSError("the disk is full")

    async def story():
        with Store(engine, Counter(), imports=imports(full)) as store:
            instance = await store.instantiate_async(program)
            stopped = await instance.call_async("ask", 1)
            assert (stopped.kind, stopped.raised, stopped.message) == ("host-error", "OSError", "the disk is full")
            after = await instance.call_async("count")
            assert after.kind == ("returned" if program is core else "refused")

    asyncio.run(story())


@both
def test_what_a_plain_host_function_raises_leaves_nothing_behind_for_synchronous_calls(engine, program):
    def full(_x):
        raise OSError("the disk is full")

    async def story():
        with Store(engine, Counter(), imports=imports(full)) as store:
            instance = await store.instantiate_async(program)
            assert (await instance.call_async("ask", 1)).raised == "OSError"
        with Store(engine, Counter(), imports=imports(lambda x: x)) as store:
            assert store.instantiate(program).call("ask", 3) == Outcome("returned", value=3, step=2)

    asyncio.run(story())


@both
def test_a_coroutine_that_returns_the_wrong_type_is_named(engine, program):
    async def many(_x):
        return "many"

    async def story():
        with Store(engine, Counter(), imports=imports(many)) as store:
            outcome = await (await store.instantiate_async(program)).call_async("ask", 1)
        assert (outcome.kind, outcome.raised) == ("host-error", "ArgumentError")
        path, ty = ("host#slow", "i32") if program is core else ("slow", "u32")
        assert outcome.message == f"the result of host function {path} takes {ty}, not 'many'."

    asyncio.run(story())


@both
def test_a_coroutine_with_too_few_parameters_is_an_outcome(engine, program):
    async def nothing():
        return 1

    async def story():
        with Store(engine, Counter(), imports=imports(nothing)) as store:
            outcome = await (await store.instantiate_async(program)).call_async("ask", 1)
        assert (outcome.kind, outcome.raised) == ("host-error", "TypeError")

    asyncio.run(story())


@both
def test_every_kind_of_coroutine_function_is_one(engine, program):
    class Answer:
        async def __call__(self, x):
            return 2 * x

        async def method(self, x):
            return 3 * x

    async def more(factor, x):
        return factor * x

    async def story():
        for slow in (Answer(), Answer().method, functools.partial(more, 4)):
            with Store(engine, Counter(), imports=imports(slow)) as store:
                yield (await (await store.instantiate_async(program)).call_async("ask", 1)).unwrap()

    async def collect():
        return [value async for value in story()]

    assert asyncio.run(collect()) == [2, 3, 4]


def test_values_of_a_component_cross_both_ways(engine):
    async def twice(words):
        await asyncio.sleep(0)
        return {"err": "no words"} if not words else {"ok": ["".join(words) * 2, b"\0\xff"]}

    async def story():
        with Store(engine, Counter(), imports={"test:echo/host#twice": twice}) as store:
            instance = await store.instantiate_async(echo)
            said = await instance.call_async("twice", ["hé", "llo"])
            assert said == Outcome("returned", value=["héllohéllo", b"\0\xff"], step=2)
            assert await instance.call_async("twice", []) == Outcome("guest-error", error="no words", step=3)
            with pytest.raises(ArgumentError, match=r"twice: `words` takes list<string>, not 5\."):
                await instance.call_async("twice", 5)

    asyncio.run(story())


def test_an_object_of_the_host_goes_through_a_core_module(engine):
    wat = """
    (module
      (import "host" "slow" (func $slow (param externref) (result externref)))
      (func (export "same") (param externref) (result externref) (call $slow (local.get 0))))
    """

    async def slow(x):
        return x

    async def story():
        with Store(engine, Counter(), imports=imports(slow)) as store:
            instance = await store.instantiate_async(Program.from_wat("same", wat))
            thing = object()
            assert (await instance.call_async("same", thing)).value is thing
            assert (await instance.call_async("same", None)).value is None

    asyncio.run(story())


def test_a_start_function_that_traps_leaves_no_instance(engine):
    async def story():
        with Store(engine, Counter()) as store:
            instance = await store.instantiate_async(Program.from_wat("starts", CORE_START_TRAPS))
            assert (instance.outcome.kind, instance.outcome.code) == ("trapped", "unreachable")
            refused = await instance.call_async("ok")
            assert refused == Outcome("refused", cause=Cause("no-instance", 1), step=2)

    asyncio.run(story())


def test_an_exit_is_an_outcome_with_its_status(engine):
    async def story():
        with Store(engine, Counter()) as store:
            instance = await store.instantiate_async(Program.from_wat("exits", CORE_EXITS))
            quit_ = await instance.call_async("quit")
            assert (quit_.kind, quit_.status) == ("exited", 3)

    asyncio.run(story())


def test_each_call_has_the_output_that_it_wrote(engine):
    async def story():
        with (
            Store(engine, Counter(), imports=imports()) as one,
            Store(engine, Counter(), imports=imports()) as other,
        ):
            instances = [await store.instantiate_async(writes) for store in (one, other)]
            said = await asyncio.gather(*(i.call_async("greet", n) for n, i in enumerate(instances, 1)))
            assert [(o.kind, o.stdout, o.stderr) for o in said] == [
                ("returned", "hello\n", ""),
                ("returned", "", "hello\n"),
            ]

    asyncio.run(story())


@both
def test_synchronous_calls_are_refused_once_a_coroutine_is_linked(engine, program):
    async def story():
        with Store(engine, Counter(), imports=imports()) as store:
            instance = await store.instantiate_async(program)
            refused = instance.call("count")
            assert (refused.kind, refused.cause) == ("refused", Cause("async-required", 1))
            assert store.instantiate(program).outcome.cause == Cause("async-required", 1)
            assert (await instance.call_async("count")).unwrap() == 1

    asyncio.run(story())


@both
def test_without_coroutines_both_ways_mix(engine, program):
    async def story():
        with Store(engine, Counter(), imports=imports(lambda x: x)) as store:
            instance = await store.instantiate_async(program)
            assert instance.call("count").unwrap() == 1
            assert (await instance.call_async("count")).unwrap() == 2
            assert instance.call("count").unwrap() == 3

    asyncio.run(story())


@both
def test_guests_of_two_stores_interleave(engine, program):
    said = []

    def noting(name):
        return imports(note=lambda x: said.append((name, x)))

    async def story():
        with (
            Store(engine, Counter(), imports=noting("a")) as a,
            Store(engine, Counter(), imports=noting("b")) as b,
        ):
            instances = [await store.instantiate_async(program) for store in (a, b)]
            outcomes = await asyncio.gather(*(instance.call_async("run", 3) for instance in instances))
            assert [outcome.unwrap() for outcome in outcomes] == [60, 60]

    asyncio.run(story())
    assert said == [("a", 30), ("b", 30), ("a", 50), ("b", 50), ("a", 60), ("b", 60)]


@both
def test_calls_of_one_store_take_turns(engine, program):
    said = []

    async def story():
        with Store(engine, Counter(), imports=imports(note=said.append)) as store:
            one, other = [await store.instantiate_async(program) for _ in range(2)]
            outcomes = await asyncio.gather(*(i.call_async("run", 3) for i in (one, other, one)))
            assert [(o.value, o.step) for o in outcomes] == [(60, 3), (60, 4), (60, 5)]

    asyncio.run(story())
    assert said == [30, 50, 60] * 3


@both
def test_a_store_can_be_used_on_one_event_loop_after_another(engine, program):
    with Store(engine, Counter(), imports=imports()) as store:
        instance = asyncio.run(store.instantiate_async(program))
        assert asyncio.run(instance.call_async("run", 1)).unwrap() == 10


def test_a_second_event_loop_does_not_wait_for_the_first(engine):
    async def story():
        gate = Gate()
        with Store(engine, Counter(), imports=imports(gate.slow)) as store:
            instance = await store.instantiate_async(core)
            call = asyncio.create_task(instance.call_async("ask", 1))
            await gate.asked.wait()
            with pytest.raises(BusyError, match=r"Store 1 is in use on another event loop; wait for that, or use"):
                await asyncio.to_thread(asyncio.run, instance.call_async("count"))
            gate.open.set()
            assert (await call).unwrap() == 10

    asyncio.run(story())


def test_an_asynchronous_call_waits_for_a_synchronous_one_of_another_thread(engine):
    entered, leave = threading.Event(), threading.Event()

    def slow(x):
        entered.set()
        leave.wait()
        return x

    async def story():
        with Store(engine, Counter(), imports=imports(slow)) as store:
            instance = store.instantiate(core)
            thread = threading.Thread(target=instance.call, args=("ask", 1))
            thread.start()
            await asyncio.to_thread(entered.wait)
            call = asyncio.create_task(instance.call_async("count"))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not call.done()
            leave.set()
            assert await call == Outcome("returned", value=1, step=3)
            thread.join()

    asyncio.run(story())


@both
@pytest.mark.parametrize("how", ["sync", "async", "instantiate", "instantiate async"])
def test_a_coroutine_that_calls_back_into_its_own_store_is_refused(engine, program, how):
    recorder = Recorder("50.0.1")
    inner = []

    async def back(x):
        match how:
            case "sync":
                inner.append(instance.call("count"))
            case "async":
                inner.append(await instance.call_async("count"))
            case "instantiate":
                inner.append(store.instantiate(program).outcome)
            case "instantiate async":
                inner.append((await store.instantiate_async(program)).outcome)
        return x

    async def story():
        nonlocal instance, store
        with Store(engine, recorder, imports=imports(back)) as store:
            instance = await store.instantiate_async(program)
            assert await instance.call_async("ask", 1) == Outcome("returned", value=1, step=2)
            assert (await instance.call_async("count")).unwrap() == 1

    instance = store = None
    asyncio.run(story())
    assert inner == [Outcome("refused", cause=Cause("re-entrance", 2), step=3)]
    assert recorder.trace().step(3).inside == 2


@both
def test_a_plain_host_function_that_calls_back_is_refused_too(engine, program):
    inner = []

    async def story():
        imported = imports(lambda x: inner.append(instance.call("count")) or x)
        with Store(engine, Counter(), imports=imported) as store:
            instance = await store.instantiate_async(program)
            assert (await instance.call_async("ask", 1)).unwrap() == 1
        assert inner == [Outcome("refused", cause=Cause("re-entrance", 2), step=3)]

    asyncio.run(story())


@both
def test_a_loop_of_stores_that_call_each_other_is_refused(engine, program):
    inner = []

    async def to_b(x):
        return (await in_b.call_async("ask", x)).unwrap()

    async def to_a(x):
        inner.append(await in_a.call_async("count"))
        return x + 1

    async def story():
        nonlocal in_a, in_b
        with (
            Store(engine, Counter(), imports=imports(to_b)) as a,
            Store(engine, Counter(), imports=imports(to_a)) as b,
        ):
            in_a, in_b = await a.instantiate_async(program), await b.instantiate_async(program)
            assert (await in_a.call_async("ask", 1)).unwrap() == 2

    in_a = in_b = None
    asyncio.run(story())
    assert [(o.kind, o.cause) for o in inner] == [("refused", Cause("re-entrance", 2))]


@both
def test_a_host_function_may_enter_another_store_either_way(engine, program):
    with Store(engine, Counter(), imports=imports(lambda x: x)) as other:
        counter = other.instantiate(program)

        def plain(_x):
            return counter.call("count").unwrap()

        async def coroutine(_x):
            return counter.call("count").unwrap() + (await counter.call_async("count")).unwrap()

        async def story(slow):
            with Store(engine, Counter(), imports=imports(slow)) as store:
                return (await (await store.instantiate_async(program)).call_async("ask", 1)).unwrap()

        assert asyncio.run(story(plain)) == 1
        assert asyncio.run(story(coroutine)) == 2 + 3


@both
def test_what_a_suspended_call_forbids_is_said_in_one_sentence(engine, program):
    async def story():
        gate = Gate()
        with Store(engine, Counter(), imports=imports(gate.slow)) as store:
            instance = await store.instantiate_async(program)
            call = asyncio.create_task(instance.call_async("ask", 1))
            await gate.asked.wait()
            busy = r"^Step 2 is suspended in store 1; await call_async or instantiate_async, which wait for"
            with pytest.raises(BusyError, match=busy):
                instance.call("count")
            with pytest.raises(BusyError, match=busy):
                await asyncio.to_thread(store.instantiate, program)
            with pytest.raises(
                ClosedError,
                match=r"^Store 1 cannot be closed while step 2 is suspended in it; await it or cancel it first\.$",
            ):
                store.close()
            with pytest.raises(
                ClosedError,
                match=r"^This lab cannot be closed while step 2 is suspended; await it or cancel it first\.$",
            ):
                engine.close()
            gate.open.set()
            assert await call == Outcome("returned", value=10, step=2)

    asyncio.run(story())


@both
def test_calls_of_a_closed_store_are_refused(engine, program):
    async def story():
        store = Store(engine, Counter(), imports=imports())
        instance = await store.instantiate_async(program)
        store.close()
        assert (await instance.call_async("run", 1)).cause == Cause("closed")
        with pytest.raises(ClosedError, match=r"Store 1 is closed"):
            await store.instantiate_async(program)

    asyncio.run(story())


def test_wrong_use_raises_before_a_step_begins(engine):
    async def story():
        with Store(engine, Counter()) as store:
            with pytest.raises(ProgramError, match=r"core imports host#slow, host#note, which nobody provides"):
                await store.instantiate_async(core)
            with pytest.raises(ArgumentError, match=r"such as lab\.build\('core'\) gives"):
                await store.instantiate_async("core")
        with Store(engine, Counter(), imports=imports()) as store:
            instance = await store.instantiate_async(core)
            with pytest.raises(ArgumentError, match=r"ask takes 1 argument, not 0\."):
                await instance.call_async("ask")
            with pytest.raises(UnknownNameError, match=r"did you mean count\?"):
                await instance.call_async("coumt")
            assert (await instance.call_async("count")).step == 2

    asyncio.run(story())


@both
def test_a_guest_that_sleeps_in_the_host_is_not_polled(engine, program, polls):
    async def story():
        gate = Gate()
        with Store(engine, Counter(), imports=imports(gate.slow)) as store:
            instance = await store.instantiate_async(program)
            call = asyncio.create_task(instance.call_async("ask", 1))
            await gate.asked.wait()
            for _ in range(1000):
                await asyncio.sleep(0)
            assert polls() == [1, 1]
            gate.open.set()
            await call
            await instance.call_async("run", 5)

    asyncio.run(story())
    # Once to begin, and once for every time the host has answered.
    assert polls() == [1, 2, 6]


@both
def test_time_asleep_in_the_host_does_not_count(engine, program):
    async def slow(x):
        await asyncio.sleep(0.15)
        return x

    async def story():
        with Store(engine, Counter(), imports=imports(slow), limits=Limits(seconds=0.1)) as store:
            instance = await store.instantiate_async(program)
            assert (await instance.call_async("ask", 1)).unwrap() == 1
            stopped = await instance.call_async("spin")
            assert (stopped.kind, stopped.code) == ("timed-out", "interrupt")
            assert stopped.message == "the call ran longer than its limit of 0.1 s"

    asyncio.run(story())


@both
def test_the_event_loop_goes_on_while_a_guest_runs_away(engine, program, polls):
    beats = 0

    async def heart():
        nonlocal beats
        while True:
            await asyncio.sleep(0.001)
            beats += 1

    async def story():
        with Store(engine, Counter(), imports=imports(), limits=Limits(seconds=0.4)) as store:
            instance = await store.instantiate_async(program)
            beating = asyncio.create_task(heart())
            stopped = await instance.call_async("spin")
            beating.cancel()
            assert stopped.kind == "timed-out"

    asyncio.run(story())
    # A beat between any two polls, unless the machine had stood still and the next tick was due at once.
    assert 2 * beats >= polls()[-1] > 2


@both
def test_two_guests_that_run_away_share_the_loop(engine, program):
    async def story():
        limits = Limits(seconds=0.15)
        stores = [Store(engine, Counter(), imports=imports(), limits=limits) for _ in range(2)]
        instances = [await store.instantiate_async(program) for store in stores]
        outcomes = await asyncio.gather(*(instance.call_async("spin") for instance in instances))
        assert [outcome.kind for outcome in outcomes] == ["timed-out", "timed-out"]
        for store in stores:
            store.close()

    asyncio.run(story())


@both
def test_deep_recursion_is_a_trap(engine, program):
    async def story():
        with Store(engine, Counter(), imports=imports()) as store:
            outcome = await (await store.instantiate_async(program)).call_async("deep")
            assert (outcome.kind, outcome.code) == ("trapped", "stack-overflow")

    asyncio.run(story())


@both
def test_python_has_room_to_recurse_below_a_deep_guest(engine, program):
    def recurse(n):
        return sorted([n], key=lambda _n: recurse(n + 1))

    deepest = []

    def note(_x):
        try:
            recurse(0)
        except RecursionError as error:
            deepest.append(type(error))

    async def story():
        with Store(engine, Counter(), imports=imports(note=note)) as store:
            outcome = await (await store.instantiate_async(program)).call_async("down", 5000)
            assert outcome == Outcome("returned", step=2)

    asyncio.run(story())
    assert deepest == [RecursionError]


def test_a_guest_yields_when_its_fuel_says_so(polls):
    async def story():
        with (
            Engine(EngineSettings(fuel=True, fuel_yield=10_000)) as engine,
            Store(engine, Counter(), imports=imports(), limits=Limits(fuel=100_000)) as store,
        ):
            instance = await store.instantiate_async(core)
            burnt = await instance.call_async("spin")
            assert (burnt.kind, burnt.code) == ("trapped", "out-of-fuel")
            assert instance.call("count").cause == Cause("async-required")

    asyncio.run(story())
    assert polls()[0] == 1
    assert 10 <= polls()[1] <= 12


def test_an_engine_whose_epochs_yield_wants_asynchronous_calls_and_keeps_the_limit():
    async def story():
        with (
            Engine(EngineSettings(epoch_yield=True)) as engine,
            Store(engine, Counter(), imports=imports(lambda x: x), limits=Limits(seconds=0.1)) as store,
        ):
            assert store.instantiate(core).outcome.cause == Cause("async-required")
            instance = await store.instantiate_async(core)
            stopped = await instance.call_async("spin")
            assert (stopped.kind, stopped.code, stopped.message) == (
                "timed-out",
                "interrupt",
                "the call ran longer than its limit of 0.1 s",
            )
            assert (await instance.call_async("count")).unwrap() == 1

    asyncio.run(story())


def test_an_async_export_is_awaited_and_not_called_synchronously():
    async def story():
        with (
            Engine(EngineSettings(component_async=True)) as engine,
            Store(engine, Counter(), imports=imports()) as store,
        ):
            instance = await store.instantiate_async(async_export)
            assert await instance.call_async("init") == Outcome("returned", value=40, step=2)
            assert await instance.call_async("init") == Outcome("returned", value=40, step=3)
            assert instance.call("init") == Outcome("refused", cause=Cause("async-required"), step=4)

    asyncio.run(story())


@pytest.mark.parametrize("wat", [COUNTER, CORE_COUNTER], ids=["component", "core"])
def test_a_store_without_imports_can_be_called_asynchronously(engine, wat):
    async def story():
        with Store(engine, Counter()) as store:
            instance = await store.instantiate_async(Program.from_wat("counter", wat))
            return [(await instance.call_async("count")).unwrap() for _ in range(3)]

    assert asyncio.run(story()) == [1, 2, 3]
