"""What one thread prepares for its native calls: a place for stores, whatever is called in them."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from threading import get_ident
from typing import Any

import wasmtime

from labkit.cost.native.call import Fresh, Live, RawFailures, refuse
from labkit.cost.native.library import address, library
from labkit.cost.native.stores import drop_all, store_opener
from labkit.errors import ProgramError


class Site:
    """The stores of one thread; what is called in them, and the closures that do it, are a subclass's.

    Those closures hold addresses of buffers of the subclass, and keep it, and so the buffers.
    """

    def __init__(self, engine: wasmtime.Engine, program: str, *, wasi: bool) -> None:
        self.program = program
        self._lib = library()
        self.failures = RawFailures(self._lib)
        self._owner = get_ident()
        self._stores: list[int] = []
        self._contexts: list[int] = []
        self._open = store_opener(wasi=wasi)
        self._engine = address(engine)
        # Without a reference to this, which could then not be collected.
        weakref.finalize(self, drop_all, self._stores, self._lib["wasmtime_store_delete"])

    def fresh(self) -> Callable[[], bool]:
        """What makes a call in a store of its own."""
        raise NotImplementedError

    def laps(self) -> Callable[[], tuple[int, ...]]:
        """What does so with a clock; see `Fresh`."""
        raise NotImplementedError

    def live(self) -> Callable[[], bool]:
        """What makes a call of the live instance."""
        raise NotImplementedError

    def calling(self, *args: Any) -> Callable[[], bool]:
        """What makes one with other arguments."""
        raise NotImplementedError

    def result(self) -> Any:
        """What the last call returned."""
        raise NotImplementedError

    def fill(self, context: int) -> bool:
        """Make an instance in a store and find the function; False if that failed."""
        raise NotImplementedError

    def as_fresh(self) -> Fresh:
        """Calls in stores of their own."""
        return Fresh(self.fresh(), self.laps(), self.result, self.failures)

    def as_live(self) -> Live:
        """Calls of an instance that is made now; raises `ProgramError` if none can be."""
        if not self.renew():
            raise ProgramError(f"{self.program} cannot be instantiated: {self.failures.text}.")
        return Live(self.live(), self.calling, self.renew, self.another, self.close, self.result, self.failures)

    def renew(self) -> bool:
        """A new store and instance in the place of the old."""
        self._check_owner()
        self.close()
        self._stores.append(self._open(self._engine, None, None))
        self._contexts.append(self._lib["wasmtime_store_context"](self._stores[0]))
        if self.fill(self._contexts[0]):
            return True
        # The function that was looked up last is of a store that is gone: it must not be called.
        self.close()
        return False

    def another(self) -> bool:
        """A new instance in the same store."""
        self._check_owner()
        if not self._contexts:
            refuse(self._owner)
        return self.fill(self._contexts[0])

    def close(self) -> None:
        """Drop the store."""
        self._contexts.clear()
        drop_all(self._stores, self._lib["wasmtime_store_delete"])

    def _check_owner(self) -> None:
        if get_ident() != self._owner:
            refuse(self._owner)
