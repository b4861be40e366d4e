"""Asynchronous calls in a row must not pile up, however they end: everything is freed when a call ends."""

import asyncio
import gc
import os
import resource
from pathlib import Path

import pytest

from labkit.host import Engine, Store
from labkit.host.future import Future
from labkit.host.host_tasks import HostTasks
from labkit.record import Recorder
from tests.host.async_wat import PROGRAMS, imports

# Of each kind of program.
CALLS = int(os.environ.get("LABKIT_ASYNC_CALLS", "2500"))
MIB = 1024 * 1024

ENDINGS = ("returned", "trapped", "host-error", "cancelled")


def resident() -> int:
    """Bytes of resident memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def alive(kind):
    """How many objects of a class there are."""
    return sum(isinstance(thing, kind) for thing in gc.get_objects())


async def slow(x):
    await asyncio.sleep(0)
    if x == ENDINGS.index("host-error"):
        raise OSError("the disk is full")
    if x == ENDINGS.index("cancelled"):
        asyncio.current_task().get_loop().call_soon(calls[-1].cancel)
        await asyncio.Event().wait()
    return x


calls = []


async def call(instance, ending):
    """One call that ends so."""
    export = "crash" if ending == "trapped" else "ask"
    calls[:] = [asyncio.create_task(instance.call_async(export, ENDINGS.index(ending)))]
    await asyncio.wait(calls)
    # A task that was cancelled holds on to the frames that it was in.
    task = calls.pop()
    return "cancelled" if task.cancelled() else task.result().kind


async def make_calls(engine, recorder, program, count):
    """So many calls that end in every way in turn, each component in a new store when the old one is poisoned."""
    store = None
    for n in range(count):
        if store is None or (program.kind == "component" and store.poisoned_by):
            if store is not None:
                store.close()
            store = Store(engine, recorder, imports=imports(slow))
            instance = await store.instantiate_async(program)
        ending = ENDINGS[n % len(ENDINGS)]
        assert await call(instance, ending) == ending
    store.close()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_calls_that_end_in_every_way_keep_memory_flat(program):
    async def story():
        with Engine() as engine:
            recorder = Recorder(engine.release.version, max_steps=100)
            await make_calls(engine, recorder, program, CALLS // 10)
            gc.collect()
            gc.disable()
            try:
                await make_calls(engine, recorder, program, CALLS // 10)
                settled = resident()
                await make_calls(engine, recorder, program, CALLS)
                grown = resident() - settled
                assert alive(Future) == 0
                assert len(engine.tasks) == 0
            finally:
                gc.enable()
        return grown

    grown = asyncio.run(story())
    assert grown < 8 * MIB, f"resident memory grew by {grown / MIB:.1f} MiB over {CALLS} calls"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_an_engine_takes_its_host_functions_and_their_callbacks_along(program):
    async def story():
        with Engine() as engine, Store(engine, Recorder("50.0.1"), imports=imports(slow)) as store:
            await (await store.instantiate_async(program)).call_async("ask", 0)

    gc.collect()
    # Widgets that other tests have shown live as long as the process, with the labs behind them.
    before = [alive(kind) for kind in (Engine, HostTasks, Future)]
    gc.disable()
    try:
        asyncio.run(story())
        assert [alive(kind) for kind in (Engine, HostTasks, Future)] == before
    finally:
        gc.enable()
