"""Writes what a trap leaves of a core instance into one file: its frames, memories and globals.

The format is that of WebAssembly's tool conventions (Coredump.md), in the version with `coremodules` and
`coreinstances`: a WebAssembly binary with custom sections, that nobody instantiates. Three things are up to
whoever writes one: memory is there as far as it is not zero, locals and operands are missing because Wasmtime does
not hand them out, and two more custom sections say what the conventions leave open, `build_id` (whose SHA-256 of
the code section it is, where the linker gave none) and `name` (what the program exports the memories and globals
as).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import wasmtime

from labkit.errors import ClosedError, LabkitError
from labkit.host import Frame, Instance, Outcome
from labkit.inspect.binary import MODULE, leb, signed_leb
from labkit.inspect.symbols import build_ids

PAGE = 65536
"""Bytes of a page of linear memory."""

_CHUNK = 4096
_MEMORY_SECTION, _GLOBAL_SECTION, _DATA_SECTION = 5, 6, 11
_NAME_OF_MODULE, _NAMES_OF_MEMORIES, _NAMES_OF_GLOBALS = 0, 6, 7
_END = b"\x0b"

# By type: its byte, the instruction of a constant, and how that has its value.
_NUMBERS: Final[Mapping[str, tuple[int, int, Callable[[Any], bytes]]]] = {
    "i32": (0x7F, 0x41, signed_leb),
    "i64": (0x7E, 0x42, signed_leb),
    "f32": (0x7D, 0x43, lambda value: struct.pack("<f", value)),
    "f64": (0x7C, 0x44, lambda value: struct.pack("<d", value)),
}


def core_dump(instance: Instance, outcome: Outcome) -> bytes:
    """A core dump of an instance of a core module, with the frames of `outcome`.

    It has the memories and globals that the program exports; nobody can read the others. Raises `LabkitError` for
    a component and for an instance that never came to be, `ClosedError` when its store is closed.
    """
    check_readable(instance)
    store, program = instance.store.raw, instance.program
    externs = instance.externs()
    memories = {name: item for name, item in externs.items() if isinstance(item, wasmtime.Memory)}
    numbers = {name: item for name, item in externs.items() if _is_number(item, store)}
    (build_id,) = build_ids(program)
    every = range(len(memories)), range(len(numbers))
    module = _vector([b"\0" + _text(program.name)])
    around = _vector([b"\0" + leb(0) + _vector([leb(i) for i in every[0]]) + _vector([leb(i) for i in every[1]])])
    return b"".join(
        [
            MODULE,
            _custom("core", b"\0" + _text(program.name)),
            _custom("coremodules", module),
            _custom("coreinstances", around),
            _custom("corestack", b"\0" + _text("main") + _vector([_frame(frame) for frame in outcome.frames])),
            _custom("build_id", _sized(bytes.fromhex(build_id))),
            _section(_MEMORY_SECTION, _vector([_memory(memory, store) for memory in memories.values()])),
            _section(_GLOBAL_SECTION, _vector([_global(number, store) for number in numbers.values()])),
            _section(_DATA_SECTION, _vector(list(_segments(list(memories.values()), store)))),
            _custom("name", _names(program.name, list(memories), list(numbers))),
        ]
    )


def check_readable(instance: Instance) -> None:
    """Raise `LabkitError` for an instance into whose memory the host cannot look."""
    program = instance.program
    if program.kind == "component":
        raise LabkitError(
            f"{program.name} is a component, and of a component only the frames can be had: its memories and "
            "globals belong to the core instances inside, to which Wasmtime gives the host no access."
        )
    if instance.store.closed:
        raise ClosedError(
            f"The memory of instance {instance.number} went with store {instance.store.number}, which is closed; "
            "look at it before closing."
        )
    if not instance.outcome.ok:
        raise LabkitError(f"{program.name} was never instantiated: instance {instance.number} has no memory.")


def _is_number(item: object, store: wasmtime.Store) -> bool:
    return isinstance(item, wasmtime.Global) and str(item.type(store).content) in _NUMBERS


def _frame(frame: Frame) -> bytes:
    nothing = _vector([])
    return b"\0" + leb(0) + leb(frame.func_index) + leb(frame.func_offset) + nothing + nothing


def _memory(memory: wasmtime.Memory, store: wasmtime.Store) -> bytes:
    return bytes([4 if memory.type(store).is_64 else 0]) + leb(memory.size(store))


def _global(item: wasmtime.Global, store: wasmtime.Store) -> bytes:
    kind, const, encode = _NUMBERS[str(item.type(store).content)]
    return bytes([kind, 0, const]) + encode(item.value(store)) + _END


def _segments(memories: Sequence[wasmtime.Memory], store: wasmtime.Store) -> Iterator[bytes]:
    for number, memory in enumerate(memories):
        target = b"\0" if number == 0 else b"\2" + leb(number)
        const = 0x42 if memory.type(store).is_64 else 0x41
        for start, data in _written(memory_bytes(memory, store)):
            # An i32 constant has a sign, and an address of the upper half stands for a negative one.
            address = start - 2**32 if const == 0x41 and start >= 2**31 else start
            yield target + bytes([const]) + signed_leb(address) + _END + _sized(data)


def memory_bytes(memory: wasmtime.Memory, store: wasmtime.Store) -> bytes:
    """All of a memory, copied."""
    return bytes(memory.get_buffer_ptr(store))


def _written(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of a memory that are not all zero, with their addresses."""
    nothing = bytes(_CHUNK)
    start: int | None = None
    for at in range(0, len(data) + 1, _CHUNK):
        used = at < len(data) and data[at : at + _CHUNK] != nothing
        if used and start is None:
            start = at
        elif not used and start is not None:
            yield start, data[start:at]
            start = None


def _names(program: str, memories: Sequence[str], numbers: Sequence[str]) -> bytes:
    def listed(number: int, names: Sequence[str]) -> bytes:
        return bytes([number]) + _sized(_vector([leb(i) + _text(name) for i, name in enumerate(names)]))

    own = bytes([_NAME_OF_MODULE]) + _sized(_text(program))
    return own + listed(_NAMES_OF_MEMORIES, memories) + listed(_NAMES_OF_GLOBALS, numbers)


def _text(text: str) -> bytes:
    return _sized(text.encode())


def _sized(data: bytes) -> bytes:
    return leb(len(data)) + data


def _vector(items: Sequence[bytes]) -> bytes:
    return leb(len(items)) + b"".join(items)


def _section(number: int, content: bytes) -> bytes:
    return bytes([number]) + _sized(content)


def _custom(name: str, content: bytes) -> bytes:
    return _section(0, _text(name) + content)
