"""Reads WebAssembly binaries section by section, as far as evidence needs it.

A core module is a header and sections; a component has sections too, and in some of them whole core modules and
components. Nothing here is compiled or run, so a file from a stranger costs no more than reading it.
https://webassembly.github.io/spec/core/binary/modules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from labkit import bounds
from labkit.errors import FormatError

T = TypeVar("T")

MODULE = b"\0asm\x01\0\0\0"
COMPONENT = b"\0asm\x0d\0\x01\0"

CUSTOM = 0
# In a component, the sections that hold whole binaries.
_CORE_MODULE, _COMPONENT = 1, 4


class MalformedError(FormatError):
    """Bytes that are not what the format says; the text is a clause that names the place."""


class Reader:
    """Takes values from `data`, from `at` to `end`; whatever is not there raises `MalformedError`."""

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end

    @property
    def done(self) -> bool:
        """Whether everything has been taken."""
        return self.at >= self.end

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > self.end - self.at:
            cut = "; the file is cut off" if self.end == len(self.data) else ""
            raise MalformedError(
                f"byte {self.at} and after: {size} bytes should follow, not {self.end - self.at}{cut}"
            )
        self.at += size
        return self.data[self.at - size : self.at]

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def u32(self) -> int:
        """An unsigned LEB128 number of at most 32 bits."""
        return self._leb(32, signed=False)

    def u64(self) -> int:
        """An unsigned LEB128 number of at most 64 bits."""
        return self._leb(64, signed=False)

    def signed(self, bits: int) -> int:
        """A signed LEB128 number of at most `bits` bits."""
        return self._leb(bits, signed=True)

    def _leb(self, bits: int, *, signed: bool) -> int:
        start, value = self.at, 0
        for shift in range(0, bits, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if signed and byte & 0x40:
                    value -= 1 << (shift + 7)
                low, high = (-(1 << (bits - 1)), 1 << (bits - 1)) if signed else (0, 1 << bits)
                if low <= value < high:
                    return value
                break
        raise MalformedError(f"byte {start}: a number does not fit in {bits} bits")

    def name(self) -> str:
        """A length and so many bytes of UTF-8."""
        start = self.at
        data = self.take(self.u32())
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedError(f"byte {start}: a name is not UTF-8") from None

    def vector(self, read: Callable[[], T]) -> list[T]:
        """A length and so many values, each of which takes at least a byte."""
        start, length = self.at, self.u32()
        if length > self.end - self.at:
            raise MalformedError(f"byte {start}: {length} entries cannot fit in {self.end - self.at} bytes")
        return [read() for _ in range(length)]

    def part(self, size: int) -> Reader:
        """A reader of the next `size` bytes, which are taken here."""
        start = self.at
        self.take(size)
        return Reader(self.data, start, self.at)


@dataclass(frozen=True)
class Section:
    """A section of `data`: `start` is where its number stands, its content goes from `content` to `end`.

    `name` is that of a custom section, whose content begins behind it.
    """

    number: int
    name: str | None
    start: int
    content: int
    end: int

    def reader(self, data: bytes) -> Reader:
        """A reader of the content."""
        return Reader(data, self.content, self.end)


def is_component(data: bytes, at: int = 0) -> bool:
    """Whether a component begins at `at`; raises `MalformedError` for what is no core module either."""
    header = data[at : at + 8]
    if header not in (MODULE, COMPONENT):
        raise MalformedError(f"byte {at}: no header of a core module or a component")
    return header == COMPONENT


def sections(data: bytes, at: int = 0, end: int | None = None) -> Iterator[Section]:
    """The sections of the core module or component that lies from `at` to `end`."""
    is_component(data, at)
    reader = Reader(data, at + 8, end)
    while not reader.done:
        start, number = reader.at, reader.byte()
        content = reader.part(reader.u32())
        name = content.name() if number == CUSTOM else None
        yield Section(number, name, start, content.at, content.end)


def places(data: bytes, at: int = 0, end: int | None = None, depth: int = 0) -> Iterator[tuple[int, int, int]]:
    """Where each binary begins and ends and how deep it is nested: the whole first, then what lies in it."""
    end = len(data) if end is None else end
    if depth > bounds.DEPTH:
        raise MalformedError(f"byte {at}: components are nested deeper than {bounds.DEPTH}")
    yield at, end, depth
    if is_component(data, at):
        for section in sections(data, at, end):
            if section.number in (_CORE_MODULE, _COMPONENT):
                yield from places(data, section.content, section.end, depth + 1)


def core_modules(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each core module of a binary begins and ends, in the order of the file; nested ones too."""
    return ((at, end) for at, end, _ in places(data) if not is_component(data, at))


def without(data: bytes, drop: Callable[[str], bool], at: int = 0, end: int | None = None) -> bytes:
    """The binary without the custom sections that `drop` names, in nested modules and components too."""
    end = len(data) if end is None else end
    component = is_component(data, at)
    parts = [data[at : at + 8]]
    for section in sections(data, at, end):
        if component and section.number in (_CORE_MODULE, _COMPONENT):
            inner = without(data, drop, section.content, section.end)
            parts.append(bytes([section.number]) + leb(len(inner)) + inner)
        elif section.name is None or not drop(section.name):
            parts.append(data[section.start : section.end])
    return b"".join(parts)


def leb(number: int) -> bytes:
    """A number of at least 0 in LEB128."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def signed_leb(number: int) -> bytes:
    """A number in signed LEB128."""
    out = bytearray()
    while not -0x40 <= number < 0x40:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number & 0x7F])
