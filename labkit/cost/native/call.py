"""What core modules and components share on the native path: calls that are prepared, and how they fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import get_ident
from typing import Any

from labkit.cost.native.library import Library
from labkit.errors import ClosedError, LabkitError
from labkit.host.faults import root_cause

PHASES = ("store", "instantiate", "lookup", "first-call", "later-call", "drop")
"""What the numbers of a `Fresh.laps` stand for."""


class Failures:
    """What went wrong in calls: how often, and the text of the first."""

    def __init__(self) -> None:
        self.count = 0
        self.text = ""

    def note(self, text: str) -> None:
        """One more; its text is kept if it is the first."""
        self.count += 1
        self.text = self.text or text


class RawFailures(Failures):
    """Failures of the C API: each is freed. Later ones are not read, which can take as long as the call."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self._delete_error = library["wasmtime_error_delete"]
        self._delete_trap = library["wasm_trap_delete"]

    def take(self, error: int | None, trap: int | None) -> None:
        """Free an error, or a trap, or both."""
        if not self.count:
            texts = [self._library.take_error(error)] if error else []
            texts += [self._library.take_trap(trap)] if trap else []
            self.note(root_cause("; ".join(texts)))
            return
        self.count += 1
        if error:
            self._delete_error(error)
        if trap:
            self._delete_trap(trap)


@dataclass(frozen=True)
class Fresh:
    """A call in a store of its own. `run()` makes it once, from the new store to its end, and says whether it
    returned; `laps()` does so with a second call in it, and gives the nanoseconds of each of `PHASES`.

    What a call traps with is in `failures`, what it returned is `result()`. The buffers are not guarded, so all of
    it belongs to the thread that made it; in another one `run` and `laps` raise `LabkitError`.
    """

    run: Callable[[], bool]
    laps: Callable[[], tuple[int, ...]]
    result: Callable[[], Any]
    failures: Failures


@dataclass(frozen=True)
class Live:
    """Calls of a live instance. `run()` makes one and says whether it returned; `calling(*args)` gives a `run`
    with other arguments. `renew()` puts a new store and instance in the place of the old, `another()` a new
    instance in the same store; both say whether they could.

    As with `Fresh`, each belongs to one thread. After `close`, and where `renew` could not, `run` and `another`
    raise `ClosedError`.
    """

    run: Callable[[], bool]
    calling: Callable[..., Callable[[], bool]]
    renew: Callable[[], bool]
    another: Callable[[], bool]
    close: Callable[[], None]
    result: Callable[[], Any]
    failures: Failures

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def refuse(owner: int) -> None:
    """Raise what says why a call is not made: it is another thread's, or its store is gone."""
    if get_ident() != owner:
        raise LabkitError("A native call belongs to the thread that prepared it; prepare one in each thread.")
    raise ClosedError("The store of this native call is closed; prepare another one.")
