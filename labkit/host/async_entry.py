"""One asynchronous entry into a guest: what it waits for in the host, and its time in the guest."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from labkit.host.entry import Entries, Entry, HostFunctions
from labkit.host.plain import plain


class AsyncEntry(Entry):
    """A call or instantiation that is polled. `polls` counts how often.

    `abandoned`: a host function failed and the runtime would not look at its error, so the guest must be unwound.
    """

    asynchronous = True

    def __init__(self, step: int, host: HostFunctions, seconds: float | None, chain: Chain) -> None:
        super().__init__(step, host, seconds)
        self.polls = 0
        self.abandoned = False
        self.tasks: set[asyncio.Task[Any]] = set()
        self.woken = asyncio.Event()
        self._chain = chain
        self._left = seconds

    def start_task(self, path: str, args: tuple[Any, ...]) -> asyncio.Task[Any]:
        """Run the coroutine that answers an import as a task, which wakes this entry when it is done."""
        context = contextvars.copy_context()
        context.run(self._chain.add, self)
        coroutine = self.host.host_function(path)(*args)
        task = asyncio.get_running_loop().create_task(coroutine, context=context)
        self.tasks.add(task)
        task.add_done_callback(self._wake)
        return task

    def _wake(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        self.woken.set()

    def cancel_tasks(self) -> None:
        """Cancel what the host still does for this entry."""
        for task in self.tasks:
            if not task.get_loop().is_closed():
                task.cancel()

    async def tasks_ended(self) -> None:
        """Wait until what was cancelled has cleaned up."""
        tasks = set(self.tasks)
        if tasks:
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                # Nobody else asks for it, and then asyncio would complain.
                task.exception()

    @contextmanager
    def polled(self, entries: Entries) -> Iterator[None]:
        """The guest runs while the body does, and only then its time does."""
        self.polls += 1
        self.yielded = False
        self.woken.clear()
        if self._left is not None:
            self._deadline = time.monotonic() + self._left
        entries.stack.append(self)
        try:
            with _interrupts(entries.stack):
                yield
        finally:
            entries.stack.pop()
            if self._deadline is not None:
                self._left = self._deadline - time.monotonic()

    def settle(self, task: asyncio.Task[Any], finish: Callable[[Any], Any], deliver: Callable[[Any], None]) -> Any:
        """Give the guest what a task that is done returned; raises what it raised."""
        result = task.result()
        deliver(finish(result))
        return plain(result)


class Chain:
    """The entries in whose host functions the current task runs, outermost first."""

    def __init__(self) -> None:
        self._entries: contextvars.ContextVar[tuple[AsyncEntry, ...]] = contextvars.ContextVar("labkit-inside")

    @property
    def entries(self) -> tuple[AsyncEntry, ...]:
        """What the current task is inside of."""
        return self._entries.get(())

    def add(self, entry: AsyncEntry) -> None:
        """From here on the current context is inside of `entry` too."""
        self._entries.set((*self.entries, entry))


@contextmanager
def _interrupts(stack: list[Entry]) -> Iterator[None]:
    """Let whoever handles SIGINT do so, which is asyncio or the kernel, while no exception may leave the handler.

    Python runs it at the first instruction of the tick's callback, where an exception would be lost inside C; in a
    host function it may be raised.
    """
    previous = signal.getsignal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else None
    if not callable(previous):
        yield
        return
    handle = previous

    def guarded(number: int, frame: Any) -> None:
        try:
            handle(number, frame)
        except KeyboardInterrupt:
            if stack and stack[-1].in_host:
                raise
            if stack:
                stack[-1].interrupted = True

    signal.signal(signal.SIGINT, guarded)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handle)
