"""Looks into the memories of instances between steps, in the child that plays them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from labkit.host import memory
from labkit.host.instance import Instance
from labkit.inspect.memory import Snapshot, memory_diff, snapshot
from labkit.runtimes.messages import StepMemory

LARGEST = 2**27
"""Bytes of a memory that is compared: both sides of it are held, and each step pays for reading all of it."""


class Memories:
    """Told of every instance after each of its steps; `last` is that step's number, `tell` hears what changed."""

    def __init__(self, last: Callable[[], int], tell: Callable[[StepMemory], None]) -> None:
        self._last = last
        self._tell = tell
        self._seen: dict[int, Snapshot] = {}

    def look(self, instance: Instance) -> None:
        """Compare the instance's memory with what it was; a component's is nobody else's."""
        size = None if instance.store.closed else memory.size(instance)
        if size is None or size > LARGEST:
            return
        before, after = self._seen.get(instance.number), snapshot(instance)
        self._seen[instance.number] = after
        if before is not None:
            diff = msgspec.Raw(msgspec.json.encode(memory_diff(before, after)))
            self._tell(StepMemory(self._last(), diff))
