"""The way from a guest's call of an asynchronous host function to a task of asyncio, and back.

C code knows a task by a number and asks for it at every poll. The task itself never touches the guest: what it
returned is written when C code asks, which is the only time at which there is a place for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from labkit.host.async_api import Continuation, Finalizer, Resume
from labkit.host.async_entry import AsyncEntry
from labkit.host.entry import Entries

Deliver = Callable[[Any], None]
Fail = Callable[[str], bool]
"""Tells the runtime that a host function failed; whether the guest may resume to notice."""


class _Waiting:
    """The questions that C code may ask, by number."""

    def __init__(self) -> None:
        self.questions: dict[int, Callable[[], bool]] = {}

    def resume(self, number: int) -> bool:
        return self.questions[number]()

    def drop(self, number: int) -> None:
        self.questions.pop(number, None)


class HostTasks:
    """Answers the imports of one engine's guests by coroutines."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._waiting = _Waiting()
        self._numbers = itertools.count(1)
        self._resume = Resume(self._waiting.resume)
        self._drop = Finalizer(self._waiting.drop)

    def __len__(self) -> int:
        """How many calls of host functions the runtime has not let go of."""
        return len(self._waiting.questions)

    @property
    def running(self) -> AsyncEntry:
        """The entry whose guest is asking."""
        entry = self._entries.current
        assert isinstance(entry, AsyncEntry)
        return entry

    def answer(
        self, path: str, args: tuple[Any, ...], finish: Callable[[Any], Any], deliver: Deliver, fail: Fail
    ) -> Continuation:
        """Start the coroutine that answers an import; its result goes through `finish` (conversion to the guest)
        to `deliver`. Nothing is raised: what a host function raises goes to `fail`.
        """
        return self._continue(self._question(self.running, path, args, finish, deliver, fail))

    def refuse(self, error: BaseException, path: str, fail: Fail) -> Continuation:
        """Answer an import whose arguments could not be read."""
        entry = self.running
        fail(entry.fail(entry.see(path, ()), error))
        return self._continue(lambda: True)

    def _continue(self, question: Callable[[], bool]) -> Continuation:
        number = next(self._numbers)
        self._waiting.questions[number] = question
        return Continuation(self._resume, number, self._drop)

    def _question(
        self,
        entry: AsyncEntry,
        path: str,
        args: tuple[Any, ...],
        finish: Callable[[Any], Any],
        deliver: Deliver,
        fail: Fail,
    ) -> Callable[[], bool]:
        seen = entry.see(path, args)
        try:
            task = entry.start_task(path, args)
        except BaseException as error:
            fail(entry.fail(seen, error))
            return lambda: True

        def done() -> bool:
            if not task.done():
                return False
            try:
                seen.returned = entry.settle(task, finish, deliver)
            except BaseException as error:
                return fail(entry.fail(seen, error))
            return True

        return done


def abandon(entry: AsyncEntry) -> bool:
    """Never resume: whoever polls `entry` has to unwind its guest."""
    entry.abandoned = True
    return False
