"""Numbers as the C API lays them out, packed and checked once, before anything is timed."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.errors import ArgumentError

# A `wasmtime_val_raw_t` is a union of 16 bytes.
_CORE = {"i32": "i12x", "i64": "q8x", "f32": "f12x", "f64": "d8x"}
# A `wasmtime_component_val_t` is its kind, seven bytes of nothing, and a union of 24 bytes.
_COMPONENT = {
    "bool": (0, "?23x"),
    "s8": (1, "b23x"),
    "u8": (2, "B23x"),
    "s16": (3, "h22x"),
    "u16": (4, "H22x"),
    "s32": (5, "i20x"),
    "u32": (6, "I20x"),
    "s64": (7, "q16x"),
    "u64": (8, "Q16x"),
    "f32": (9, "f20x"),
    "f64": (10, "d16x"),
}

CORE_SIZE, COMPONENT_SIZE = 16, 32
"""Bytes of one value."""


@dataclass(frozen=True)
class Values:
    """`given`: the arguments as they are passed. `slots`: values that there must be room for. `decode`: what a
    buffer holds after a call. `owned`: the result holds memory that is freed after each call.
    """

    given: bytes
    slots: int
    decode: Callable[[bytes], Any]
    owned: bool = False


def core_values(where: str, params: Sequence[str], results: Sequence[str], args: Sequence[Any]) -> Values:
    """Values for a core function; raises `ArgumentError` for other types than numbers, or if `args` do not fit."""
    layout = "=" + "".join(_format(where, _CORE, ty) for ty in params)
    given = _packed(where, layout, params, args, args)
    read = "=" + "".join(_format(where, _CORE, ty) for ty in results)
    return Values(given, max(len(params), len(results)), lambda data: _one(struct.unpack_from(read, data)))


def component_values(where: str, params: Sequence[str], result: str | None, args: Sequence[Any]) -> Values:
    """Values for a component's function, whose result may be of any type: `decode` gives numbers, None for others.

    Raises `ArgumentError` for parameters that are no numbers, or if `args` do not fit.
    """
    layout = "=" + "".join("B7x" + _format(where, _COMPONENT, ty)[1] for ty in params)
    kinds = [_COMPONENT[ty][0] for ty in params]
    given = _packed(
        where, layout, params, args, [part for pair in zip(kinds, args, strict=False) for part in pair]
    )
    if result is None:
        return Values(given, 0, lambda _data: None)
    if result not in _COMPONENT:
        return Values(given, 1, lambda _data: None, owned=True)
    read = "=8x" + _COMPONENT[result][1]
    return Values(given, 1, lambda data: _one(struct.unpack_from(read, data)))


def _format(where: str, known: dict[str, Any], ty: str) -> Any:
    if ty not in known:
        raise ArgumentError(f"The native path passes numbers only, and {where} takes or gives something else.")
    return known[ty]


def _packed(where: str, layout: str, params: Sequence[str], args: Sequence[Any], parts: Sequence[Any]) -> bytes:
    if len(args) != len(params):
        many = f"{len(params)} argument{'' if len(params) == 1 else 's'}"
        raise ArgumentError(f"{where} takes {many}, not {len(args)}.")
    try:
        return struct.pack(layout, *parts)
    except (struct.error, OverflowError, TypeError):
        raise ArgumentError(f"{where} takes ({', '.join(params)}), not {tuple(args)!r}.") from None


def _one(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 else values or None
