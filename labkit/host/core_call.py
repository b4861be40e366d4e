"""Calls of core functions on numbers, with types that are looked up once and not for every call.

wasmtime-py asks for a function's type, and converts by it, whenever the function is called: some 18 µs of Python
around a fifth of a microsecond of work. This is the C function behind it. What wasmtime-py does besides is done
here too: its own exceptions are raised, and what a callback left behind for the caller comes before them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_size_t, c_void_p
from itertools import chain
from struct import Struct, calcsize
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi
from wasmtime import _func as functions

from labkit.host import versions

_NUMBERS = {
    "i32": (ffi.WASMTIME_I32.value, "i"),
    "i64": (ffi.WASMTIME_I64.value, "q"),
    "f32": (ffi.WASMTIME_F32.value, "f"),
    "f64": (ffi.WASMTIME_F64.value, "d"),
}
"""The kind of each type, and how `struct` writes its values."""

_TrapSlot = POINTER(ffi.wasm_trap_t)

CoreCall = Callable[[Sequence[Any]], Any]
"""Calls with arguments as wasmtime-py takes them; gives what wasmtime-py would give."""


def numeric_call(store: wasmtime.Store, function: wasmtime.Func, ty: wasmtime.FuncType) -> CoreCall | None:
    """The call of a function of numbers in `store`; None for one with references, which are left to wasmtime-py.

    Raises as `wasmtime.Func.__call__` does. Whoever calls sees to it that the store is open and that threads take
    turns in it.
    """
    params, results = [str(ty) for ty in ty.params], [str(ty) for ty in ty.results]
    if not _NUMBERS.keys() >= {*params, *results}:
        return None
    enter = versions.c_function(
        "wasmtime_func_call",
        POINTER(ffi.wasmtime_error_t),
        *(c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p),
    )
    context = ctypes.addressof(versions.context(store).contents)
    function_at = byref(function._func)
    # The runtime copies the arguments before it enters the guest, and leaves the results when the guest is done:
    # a host function may make the same call in between.
    given, got = (ffi.wasmtime_val_t * len(params))(), (ffi.wasmtime_val_t * len(results))()
    put = Struct("=" + "".join(f"B{_slot(name, 1)}" for name in params)).pack_into
    take = Struct("=" + "".join(_slot(name, 0) for name in results)).unpack_from
    kinds = [_NUMBERS[name][0] for name in params]
    narrow = "f32" in params

    def call(args: Sequence[Any]) -> Any:
        trap = _TrapSlot()
        values = _narrow(params, args) if narrow else args
        put(given, 0, *chain.from_iterable(zip(kinds, values, strict=True)))
        error = enter(context, function_at, given, len(given), got, len(got), byref(trap))
        if error or trap:
            _fail(error, trap)
        answers = take(got)
        return answers[0] if len(answers) == 1 else list(answers) or None

    return call


def _slot(name: str, after: int) -> str:
    """The layout of a slot from its byte `after` on, for `struct`."""
    code = _NUMBERS[name][1]
    at = ffi.wasmtime_val_t.of.offset
    return f"{at - after}x{code}{ctypes.sizeof(ffi.wasmtime_val_t) - at - calcsize('=' + code)}x"


def _narrow(params: Sequence[str], args: Sequence[Any]) -> list[Any]:
    """What is too large for a 32-bit float becomes infinite, as in C; `struct` would refuse it."""
    return [
        ctypes.c_float(value).value if name == "f32" else value for name, value in zip(params, args, strict=True)
    ]


def _fail(error: Any, trap: Any) -> None:
    made = wasmtime.Trap._from_ptr(trap) if trap else wasmtime.WasmtimeError._from_ptr(error)
    left, functions.LAST_EXCEPTION = functions.LAST_EXCEPTION, None
    raise left or made
