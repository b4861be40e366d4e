"""A coroutine of a trainee's, in an event loop of its own that may get stuck."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from typing import Any

from labkit.reuse.loops import CancellableRun

PATIENCE = 20.0
"""Seconds after which a loop counts as stuck."""


def run_apart(main: Callable[[], Coroutine[Any, Any, None]], seconds: float = PATIENCE) -> bool:
    """Run `main` in a new event loop on a thread of its own; False if it has not ended after `seconds`.

    A notebook's own loop is running while a check does, and a trainee's coroutine may wait for its loop for ever,
    so that nobody waits for the thread. Raises what `main` raises. An interrupt cancels it, and is raised.
    """
    raised: list[BaseException] = []
    run = CancellableRun(main)

    def work() -> None:
        try:
            run()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work, name="labkit-check", daemon=True)
    try:
        thread.start()
        thread.join(seconds)
    finally:
        run.cancel()
    if thread.is_alive():
        return False
    if raised:
        raise raised[0]
    return True
