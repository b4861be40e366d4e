"""Reads core dumps, which may come from anybody, and looks things up in them."""

from __future__ import annotations

import contextlib
import struct
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from labkit import bounds
from labkit.errors import ArgumentError, FormatError, LabkitError
from labkit.host import Frame
from labkit.inspect.binary import MalformedError, Reader, Section, sections
from labkit.inspect.core_dump_writing import PAGE
from labkit.inspect.files import read_evidence
from labkit.inspect.symbols import Symbols

T = TypeVar("T")

FOUND = 1000
"""How many places of a text in memory are told."""

_FRAMES: Final = 1000
_BITS: Final = {0x41: 32, 0x42: 64}
_FLOATS: Final = {0x43: "<f", 0x44: "<d"}
_VALUE_SIZES: Final = {0x7D: 4, 0x7C: 8}


@dataclass(frozen=True)
class DumpedMemory:
    """A linear memory of `size` bytes, of which `parts` are those that are not zero, by their addresses."""

    name: str | None
    size: int
    parts: tuple[tuple[int, bytes], ...] = field(repr=False)

    def read(self, address: int, size: int) -> bytes:
        """The bytes from an address on; fewer where the memory ends. `ArgumentError` for an address outside."""
        if not 0 <= address <= self.size or size < 0:
            raise ArgumentError(f"This memory has addresses from 0 to {self.size - 1}, and not {address}.")
        stop = min(address + size, self.size)
        found = bytearray(stop - address)
        first = max(bisect_right(self.parts, address, key=lambda part: part[0]) - 1, 0)
        for start, data in self.parts[first:]:
            if start >= stop:
                break
            low, high = max(start, address), min(start + len(data), stop)
            if low < high:
                found[low - address : high - address] = data[low - start : high - start]
        return bytes(found)

    def find(self, what: str | bytes) -> list[int]:
        """The addresses of a text in UTF-8, or of bytes; the first thousand. `ArgumentError` for zeros alone."""
        wanted = what.encode() if isinstance(what, str) else what
        if not any(wanted):
            raise ArgumentError("Zeros are everywhere in a memory; look for bytes of which one is not zero.")
        found: set[int] = set()
        for start, data in self.parts:
            # What is looked for may begin or end in the zeros around.
            first = max(start - len(wanted) + 1, 0)
            around = self.read(first, start - first + len(data) + len(wanted) - 1)
            at = around.find(wanted)
            while at >= 0 and len(found) < FOUND:
                found.add(first + at)
                at = around.find(wanted, at + 1)
        return sorted(found)


@dataclass(frozen=True)
class CoreDump:
    """What a trap left. `frames` are innermost first, `numbers` the exported globals by name.

    A dump has no names of functions; `symbolized` has those and places in the source, as far as symbols know them.
    """

    program: str
    build_id: str | None
    frames: tuple[Frame, ...]
    memories: tuple[DumpedMemory, ...]
    numbers: dict[str, int | float]

    @property
    def memory(self) -> DumpedMemory:
        """The first memory; raises `LabkitError` if the program exported none."""
        if not self.memories:
            raise LabkitError(f"This core dump has no memory: {self.program} exported none.")
        return self.memories[0]

    def symbolized(self, symbols: Symbols) -> CoreDump:
        """The dump with names and places in its frames; raises `LabkitError` for the symbols of another build."""
        if self.build_id is None or len(symbols.modules) != 1 or symbols.build_ids != (self.build_id,):
            raise LabkitError(
                f"These are the symbols of {symbols.program}, and the core dump is of another build: "
                f"{self.program}, build id {(self.build_id or 'unknown')[:12]}."
            )
        (module,) = symbols.modules
        functions = {function.index: function for function in module.functions}
        named: list[Frame] = []
        for frame in self.frames:
            function = functions.get(frame.func_index)
            if function is None:
                named.append(frame)
                continue
            offset = module.code[0] + function.start + frame.func_offset
            source = module.location(function, frame.func_offset)
            named.append(Frame(frame.func_index, function.name, module.name, offset, frame.func_offset, source))
        return replace(self, frames=tuple(named))


def load_core_dump(path: Path) -> CoreDump:
    """The core dump in a file; raises `FormatError` when it cannot be read or is none."""
    return read_core_dump(read_evidence(path))


def is_core_dump(data: bytes) -> bool:
    """Whether this is a core dump, or was one before it was damaged."""
    with contextlib.suppress(MalformedError):
        # `core` comes first in every dump that follows the conventions.
        return any(section.name == "core" for section in islice(sections(data), 1))
    return False


