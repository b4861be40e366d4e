"""Asynchronous calls: who may enter a store, and who has to wait or is refused."""

import asyncio
import threading

import pytest

from labkit.errors import ArgumentError, BusyError, ClosedError, ProgramError, UnknownNameError
from labkit.host import Cause, Counter, Outcome, Store
from labkit.record import Recorder
from tests.host.async_wat import PROGRAMS, Gate, core, imports

both = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)


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
