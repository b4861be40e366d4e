"""An event loop of one's own, also where one is running already, as in a notebook."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def without_loop(work: Callable[[], None], stop: Callable[[], None] = lambda: None) -> None:
    """Do `work` where no event loop runs: on this thread, or on one of its own, which an interrupt can `stop`."""
    if not _loop_is_running():
        work()
        return
    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(contextvars.copy_context().run, work).result()
        except KeyboardInterrupt:
            stop()
            raise


def in_a_loop(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `main` to its end in a new event loop. An interrupt cancels it, on whichever thread it runs."""
    run = CancellableRun(main)
    without_loop(run, run.cancel)


class CancellableRun:
    """Runs `main` in a new event loop when it is called; `cancel` may be called on any thread, at any time."""

    def __init__(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._main = main
        self._cancelled = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = None

    def __call__(self) -> None:
        """Run it to its end; raises what it raises."""
        asyncio.run(self._known())

    async def _known(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running = asyncio.get_running_loop(), task
        # Whoever cancels says so first and then looks who is running, so that it cannot begin unseen.
        if not self._cancelled:
            await self._main()

    def cancel(self) -> None:
        """Cancel it if it runs, and keep it from running otherwise."""
        self._cancelled = True
        if self._running is not None:
            loop, task = self._running
            # It may have ended, and its loop with it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
