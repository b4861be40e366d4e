"""The linear memory of a core module's instance; that of a component's instance is nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wasmtime

from labkit.errors import ProgramError

if TYPE_CHECKING:
    from labkit.host.instance import Instance


def size(instance: Instance) -> int | None:
    """Bytes of all memories that `instance` exports, or None where the host cannot see them."""
    memories = _exported(instance)
    return sum(memory.data_len(instance.store.raw) for memory in memories) if memories else None


def read(instance: Instance, start: int = 0, stop: int | None = None) -> bytes:
    """The bytes of the first memory that `instance` exports, from address `start` up to `stop`.

    Raises `ProgramError` where there is none, `ClosedError` when its store is closed.
    """
    memories = _exported(instance)
    if not memories:
        raise ProgramError(
            f"{instance.program.name} shows the host no memory; a core module that exports one does, a component "
            "never."
        )
    return bytes(memories[0].read(instance.store.raw, start, stop))


def _exported(instance: Instance) -> list[wasmtime.Memory]:
    if instance.program.kind != "module" or not instance.outcome.ok:
        return []
    return [extern for extern in instance.externs().values() if isinstance(extern, wasmtime.Memory)]
