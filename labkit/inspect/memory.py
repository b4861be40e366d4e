"""What a step changed in the memory of a core instance: snapshots before and after, and the difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from labkit.errors import ArgumentError, unknown
from labkit.host import Instance
from labkit.inspect.core_dump_writing import PAGE, check_readable, memory_bytes

# Loaded by who compares: every lab imports this module, and hardly any compares memories.
if TYPE_CHECKING:
    import numpy as np

KEPT = 1000
"""How many ranges of a difference are kept; the first ones, and the difference says how many there were."""

_GAP: Final = 8
_SHOWN: Final = 64
_QUOTED: Final = 20
_WORD: Final = 4
_COUNTED: Final = 16


@dataclass(frozen=True)
class Snapshot:
    """A copy of an exported memory. `marks` are addresses that are exported as globals, such as `__heap_base`."""

    memory: str
    data: bytes = field(repr=False)
    marks: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """`size` bytes from `address` on, made up to whole words, that changed; of both sides at most 64 are kept.

    A range that the memory grew by has no bytes before.
    """

    address: int
    size: int
    before: bytes
    after: bytes

    @property
    def hint(self) -> str:
        """What the bytes may be, as `3 → 4` or `“abc” → “abd”`; empty where they look like neither."""
        texts = [_text(side) for side in (self.before, self.after)]
        if self.size >= 4 and all(text is not None for text in texts):
            return " → ".join(
                f"“{text[:_QUOTED]}{'…' if len(text) > _QUOTED else ''}”" for text in texts if text is not None
            )
        if self.size <= _COUNTED and len(self.before) == self.size:
            return f"{_numbers(self.before)} → {_numbers(self.after)}"
        return ""


@dataclass(frozen=True)
class MemoryDiff:
    """What differs between two snapshots: `changes` in the order of addresses, of `ranges` in all.

    `size_before` and `size_after` are the sizes of the memory, `changed` how many bytes differ, `pages` the
    numbers of the pages of 64 KiB in which they lie.
    """

    memory: str
    size_before: int
    size_after: int
    changed: int
    ranges: int
    pages: tuple[int, ...]
    changes: tuple[Change, ...]
    marks: dict[str, int] = field(default_factory=dict)

    def region(self, address: int) -> str:
        """Where an address lies, as far as the program's exported marks tell: `data`, `heap`, or empty."""
        end, heap = self.marks.get("__data_end"), self.marks.get("__heap_base")
        if heap is not None and address >= heap:
            return "heap"
        if end is not None and heap is not None and end <= address < heap:
            return "stack" if heap - end > _GAP * 2 else ""
        return "data or stack" if end is not None and address < end else ""


def snapshot(instance: Instance, memory: str | None = None) -> Snapshot:
    """A copy of a memory that an instance of a core module exports: the first one, or the one so named.

    Raises `LabkitError` for a component, `UnknownNameError` where there is no such memory.
    """
    check_readable(instance)
    store, externs = instance.store.raw, instance.externs()
    memories = {name: item for name, item in externs.items() if isinstance(item, wasmtime.Memory)}
    name = memory if memory is not None else next(iter(memories), "memory")
    if name not in memories:
        raise unknown(f"exported memory of {instance.program.name}", name, memories)
    numbers = {key: item for key, item in externs.items() if isinstance(item, wasmtime.Global)}
    values = {key: item.value(store) for key, item in numbers.items() if key.startswith("__")}
    marks = {key: value for key, value in values.items() if isinstance(value, int)}
    return Snapshot(name, memory_bytes(memories[name], store), marks)


def memory_diff(before: Snapshot, after: Snapshot) -> MemoryDiff:
    """What changed from one snapshot of a memory to the next; changes less than 8 bytes apart are one range.

    Raises `ArgumentError` for snapshots of different memories.
    """
    if before.memory != after.memory:
        raise ArgumentError(
            f"These are snapshots of two memories, {before.memory} and {after.memory}; compare two of one."
        )
    import numpy as np

    found = _Ranges()
    size = min(len(before.data), len(after.data))
    for start in range(0, len(after.data), PAGE):
        stop = start + PAGE
        # A memory that has grown was all zero there.
        left = before.data[start:stop] if start < size else bytes(PAGE)
        right = after.data[start:stop]
        if left != right:
            found.add(start, np.flatnonzero(np.frombuffer(left, np.uint8) != np.frombuffer(right, np.uint8)))
    return MemoryDiff(
        memory=after.memory,
        size_before=len(before.data),
        size_after=len(after.data),
        changed=found.changed,
        ranges=found.count,
        pages=tuple(found.pages),
        changes=tuple(_change(before.data, after.data, *place) for place in found.kept),
        marks=after.marks,
    )


class _Ranges:
    """Puts places that differ together to ranges, page by page, and keeps the first of them."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, int]] = []
        self.pages: list[int] = []
        self.count = 0
        self.changed = 0
        self._end = -_GAP - 1

    def add(self, page: int, places: np.ndarray[Any, np.dtype[np.intp]]) -> None:
        """Take the places of the page at an address, counted from its beginning; there is at least one."""
        import numpy as np

        breaks = np.flatnonzero(np.diff(places) > _GAP)
        firsts = np.concatenate([places[:1], places[breaks + 1]])
        ends = np.concatenate([places[breaks], places[-1:]]) + 1
        joins = page + int(firsts[0]) - self._end <= _GAP
        if joins and self.count == len(self.kept):
            self.kept[-1] = self.kept[-1][0], page + int(ends[0])
        new = slice(int(joins), int(joins) + KEPT - len(self.kept))
        self.count += len(firsts) - joins
        self.kept += [(page + int(f), page + int(e)) for f, e in zip(firsts[new], ends[new], strict=True)]
        self.changed += len(places)
        self.pages.append(page // PAGE)
        self._end = page + int(ends[-1])


def _change(before: bytes, after: bytes, start: int, stop: int) -> Change:
    # Whole words: few numbers change in all of their bytes.
    start, stop = start - start % _WORD, min(stop + -stop % _WORD, len(after))
    shown = min(stop, start + _SHOWN)
    return Change(start, stop - start, before[start:shown], after[start:shown])


def _numbers(data: bytes) -> str:
    """Bytes as little-endian numbers of 32 bits."""
    words = (data[i : i + _WORD] for i in range(0, len(data), _WORD))
    return ", ".join(str(int.from_bytes(word, "little")) for word in words)


def _text(data: bytes) -> str | None:
    """Bytes as text, without the zeros around; None for what is none."""
    kept = data.strip(b"\0")
    try:
        text = kept.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() and (len(text) >= 4 or not text) else None
