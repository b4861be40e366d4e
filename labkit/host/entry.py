"""One entry into a guest: its deadline, the interrupt button, and the host functions it called."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # CPython's own part of `signal`, which typeshed leaves out
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import wasmtime

from labkit.errors import LabkitError
from labkit.host.observer import HostCallSeen, Seen
from labkit.host.plain import plain

KEPT_HOST_CALLS = 1000
"""How many host calls of one step are kept."""


DEEPEST = 16
"""How many entries may lie within each other. A guest and a host function that call each other without end use up
Python's stack, and when that happens inside a callback, wasmtime-py loses the error and the process dies."""


class HostFunctions(Protocol):
    """Who answers the imports of the guest that is running."""

    @property
    def raw(self) -> wasmtime.Store:
        """The runtime's own store."""

    def host_function(self, path: str) -> Callable[..., Any]:
        """The Python function provided for an import."""


class Entry:
    """A call or instantiation in progress. `raised` is the exception of a host function that failed."""

    asynchronous = False
    # Most entries never change these, and there is an entry for every call.
    raised: BaseException | None = None
    timed_out = False
    interrupted = False
    in_host = False
    yielded = False
    _thrown: tuple[BaseException, ...] = ()

    def __init__(self, step: int, host: HostFunctions, seconds: float | None) -> None:
        self.step = step
        self.seen = Seen()
        self.host = host
        self._seconds = seconds
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def host_call(self, path: str, args: tuple[Any, ...], finish: Callable[[Any], Any]) -> Any:
        """Answer an import: the provided function's result, passed through `finish` (conversion to the guest).

        Whatever it raises, `KeyboardInterrupt` included, is kept in `raised` and stops the guest: an
        exception must not leave a C callback.
        """
        seen = self.see(path, args)
        try:
            result = self._run(self.host.host_function(path), args)
            finished = finish(result)
            seen.returned = plain(result)
            return finished
        except BaseException as error:
            thrown = wasmtime.WasmtimeError(self.fail(seen, error))
            self._thrown += (thrown,)
            raise thrown from None

    def see(self, path: str, args: tuple[Any, ...]) -> HostCallSeen:
        """Note that the guest calls a host function."""
        seen = HostCallSeen(path, tuple(plain(arg) for arg in args))
        if len(self.seen.host_calls) < KEPT_HOST_CALLS:
            self.seen.host_calls.append(seen)
        return seen

    def fail(self, seen: HostCallSeen, error: BaseException) -> str:
        """Note that a host function failed; what to tell the runtime."""
        self.raised = self.raised or error
        seen.raised = type(error).__name__
        return f"host function {seen.name} raised {seen.raised}"

    def _run(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call a host function; only here may an interrupt raise, because `host_call` catches it."""
        self.in_host = True
        try:
            return function(*args)
        finally:
            self.in_host = False

    def verdict(self) -> str | None:
        """Asked at every tick while the guest runs: None to go on, or why it must stop."""
        if self.interrupted:
            return "interrupted"
        if self._deadline is not None and time.monotonic() > self._deadline:
            self.timed_out = True
            return f"the call ran longer than its limit of {self._seconds:g} s"
        return None

    def release(self) -> None:
        """Drop tracebacks, which would keep the store's frames alive in a cycle."""
        if self._thrown:
            for error in self._thrown:
                error.__traceback__ = None
            self._thrown = ()


class Entries(threading.local):
    """The entries whose guests are running on this thread, outermost first."""

    def __init__(self) -> None:
        self.stack: list[Entry] = []
        self._main = threading.current_thread() is threading.main_thread()
        self._note_interrupt = _noting_on(self.stack)

    @property
    def current(self) -> Entry:
        """The entry whose guest is running."""
        return self.stack[-1]

    def check_depth(self) -> None:
        """Raise `LabkitError`, in the host function it comes from, when another entry would lie too deep."""
        if len(self.stack) >= DEEPEST:
            raise LabkitError(
                f"Guests and host functions have called each other {DEEPEST} times without returning; let the "
                "host function return before the guest is called again."
            )

    def on_tick(self, _key: int) -> str | None:
        """Stop the guest when its own entry or one around it must stop."""
        for entry in reversed(self.stack):
            stop = entry.verdict()
            if stop is not None:
                return stop
        return None

    def yields(self) -> bool:
        """Whether the guest that is running hands control back at a tick.

        An asynchronous call's does, unless it is a host function of it that entered another guest: that one runs
        on a stack that has Python's frames on it, which must not be suspended.
        """
        entry = self.current
        entry.yielded = entry.asynchronous
        return entry.yielded

    def push(self, entry: Entry) -> Any:
        """From here on `entry` is the innermost one, and Ctrl-C stops its guest. Gives what `pop` wants back.

        SIGINT becomes a note on the innermost entry, or `KeyboardInterrupt` in a host function: Python runs its
        handlers between bytecodes, which while a guest runs means at the first instruction of the tick's callback,
        where an exception would be lost inside C. Only the outermost entry of the main thread changes the handler.
        """
        stack = self.stack
        outermost = not stack or all(around.asynchronous for around in stack)
        stack.append(entry)
        try:
            return self._catch_interrupts() if outermost and self._main else None
        except BaseException:
            # An interrupt that comes before it is caught is nobody's here, and the entry has not begun.
            stack.pop()
            raise

    def _catch_interrupts(self) -> Any:
        # Not by `signal`: up to Python 3.11 that takes longer to look for an enum member than most guests run.
        previous = _signal.getsignal(_signal.SIGINT)
        if previous is None or previous == _signal.SIG_IGN:
            return None
        _signal.signal(_signal.SIGINT, self._note_interrupt)
        return previous

    def pop(self, previous: Any) -> None:
        """The innermost entry is over."""
        try:
            if previous is not None:
                _signal.signal(_signal.SIGINT, previous)
        finally:
            self.stack.pop()


def _noting_on(stack: list[Entry]) -> Callable[[int, object], None]:
    """A handler of SIGINT for the thread of `stack`."""

    def note(_signum: int, _frame: object) -> None:
        if stack and stack[-1].in_host:
            raise KeyboardInterrupt
        if stack:
            stack[-1].interrupted = True

    return note
