"""Asynchronous calls: what comes of them, what is recorded, and the values that cross."""

import asyncio
import functools

import pytest

from labkit.errors import ArgumentError
from labkit.host import Cause, Counter, Engine, EngineSettings, Outcome, Program, Store
from labkit.record import HostCall, Recorder
from tests.host.async_wat import PROGRAMS, async_export, core, echo, imports, writes
from tests.host.wat import CORE_COUNTER, CORE_EXITS, CORE_START_TRAPS, COUNTER

both = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)


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
