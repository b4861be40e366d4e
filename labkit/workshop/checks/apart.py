"""A coroutine of a trainee's, in an event loop of its own that may get stuck."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any

PATIENCE = 20.0
"""Seconds after which a loop counts as stuck."""


def run_apart(main: Callable[[], Coroutine[Any, Any, None]], seconds: float = PATIENCE) -> bool:
    """Run `main` in a new event loop on a thread of its own; False if it has not ended after `seconds`.

    A notebook's own loop is running while a check does, and a trainee's coroutine may wait for its loop for ever,
    so that nobody waits for the thread. Raises what `main` raises. An interrupt cancels it, and is raised.
    """
    raised: list[BaseException] = []
    stopped = threading.Event()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def known() -> None:
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        # Whoever stops it sets this first and then looks who is running, so that it cannot begin unseen.
        if not stopped.is_set():
            await main()

    def work() -> None:
        try:
            asyncio.run(known())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work, name="labkit-check", daemon=True)
    try:
        thread.start()
        thread.join(seconds)
    finally:
        stopped.set()
        for loop, task in running:
            # It may have ended, and its loop with it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)
    if thread.is_alive():
        return False
    if raised:
        raise raised[0]
    return True
