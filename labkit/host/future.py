"""A guest's call that has not ended, as an object that cannot be misused.

To poll a future after its end aborts the process, and to close a store under one is a segmentation fault.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from labkit.host import async_api


class Future:
    """Owns a C future and what that points into.

    `result` reads what the guest left, once it has ended, and raises what it left as a fault. `free` frees the
    arguments.
    """

    def __init__(self, pointer: int, result: Callable[[], Any], free: Callable[[], None], *kept: Any) -> None:
        self._pointer = pointer
        self._result = result
        self._done = False
        # A finalizer, because it holds what the future needs from outside of any cycle that becomes garbage, and
        # because it runs at the interpreter's exit as well: the store is always the last to go.
        self._delete = weakref.finalize(self, _delete, pointer, free, kept)

    def poll(self) -> bool:
        """Let the guest run; whether it has ended. After `delete`, and after the end, nothing runs any more."""
        if not self._done and self._delete.alive:
            self._done = async_api.poll(self._pointer)
        return self._done

    def result(self) -> Any:
        """What the guest gave back, after `poll` has said that it has ended; raises what it left as a fault."""
        assert self._done
        return self._result()

    def delete(self) -> None:
        """Free it, and unwind a guest that has not ended; once is enough, twice does no harm."""
        self._delete()


def _delete(pointer: int, free: Callable[[], None], _kept: Any) -> None:
    async_api.delete(pointer)
    free()
