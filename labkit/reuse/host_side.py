"""The host functions of a scenario, made from what it says they do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from labkit.host.store import HostFunction
from labkit.record.scenario import Answer, HostBehaviour, Reentry

Call = Callable[..., Any]
Close = Callable[[], None]


class ScenarioError(Exception):
    """Raised by a scenario's own host function; its text is the scenario's."""


class HostSide:
    """Makes host functions, holds the locks that they share, and knows who called them."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        # Calls that run at the same time have a context each, and so do the host functions that they call.
        self._caller: ContextVar[tuple[Call | None, Close | None]] = ContextVar(
            "labkit-caller", default=(None, None)
        )

    @contextmanager
    def calling(self, call: Call, close: Close | None = None) -> Iterator[None]:
        """While the body runs, host functions call back through `call`, and close their store with `close`."""
        token = self._caller.set((call, close))
        try:
            yield
        finally:
            self._caller.reset(token)

    def function(self, how: HostBehaviour) -> HostFunction:
        """The function that does as `how` says."""

        answers = iter(how.answers)

        def answer(*_args: Any) -> Any:
            self._begin(how)
            if how.nested_loop is not None:
                _nest(how)
            elif how.blocks is not None:
                time.sleep(how.blocks)
            return self._end(how, answers)

        async def answer_later(*_args: Any) -> Any:
            self._begin(how)
            if how.sleeps is not None:
                await asyncio.sleep(how.sleeps)
            if how.blocks is not None and how.in_thread:
                await asyncio.to_thread(time.sleep, how.blocks)
            elif how.blocks is not None:
                time.sleep(how.blocks)
            return self._end(how, answers)

        return answer_later if how.asynchronous else answer

    def _begin(self, how: HostBehaviour) -> None:
        if how.acquires is not None:
            self._acquire(how.acquires)

    def _end(self, how: HostBehaviour, answers: Iterator[Answer]) -> Any:
        if how.answers:
            return _give(next(answers, _ASKED_TOO_OFTEN))
        if how.raises is not None:
            return _give(Answer(raises=how.raises, exception=how.exception))
        if how.releases is not None:
            self._release(how.releases)
        if how.reenters is not None:
            self._reenter(how.reenters)
        if how.closes:
            self._close()
        return how.returns

    def _acquire(self, lock: str) -> None:
        if lock in self._held:
            raise ScenarioError(f"{lock} is locked")
        self._held.add(lock)

    def _release(self, lock: str) -> None:
        if lock not in self._held:
            raise ScenarioError(f"{lock} is not locked")
        self._held.remove(lock)

    def _reenter(self, how: Reentry) -> None:
        call, _ = self._caller.get()
        if call is None:
            raise ScenarioError("there is no instance yet to call back into")
        call(how.export, *how.args)

    def _close(self) -> None:
        _, close = self._caller.get()
        if close is None:
            raise ScenarioError("this store is not the scenario's to close yet")
        close()


_ASKED_TOO_OFTEN = Answer(
    raises="this host function has no more answers: nobody foresaw that it is asked so often"
)


def _give(answer: Answer) -> Any:
    if answer.raises is None:
        return answer.returns
    if answer.exception is None:
        raise ScenarioError(answer.raises)
    # An exception's class is told by its name, and the name is all that is left of it.
    raise type(answer.exception, (ScenarioError,), {})(answer.raises)


def _nest(how: HostBehaviour) -> None:
    """Wait for a coroutine in a function that is none."""
    if how.nested_loop == "run_coroutine_threadsafe":
        waited_for = asyncio.run_coroutine_threadsafe(_sleep(how), asyncio.get_running_loop())
        try:
            waited_for.result(how.blocks)
        finally:
            waited_for.cancel()
        return
    coroutine = _sleep(how)
    try:
        match how.nested_loop:
            case "asyncio.run":
                asyncio.run(coroutine)
            case "run_until_complete":
                asyncio.get_running_loop().run_until_complete(coroutine)
            case "own-loop":
                loop = asyncio.new_event_loop()
                try:
                    loop.run_until_complete(coroutine)
                finally:
                    loop.close()
    finally:
        # One that was never begun would complain on standard error.
        coroutine.close()


async def _sleep(how: HostBehaviour) -> None:
    await asyncio.sleep(how.sleeps or 0)
