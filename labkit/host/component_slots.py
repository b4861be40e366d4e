"""Between plain data and the C structures of a component's values: a reader and a writer per type, made once.

What a reader gives is what `labkit.host.values.lift` makes of wasmtime-py's own value. Types that carry something
of the runtime's, such as resources, have no reader: they are left to wasmtime-py.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from struct import Struct, calcsize
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi
from wasmtime import component as c

Slot = ffi.wasmtime_component_val_t
Read = Callable[[Any], Any]
Write = Callable[[wasmtime.Store, Any, Any], None]

_NUMBERS: dict[type[c.ValType], tuple[str, Any, str]] = {
    c.Bool: ("boolean", ffi.WASMTIME_COMPONENT_BOOL, "?"),
    c.S8: ("s8", ffi.WASMTIME_COMPONENT_S8, "b"),
    c.S16: ("s16", ffi.WASMTIME_COMPONENT_S16, "h"),
    c.S32: ("s32", ffi.WASMTIME_COMPONENT_S32, "i"),
    c.S64: ("s64", ffi.WASMTIME_COMPONENT_S64, "q"),
    c.U8: ("u8", ffi.WASMTIME_COMPONENT_U8, "B"),
    c.U16: ("u16", ffi.WASMTIME_COMPONENT_U16, "H"),
    c.U32: ("u32", ffi.WASMTIME_COMPONENT_U32, "I"),
    c.U64: ("u64", ffi.WASMTIME_COMPONENT_U64, "Q"),
    c.F32: ("f32", ffi.WASMTIME_COMPONENT_F32, "f"),
    c.F64: ("f64", ffi.WASMTIME_COMPONENT_F64, "d"),
}
"""The field of each type, its kind, and how `struct` writes its values."""


def is_number(ty: c.ValType | None) -> bool:
    """Whether a value of `ty`, or no value, holds nothing that has to be freed."""
    return ty is None or type(ty) in _NUMBERS


def packing(types: Sequence[c.ValType]) -> Callable[[Any, Sequence[Any]], None] | None:
    """Puts values, as wasmtime-py takes them for `types`, into as many slots; None unless all are plain numbers.

    A 32-bit float is none: `struct` refuses one that is too large, where C makes it infinite.
    """
    if any(type(ty) is c.F32 or not is_number(ty) for ty in types):
        return None
    numbers = [_NUMBERS[type(ty)] for ty in types]
    at = Slot.of.offset
    layout = [f"B{at - 1}x{code}{ctypes.sizeof(Slot) - at - calcsize('=' + code)}x" for _, _, code in numbers]
    put = Struct("=" + "".join(layout)).pack_into
    kinds = [kind.value for _, kind, _ in numbers]

    def write(slots: Any, values: Sequence[Any]) -> None:
        put(slots, 0, *chain.from_iterable(zip(kinds, values, strict=True)))

    return write


def writer(ty: c.ValType) -> Write:
    """Puts a value, as wasmtime-py takes it for `ty`, into a slot."""
    field, kind, _ = _NUMBERS.get(type(ty), (None, None, None))
    if field is None:
        return lambda store, value, slot: ty.convert_to_c(store, value, ctypes.pointer(slot))

    def write(_store: wasmtime.Store, value: Any, slot: Any) -> None:
        slot.kind = kind
        setattr(slot.of, field, value)

    return write


def reader(ty: c.ValType) -> Read | None:
    """Makes plain data of a slot that holds a `ty`, which stays as it is; None where wasmtime-py has to do it."""
    field, _, _ = _NUMBERS.get(type(ty), (None, None, None))
    if field is not None:
        return _number(field)
    match ty:
        case c.String():
            return lambda slot: _text(slot.of.string)
        case c.Char():
            return lambda slot: chr(slot.of.character)
        case c.EnumType():
            return lambda slot: _text(slot.of.enumeration)
        case c.FlagsType():
            return lambda slot: sorted(_text(name) for name in _items(slot.of.flags))
        case c.ListType():
            return _list(ty.element)
        case c.TupleType():
            return _tuple(ty.elements)
        case c.RecordType():
            return _record(ty.fields)
        case c.VariantType():
            return _variant(ty.cases)
        case c.ResultType():
            return _result(ty.ok, ty.err)
        case c.OptionType():
            return _option(ty.payload)
    return None


def _number(field: str) -> Read:
    def read(slot: Any) -> Any:
        return getattr(slot.of, field)

    return read


def _text(name: Any) -> str:
    return ctypes.string_at(name.data, name.size).decode()


def _items(sized: Any) -> Any:
    """The elements of a C vector; its pointer leads nowhere when it is empty."""
    return sized.data[: sized.size] if sized.size else ()


def _nothing(_slot: Any) -> None:
    """Reads a case or a result that carries nothing."""


def _all(types: Iterable[c.ValType | None]) -> list[Read] | None:
    """A reader for each type; no list at all if one of them has none."""
    readers = [_nothing if ty is None else reader(ty) for ty in types]
    return [read for read in readers if read is not None] if all(readers) else None


def _list(element: c.ValType) -> Read | None:
    read_one = reader(element)
    if read_one is None:
        return None
    made: Callable[[Any], Any] = bytes if isinstance(element, c.U8) else list

    def read(slot: Any) -> Any:
        return made(read_one(item) for item in _items(slot.of.list))

    return read


def _tuple(elements: Sequence[c.ValType]) -> Read | None:
    readers = _all(elements)
    if readers is None:
        return None

    def read(slot: Any) -> list[Any]:
        return [read_one(item) for read_one, item in zip(readers, _items(slot.of.tuple), strict=True)]

    return read


def _record(fields: Sequence[tuple[str, c.ValType]]) -> Read | None:
    readers = _all(ty for _, ty in fields)
    if readers is None:
        return None
    named = [(name, read) for (name, _), read in zip(fields, readers, strict=True)]

    def read(slot: Any) -> dict[str, Any]:
        entries = _items(slot.of.record)
        return {name: read_one(entry.val) for (name, read_one), entry in zip(named, entries, strict=True)}

    return read


def _variant(cases: Sequence[tuple[str, c.ValType | None]]) -> Read | None:
    readers = _all(ty for _, ty in cases)
    if readers is None:
        return None
    carrying = {name: read for (name, ty), read in zip(cases, readers, strict=True) if ty is not None}

    def read(slot: Any) -> Any:
        variant = slot.of.variant
        name = _text(variant.discriminant)
        return {name: carrying[name](variant.val.contents)} if name in carrying else name

    return read


def _result(ok: c.ValType | None, err: c.ValType | None) -> Read | None:
    readers = _all((ok, err))
    if readers is None:
        return None
    read_ok, read_err = readers

    def read(slot: Any) -> dict[str, Any]:
        result = slot.of.result
        name, read_one = ("ok", read_ok) if result.is_ok else ("err", read_err)
        return {name: read_one(result.val.contents) if result.val else None}

    return read


def _option(payload: c.ValType) -> Read | None:
    read_some = reader(payload)
    if read_some is None:
        return None
    nested = isinstance(payload, c.OptionType)

    def read(slot: Any) -> Any:
        if not slot.of.option:
            return None
        some = read_some(slot.of.option.contents)
        return {"some": some} if nested else some

    return read
