"""Calls of a component's functions, with types that are looked up once and not for every call.

As `labkit.host.core_call`. wasmtime-py gives a value of its own classes, from which plain data is made; here plain
data is made from what the runtime gave, by a reader for each type (see `labkit.host.component_slots`).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_size_t, c_void_p
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi
from wasmtime import component as c
from wasmtime.component import _enter as functions

from labkit.host import versions
from labkit.host.component_slots import Slot, is_number, packing, reader, writer
from labkit.host.values import lowering

ComponentCall = Callable[[Sequence[Any]], Any]
"""Calls with arguments as wasmtime-py takes them; gives plain data."""


class ComponentSignature:
    """The type of the function at `path`, the same in all of its instances.

    `lowers` checks an argument for each parameter and makes what wasmtime-py takes; `may_fail`: its result is one.
    """

    def __init__(self, path: str, ty: c.FuncType) -> None:
        self.path = path
        self.ty = ty
        params = ty.params
        self.lowers = [lowering(param, f"{path}: `{name}`") for name, param in params]
        self.result = ty.result
        self.may_fail = isinstance(self.result, c.ResultType)
        self.asynchronous = versions.is_async_function(ty)
        self._pack = packing([param for _, param in params])
        self._writers = [writer(param) for _, param in params]
        self._read = None if self.result is None else reader(self.result)

    def call(self, store: wasmtime.Store, function: c.Func) -> ComponentCall | None:
        """The call of `function` in `store`; None where its result is left to wasmtime-py.

        Raises as `wasmtime.component.Func.__call__` does. Whoever calls sees to it that the store is open and that
        threads take turns in it.
        """
        if self._read is None and self.result is not None:
            return None
        enter = versions.c_function(
            "wasmtime_component_func_call",
            POINTER(ffi.wasmtime_error_t),
            *(c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t),
        )
        delete = versions.c_function("wasmtime_component_val_delete", None, c_void_p)
        context = ctypes.addressof(versions.context(store).contents)
        function_at, read, pack, writers = byref(function._func), self._read, self._pack, self._writers
        count, results, owning = len(writers), int(read is not None), not is_number(self.result)
        slots_type = Slot * count
        numbers = slots_type()

        def call_with(slots: Any) -> Any:
            result = Slot()
            error = enter(function_at, context, slots, count, byref(result), results)
            if error:
                _fail(error)
            try:
                return None if read is None else read(result)
            finally:
                if owning:
                    delete(byref(result))

        def call_with_numbers(args: Sequence[Any]) -> Any:
            # The runtime copies the arguments before it enters the guest, so a host function may call this again.
            assert pack is not None
            pack(numbers, args)
            return call_with(numbers)

        def call(args: Sequence[Any]) -> Any:
            # Slots of its own for each call, because what they hold is freed after it. One that has not been
            # filled in is a bool, with nothing to free.
            slots = slots_type()
            try:
                for slot, write, value in zip(slots, writers, args, strict=True):
                    write(store, value, slot)
                return call_with(slots)
            finally:
                for slot in slots:
                    delete(byref(slot))

        return call if pack is None else call_with_numbers


def _fail(error: Any) -> None:
    made = wasmtime.WasmtimeError._from_ptr(error)
    left, functions.LAST_EXCEPTION = functions.LAST_EXCEPTION, None
    raise left or made
