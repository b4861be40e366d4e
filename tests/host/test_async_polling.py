"""Asynchronous calls: when a guest is polled, and what it costs the event loop."""

import asyncio

import pytest

from labkit.host import Cause, Counter, Engine, EngineSettings, Limits, Outcome, Store
from labkit.host.async_entry import AsyncEntry
from tests.host.async_wat import PROGRAMS, Gate, core, imports

both = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)


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
