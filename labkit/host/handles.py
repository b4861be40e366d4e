"""Resources as opaque handles: a number in a trace, the runtime's own object behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labkit.errors import ArgumentError

if TYPE_CHECKING:
    from wasmtime import component as c


class Handle:
    """A resource the guest handed out; pass it back as an argument, it holds nothing readable."""

    def __init__(self, number: int, resource: c.ResourceAny) -> None:
        self.number = number
        self.resource = resource

    def __repr__(self) -> str:
        return f"<resource {self.number}>"


class Handles:
    """The resources of one store, by number."""

    def __init__(self) -> None:
        self._all: dict[int, Handle] = {}

    def add(self, resource: c.ResourceAny) -> Handle:
        """A handle for a resource that just crossed to the host."""
        handle = Handle(len(self._all) + 1, resource)
        self._all[handle.number] = handle
        return handle

    def find(self, value: Any, refuse: Callable[..., ArgumentError]) -> c.ResourceAny:
        """The runtime's resource for a `Handle`, or for `{"resource": number}` from a trace."""
        number = value.number if isinstance(value, Handle) else None
        if isinstance(value, dict):
            number = value.get("resource")
        handle = self._all.get(number) if isinstance(number, int) else None
        if handle is None:
            raise refuse("a resource of this store")
        return handle.resource

    def close(self) -> None:
        """Let go of every resource; call it before the store goes."""
        for handle in self._all.values():
            handle.resource.close()
        self._all.clear()
