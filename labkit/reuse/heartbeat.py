"""A heartbeat beside the steps of a scenario: how long, at the longest, nothing else could run."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from labkit.host.observer import Event, Seen
from labkit.host.outcome import Outcome
from labkit.host.wasi import Wasi
from labkit.record.recorder import Recorder

BEAT = 0.005
"""Seconds between two beats of a loop that is free."""


@contextlib.asynccontextmanager
async def beating(note: Callable[[float], None]) -> AsyncIterator[None]:
    """Tell `note` at every beat of the running loop how many milliseconds passed since the one before.

    It has been told once before the body runs, and is told of the time since the last beat at its end.
    """
    begun = asyncio.Event()
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        since, last = last, time.perf_counter()
        note((last - since) * 1000)

    async def go_on() -> None:
        while True:
            await asyncio.sleep(BEAT)
            beat()
            begun.set()

    task = asyncio.create_task(go_on())
    try:
        await begun.wait()
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        beat()


class Heartbeat:
    """An observer that passes everything on to `recorder`, and adds to each step the longest gap between two beats
    that it met. Use it as an asynchronous context manager: it beats while the body runs.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._longest: dict[int, float] = {}
        self._over: set[int] = set()
        # Steps may begin and end on other threads than the one that beats.
        self._lock = threading.Lock()
        self._beaten = asyncio.Event()
        self._beating = beating(self._note)

    def open_store(self, wasi: Wasi | None = None, coroutines: tuple[str, ...] = ()) -> int:
        """The number of a new store."""
        return self._recorder.open_store(wasi, coroutines)

    def close_store(self, store: int) -> None:
        """A store is gone."""
        self._recorder.close_store(store)

    def open_instance(self) -> int:
        """The number of a new instance."""
        return self._recorder.open_instance()

    def begin(self, event: Event) -> int:
        """The number of a step that starts now."""
        step = self._recorder.begin(event)
        with self._lock:
            self._longest[step] = 0.0
        return step

    def end(self, step: int, outcome: Outcome, seen: Seen) -> None:
        """The step is over; its gap is known at the next beat."""
        self._recorder.end(step, outcome, seen)
        with self._lock:
            self._over.add(step)

    async def beat(self) -> None:
        """Wait for the next beat, after which every step that is over has its gap."""
        self._beaten.clear()
        await self._beaten.wait()

    def _note(self, gap: float) -> None:
        with self._lock:
            for step, longest in self._longest.items():
                self._longest[step] = max(longest, gap)
            known = {step: self._longest.pop(step) for step in sorted(self._over)}
            self._over.clear()
        for step, longest in known.items():
            self._recorder.note_gap(step, longest)
        self._beaten.set()

    async def __aenter__(self) -> Heartbeat:
        await self._beating.__aenter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._beating.__aexit__(*exc)
