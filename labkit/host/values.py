"""What components take and give, as plain data and back.

Plain data is what a trace can hold and JSON can carry: None, bool, int, float, str, bytes, list, dict.

| component type | plain data |
| --- | --- |
| bool, integers, floats, char, string | bool, int, float, str |
| list, tuple | list; `list<u8>` is bytes |
| record, map | dict |
| variant | `"case"` or `{"case": payload}` |
| enum | str |
| flags | sorted list of str |
| option | None or the value; `{"some": …}` where the payload is an option itself |
| result | `{"ok": …}` or `{"err": …}` |
| own, borrow | `Handle` |

Core modules take and give integers and floats. The types are those of the component model's
[canonical ABI](https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md);
`labkit.host.plain` has the part that needs no components.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wasmtime import component as c

from labkit.errors import ArgumentError
from labkit.host.component_types import type_name
from labkit.host.handles import Handles
from labkit.host.plain import FLOAT_WORDS, short
from labkit.host.shape import INTEGERS

_INTEGERS: dict[type[c.ValType], str] = {
    ty: ty.__name__.lower() for ty in (c.S8, c.S16, c.S32, c.S64, c.U8, c.U16, c.U32, c.U64)
}
_AS_IT_IS: dict[type[c.ValType], type] = {c.Bool: bool, c.F32: float, c.F64: float, c.String: str}


def lift(ty: c.ValType, value: Any, handles: Handles) -> Any:
    """Plain data for a value that wasmtime-py produced for `ty`."""
    match ty:
        case c.ListType():
            element = ty.element
            return value if isinstance(value, bytes) else [lift(element, v, handles) for v in value]
        case c.TupleType():
            return [lift(t, v, handles) for t, v in zip(ty.elements, value, strict=True)]
        case c.RecordType():
            return {name: lift(t, getattr(value, name), handles) for name, t in ty.fields}
        case c.FlagsType():
            return sorted(value)
        case c.OwnType() | c.BorrowType():
            return handles.add(value)
        case c.VariantType():
            name, inner = _case_of(ty.cases, value)
            return name if inner is None else {name: lift(inner, _payload(value), handles)}
        case c.ResultType():
            name, inner = _case_of([("ok", ty.ok), ("err", ty.err)], value)
            return {name: None if inner is None else lift(inner, _payload(value), handles)}
        case c.OptionType():
            name, inner = _case_of([("none", None), ("some", ty.payload)], value)
            if inner is None:
                return None
            some = lift(inner, _payload(value), handles)
            return {"some": some} if isinstance(inner, c.OptionType) else some
    return value


def _payload(value: Any) -> Any:
    return value.payload if isinstance(value, c.Variant) else value


def _case_of(cases: list[tuple[str, c.ValType | None]], value: Any) -> tuple[str, c.ValType | None]:
    """Which case wasmtime-py meant: it leaves the tag out wherever the Python classes differ."""
    if isinstance(value, c.Variant) and _tagged(cases):
        return next((name, ty) for name, ty in cases if name == value.tag)
    return next((name, ty) for name, ty in cases if type(value) in _classes(ty))


def _classes(ty: c.ValType | None) -> set[type]:
    classes: set[type] = set()
    if ty is None:
        return {type(None)}
    ty.add_classes(classes)
    return {type(None) if cls is object else cls for cls in classes}


def _tagged(cases: list[tuple[str, c.ValType | None]]) -> bool:
    seen: set[type] = set()
    for _, ty in cases:
        classes = _classes(ty)
        if classes & seen:
            return True
        seen |= classes
    return False


def lowering(ty: c.ValType, where: str) -> Callable[[Any, Handles], Any]:
    """`lower` for one parameter, which is quick about a value that fits as it is."""
    if type(ty) in _INTEGERS:
        low, high = INTEGERS[_INTEGERS[type(ty)]]

        def lower_integer(value: Any, handles: Handles) -> Any:
            if type(value) is int and low <= value <= high:
                return value
            return lower(ty, value, handles, where)

        return lower_integer
    fitting = _AS_IT_IS.get(type(ty))

    def lower_one(value: Any, handles: Handles) -> Any:
        return value if type(value) is fitting else lower(ty, value, handles, where)

    return lower_one


def lower(ty: c.ValType, value: Any, handles: Handles, where: str) -> Any:
    """What wasmtime-py takes for `ty`; raises `ArgumentError`, naming `where`, if `value` does not fit."""

    def refuse(because: str = "") -> ArgumentError:
        reason = f" ({because})" if because else ""
        return ArgumentError(f"{where} takes {type_name(ty)}, not {short(value)}{reason}.")

    if type(ty) in _INTEGERS:
        low, high = INTEGERS[_INTEGERS[type(ty)]]
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse()
        if not low <= value <= high:
            raise refuse(f"the range is {low} to {high}")
        return value
    match ty:
        case c.Bool():
            if not isinstance(value, bool):
                raise refuse()
            return value
        case c.F32() | c.F64():
            return _lower_float(value, refuse)
        case c.Char():
            if not isinstance(value, str) or len(value) != 1:
                raise refuse("one character")
            return value
        case c.String():
            if not isinstance(value, str):
                raise refuse()
            return value
        case c.EnumType():
            if value not in ty.names:
                raise refuse()
            return value
        case c.FlagsType():
            return _lower_flags(ty, value, refuse)
        case c.ListType():
            return _lower_list(ty, value, handles, where, refuse)
        case c.TupleType():
            elements = ty.elements
            if not isinstance(value, list | tuple) or len(value) != len(elements):
                raise refuse()
            pairs = enumerate(zip(elements, value, strict=True))
            return tuple(lower(t, v, handles, f"{where}[{i}]") for i, (t, v) in pairs)
        case c.RecordType():
            return _lower_record(ty, value, handles, where, refuse)
        case c.VariantType():
            return _lower_case(ty.cases, value, handles, where, refuse)
        case c.ResultType():
            return _lower_case([("ok", ty.ok), ("err", ty.err)], value, handles, where, refuse)
        case c.OptionType():
            return _lower_option(ty, value, handles, where, refuse)
        case c.OwnType() | c.BorrowType():
            return handles.find(value, refuse)
    raise ArgumentError(f"{where} takes {type_name(ty)}, which wasmtime-py cannot convert yet.")


def _lower_float(value: Any, refuse: Callable[..., ArgumentError]) -> float:
    if isinstance(value, str) and value in FLOAT_WORDS:
        return FLOAT_WORDS[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse()
    try:
        return float(value)
    except OverflowError:
        raise refuse("no float is as large") from None


def _lower_flags(ty: c.FlagsType, value: Any, refuse: Callable[..., ArgumentError]) -> set[str]:
    if not isinstance(value, list | tuple | set | frozenset) or not all(name in ty.names for name in value):
        raise refuse()
    return set(value)


def _lower_list(
    ty: c.ListType, value: Any, handles: Handles, where: str, refuse: Callable[..., ArgumentError]
) -> Any:
    element = ty.element
    if isinstance(element, c.U8):
        if isinstance(value, bytes | bytearray):
            return bytes(value)
        if isinstance(value, dict) and isinstance(value.get("bytes"), str):
            try:
                return bytes.fromhex(value["bytes"])
            except ValueError:
                raise refuse("two hexadecimal digits per byte") from None
    if not isinstance(value, list | tuple):
        raise refuse()
    items = [lower(element, v, handles, f"{where}[{i}]") for i, v in enumerate(value)]
    return bytes(items) if isinstance(element, c.U8) else items


def _lower_record(
    ty: c.RecordType, value: Any, handles: Handles, where: str, refuse: Callable[..., ArgumentError]
) -> c.Record:
    fields = ty.fields
    if not isinstance(value, dict) or set(value) != {name for name, _ in fields}:
        raise refuse("a dict with exactly these fields")
    record = c.Record()
    for name, field_ty in fields:
        setattr(record, name, lower(field_ty, value[name], handles, f"{where}.{name}"))
    return record


def _lower_option(
    ty: c.OptionType, value: Any, handles: Handles, where: str, refuse: Callable[..., ArgumentError]
) -> Any:
    payload = ty.payload
    nested = isinstance(payload, c.OptionType)
    if value is not None and not nested:
        value = {"some": value}
    return _lower_case(
        [("none", None), ("some", payload)], "none" if value is None else value, handles, where, refuse
    )


def _lower_case(
    cases: list[tuple[str, c.ValType | None]],
    value: Any,
    handles: Handles,
    where: str,
    refuse: Callable[..., ArgumentError],
) -> Any:
    if isinstance(value, str):
        name, payload = value, None
    elif isinstance(value, dict) and len(value) == 1:
        ((name, payload),) = value.items()
    else:
        raise refuse()
    named = dict(cases)
    if name not in named:
        raise refuse()
    inner = named[name]
    if inner is None and payload is not None:
        raise refuse(f"{name} carries nothing")
    lowered = None if inner is None else lower(inner, payload, handles, f"{where}.{name}")
    if _tagged(cases):
        return c.Variant(name, lowered)
    # Without a tag wasmtime-py takes the first case whose class fits, and to Python True is an int.
    taken = next(other for other, ty in cases if isinstance(lowered, tuple(_classes(ty))))
    if taken != name:
        raise refuse(f"wasmtime-py would pass {name} as {taken}")
    return lowered