def read_core_dump(data: bytes) -> CoreDump:
    """A core dump of a core module; raises `FormatError`, in one sentence, for anything else."""
    if len(data) > bounds.EVIDENCE:
        _refuse(f"it is larger than {bounds.EVIDENCE // 2**20} MiB")
    try:
        found = {section.name or section.number: section for section in sections(data)}
        if "core" not in found or "corestack" not in found:
            _refuse("it has no sections `core` and `corestack`")
        sizes = _each(data, found.get(5), _memory_size)
        parts: list[list[tuple[int, bytes]]] = [[] for _ in sizes]
        for number, address, content in _each(data, found.get(11), _segment):
            if number >= len(sizes) or address + len(content) > sizes[number]:
                _refuse(f"data for address {address} of memory {number} lies outside of it")
            parts[number].append((address, content))
        names = _names(data, found.get("name"))
        values = _each(data, found.get(6), _global)
        return CoreDump(
            program=_process(found["core"].reader(data)),
            build_id=_build_id(data, found.get("build_id")),
            frames=_frames(found["corestack"].reader(data)),
            memories=tuple(
                DumpedMemory(names.get((6, i)), size, _in_order(part))
                for i, (size, part) in enumerate(zip(sizes, parts, strict=True))
            ),
            numbers={names.get((7, i), f"global {i}"): value for i, value in enumerate(values)},
        )
    except MalformedError as error:
        _refuse(str(error))


def _refuse(why: str) -> NoReturn:
    said = "".join(sign if sign.isprintable() else "�" for sign in why)
    raise FormatError(f"This is no core dump: {said}.")


def _each(data: bytes, section: Section | None, read: Callable[[Reader], T]) -> list[T]:
    """What a section lists; nothing without the section."""
    if section is None:
        return []
    reader = section.reader(data)
    return reader.vector(lambda: read(reader))


def _process(reader: Reader) -> str:
    _zero(reader)
    return reader.name()


def _zero(reader: Reader) -> None:
    """The byte before whatever may get another form one day."""
    at, byte = reader.at, reader.byte()
    if byte != 0:
        raise MalformedError(f"byte {at}: {byte} where a 0 should stand")


def _build_id(data: bytes, section: Section | None) -> str | None:
    if section is None:
        return None
    reader = section.reader(data)
    return reader.take(reader.u32()).hex()


def _frames(reader: Reader) -> tuple[Frame, ...]:
    _process(reader)  # the thread's name
    return tuple(reader.vector(lambda: _frame(reader))[:_FRAMES])


def _frame(reader: Reader) -> Frame:
    _zero(reader)
    instance, index, offset = reader.u32(), reader.u32(), reader.u32()
    if instance != 0:
        raise MalformedError(f"byte {reader.at}: a frame of instance {instance}, and labkit reads dumps of one")
    for _ in range(2):  # locals, operands
        reader.vector(lambda: _skip_value(reader))
    return Frame(index, func_offset=offset)


def _skip_value(reader: Reader) -> None:
    at, kind = reader.at, reader.byte()
    if kind in (0x7F, 0x7E):
        reader.signed(32 if kind == 0x7F else 64)
    elif kind in _VALUE_SIZES:
        reader.take(_VALUE_SIZES[kind])
    elif kind != 0x01:
        raise MalformedError(f"byte {at}: no value has the type {kind}")


def _memory_size(reader: Reader) -> int:
    flags, pages = reader.byte(), reader.u64()
    if flags & 1:
        reader.u64()
    if pages * PAGE > bounds.MEMORY:
        raise MalformedError(f"byte {reader.at}: a memory of {pages} pages is larger than 4 GiB")
    return pages * PAGE


def _segment(reader: Reader) -> tuple[int, int, bytes]:
    at, flags = reader.at, reader.u32()
    if flags not in (0, 2):
        raise MalformedError(f"byte {at}: data without an address")
    memory = reader.u32() if flags == 2 else 0
    address = _constant(reader)
    if not isinstance(address, int):
        raise MalformedError(f"byte {at}: an address that is no integer")
    return memory, address % 2**32, reader.take(reader.u32())


def _global(reader: Reader) -> int | float:
    reader.take(2)
    return _constant(reader)


def _constant(reader: Reader) -> int | float:
    at, code = reader.at, reader.byte()
    value: int | float
    if code in _BITS:
        value = reader.signed(_BITS[code])
    elif code in _FLOATS:
        form = _FLOATS[code]
        (value,) = struct.unpack(form, reader.take(struct.calcsize(form)))
    else:
        raise MalformedError(f"byte {at}: no constant")
    if reader.byte() != 0x0B:
        raise MalformedError(f"byte {at}: a constant that does not end")
    return value


def _names(data: bytes, section: Section | None) -> dict[tuple[int, int], str]:
    """Names of memories and globals, by (kind, number)."""
    found: dict[tuple[int, int], str] = {}
    reader = section.reader(data) if section else Reader(b"")
    while not reader.done:
        kind = reader.byte()
        part = reader.part(reader.u32())
        if kind in (6, 7):
            for _ in range(part.u32()):
                number = part.u32()
                found[kind, number] = part.name()
    return found


def _in_order(parts: list[tuple[int, bytes]]) -> tuple[tuple[int, bytes], ...]:
    """The parts by address, neighbours joined; parts that overlap are refused."""
    joined: list[tuple[int, bytearray]] = []
    for address, content in sorted(parts, key=lambda part: part[0]):
        end = joined[-1][0] + len(joined[-1][1]) if joined else -1
        if address < end:
            raise MalformedError(f"the data for address {address} is there twice")
        if address == end:
            joined[-1][1].extend(content)
        else:
            joined.append((address, bytearray(content)))
    return tuple((address, bytes(content)) for address, content in joined)
