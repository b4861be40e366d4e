"""A thread that advances an engine's epoch while guests run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PERIOD = 0.02
"""Seconds between ticks: how late a limit or an interrupt may be noticed."""

_IDLE_PERIODS = 50


class Ticker:
    """Use it as a context around every entry into a guest.

    Waking a thread for every call would cost more than the call, so it goes on for a second after the last one
    and then sleeps until it is needed. Entering takes no lock unless it sleeps: it says that somebody has entered
    before it looks whether the thread sleeps, and the thread goes to sleep before it looks whether somebody has.
    """

    def __init__(self, tick: Callable[[], None]) -> None:
        self._tick = tick
        self._lock = threading.Lock()
        # One element per entry: unlike a number, a list can be changed by several threads at once.
        self._active: list[None] = []
        self._wake = threading.Event()
        self._asleep = True
        self._stopped = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        self._active.append(None)
        if self._asleep:
            with self._lock:
                self._asleep = False
                self._start()
                self._wake.set()

    def __exit__(self, *_exc: object) -> None:
        self._active.pop()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="labkit-epochs", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        idle = 0
        while True:
            self._wake.wait()
            if self._stopped:
                return
            time.sleep(PERIOD)
            if self._active:
                idle = 0
                self._tick()
                continue
            idle += 1
            if idle >= _IDLE_PERIODS:
                idle = 0
                self._sleep()

    def _sleep(self) -> None:
        with self._lock:
            self._asleep = True
            self._wake.clear()
            if self._active or self._stopped:
                self._asleep = False
                self._wake.set()

    def stop(self) -> None:
        """End the thread and wait for it; no tick happens afterwards."""
        with self._lock:
            self._stopped = True
            self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
