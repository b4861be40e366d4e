"""A heartbeat beside the steps of a scenario: how long, at the longest, nothing else could run."""

from __future__ import annotations

import asyncio
import contextlib
import time

from labkit.host.observer import Event, Seen
from labkit.host.outcome import Outcome
from labkit.host.wasi import Wasi
from labkit.record.recorder import Recorder

BEAT = 0.005
"""Seconds between two beats of a loop that is free."""


class Heartbeat:
    """An observer that passes everything on to `recorder`, and adds to each step the longest gap between two beats
    that it met. Use it as an asynchronous context manager: it beats while the body runs.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._longest: dict[int, float] = {}
        self._over: set[int] = set()
        self._beaten = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open_store(self, wasi: Wasi | None = None) -> int:
        """The number of a new store."""
        return self._recorder.open_store(wasi)

    def close_store(self, store: int) -> None:
        """A store is gone."""
        self._recorder.close_store(store)

    def open_instance(self) -> int:
        """The number of a new instance."""
        return self._recorder.open_instance()

    def begin(self, event: Event) -> int:
        """The number of a step that starts now."""
        step = self._recorder.begin(event)
        self._longest[step] = 0.0
        return step

    def end(self, step: int, outcome: Outcome, seen: Seen) -> None:
        """The step is over; its gap is known at the next beat."""
        self._recorder.end(step, outcome, seen)
        self._over.add(step)

    async def beat(self) -> None:
        """Wait for the next beat, after which every step that is over has its gap."""
        self._beaten.clear()
        await self._beaten.wait()

    async def _go_on(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(BEAT)
            now = time.perf_counter()
            self._note((now - last) * 1000)
            last = now
            self._beaten.set()

    def _note(self, gap: float) -> None:
        for step, longest in self._longest.items():
            self._longest[step] = max(longest, gap)
        for step in sorted(self._over):
            self._recorder.note_gap(step, self._longest.pop(step))
        self._over.clear()

    async def __aenter__(self) -> Heartbeat:
        self._task = asyncio.create_task(self._go_on())
        await self.beat()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
