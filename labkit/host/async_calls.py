"""Asynchronous calls and instantiations: turns, refusals, the guest's future driven by asyncio, the outcome.

A future is polled when a coroutine of the host that its guest waits for has ended, and some turns of the event
loop after the guest itself yielded; at no other time.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import wasmtime

from labkit.host import refusals
from labkit.host.async_entry import AsyncEntry
from labkit.host.code import Code
from labkit.host.future import Future
from labkit.host.observer import Event
from labkit.host.outcome import Outcome
from labkit.host.plain import plain
from labkit.host.program import Program, check_program

if TYPE_CHECKING:
    from labkit.host.instance import Instance
    from labkit.host.store import Store

CANCELLED = "the call was cancelled"

TURNS = 4
"""For how many turns of the event loop a guest that yielded steps aside: what a timer wakes needs three to act."""


async def call(instance: Instance, export: str, args: tuple[Any, ...], caller: str | None) -> Outcome:
    """See `Instance.call_async`."""
    store = instance.store
    store.engine.check_async(instance.program)
    event = store.event(instance, export, tuple(plain(arg) for arg in args), caller, awaited=True)
    cause = refusals.of_waiting(store)
    if cause is not None:
        return store.refuse(event, cause)
    async with store.async_turns.turn():
        with await _alone(store):
            cause = refusals.of_call(instance)
            if cause is not None:
                return store.refuse(event, cause)
            begin, answer = instance.begin(export, args)
            entry = _open(store, event)
        return await _run(store, entry, event, begin, answer)


async def instantiate(
    store: Store, program: Program, caller: str | None, given: Mapping[str, Instance]
) -> tuple[Code, int, Any, Outcome]:
    """See `Store.instantiate_async`: what an `Instance` is made of."""
    check_program(program)
    store.engine.check_async(program)
    code = store.engine.compile(program)
    made: list[Any] = []

    def begin() -> Future:
        store.health.link(code.wasi, coroutines=bool(asynchronous))
        return code.begin_instantiate(store.raw, asynchronous, taken)

    def answer(instance: Any) -> Outcome:
        made.append(instance)
        return Outcome("returned")

    cause = refusals.of_waiting(store)
    if cause is not None:
        event = store.instantiation(code, caller, given, awaited=True)
        return code, event.instance, None, store.refuse(event, cause)
    async with store.async_turns.turn():
        with await _alone(store):
            taken = store.given(code, given)
            asynchronous = store.coroutines(code, taken)
            store.add_wasi(code)
            event = store.instantiation(code, caller, given, awaited=True)
            entry = _open(store, event)
        outcome = await _run(store, entry, event, begin, answer)
    return code, event.instance, made[0] if made else None, outcome


async def _alone(store: Store) -> ExitStack:
    """No thread enters the store synchronously while the result is used as a context."""
    while not store.turn.acquire(blocking=False):
        await asyncio.to_thread(_wait_for, store.turn)
    context = ExitStack()
    context.callback(store.turn.release)
    return context


def _wait_for(lock: threading.RLock) -> None:
    with lock:
        pass


def _open(store: Store, event: Event) -> AsyncEntry:
    """Begin a recorded step; from here on nobody else enters the store."""
    entry = AsyncEntry(store.observer.begin(event), store, store.limits.seconds, store.engine.chain)
    store.health.inside.append(entry.step)
    store.suspended = entry
    store.engine.suspended[id(entry)] = entry.step
    return entry


async def _run(
    store: Store, entry: AsyncEntry, event: Event, begin: Callable[[], Future], answer: Callable[[Any], Outcome]
) -> Outcome:
    """Drive a step to its end, and make an outcome of it.

    Raises `CancelledError` when it is cancelled, and `KeyboardInterrupt`, both after the step has been recorded.
    """
    started = time.perf_counter_ns()
    outcome = Outcome("timed-out", code="cancelled", message=CANCELLED)
    try:
        outcome = await _drive(store, entry, event, begin, answer)
    finally:
        del store.engine.suspended[id(entry)]
        store.suspended = None
        store.health.inside.pop()
        entry.seen.us = (time.perf_counter_ns() - started) / 1000
        outcome = store.conclude(entry, event, outcome)
    if entry.interrupted:
        raise KeyboardInterrupt
    return outcome


async def _drive(
    store: Store, entry: AsyncEntry, event: Event, begin: Callable[[], Future], answer: Callable[[Any], Outcome]
) -> Outcome:
    futures: list[Future] = []

    def enter() -> Outcome:
        futures.append(begin())
        return Outcome("returned")

    def leave() -> Outcome:
        if stopped is not None:
            raise wasmtime.WasmtimeError(stopped)
        return answer(futures[0].result())

    begun = store.attempt(entry, event, enter)
    if not futures:
        return begun
    try:
        stopped = await _poll_to_the_end(store, entry, futures[0])
        with store.turn:
            outcome = store.attempt(entry, event, leave)
    except asyncio.CancelledError:
        _unwind(store, entry, futures[0])
        await entry.tasks_ended()
        raise
    finally:
        _unwind(store, entry, futures[0])
    await entry.tasks_ended()
    return outcome


def _unwind(store: Store, entry: AsyncEntry, future: Future) -> None:
    with store.turn:
        future.delete()
    entry.cancel_tasks()


async def _poll_to_the_end(store: Store, entry: AsyncEntry, future: Future) -> str | None:
    """Poll until the guest has ended; the text to stop it with, if it has to be stopped from outside."""
    engine = store.engine
    while True:
        with store.turn, engine.ticker, entry.polled(engine.entries):
            done = future.poll()
        if done:
            return None
        if entry.abandoned:
            return "a host function failed"
        if entry.tasks and not entry.yielded:
            await entry.woken.wait()
            continue
        # Some releases, and some engines, have guests yield without asking whether they may go on.
        stop = entry.verdict()
        if stop is not None:
            return stop
        for _ in range(TURNS):
            await asyncio.sleep(0)
