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
from labkit.host.component_slots import Slot, reader, writer

ComponentCall = Callable[[Sequence[Any]], Any]
"""Calls with arguments as wasmtime-py takes them; gives plain data."""


class ComponentSignature:
    """The type of the function at `path`, the same in all of its instances.

    `params` has each parameter's type after the words by which an error names it; `may_fail`: its result is one.
    """

    def __init__(self, path: str, ty: c.FuncType) -> None:
        self.path = path
        self.ty = ty
        self.params = [(f"{path}: `{name}`", param) for name, param in ty.params]
        self.result = ty.result
        self.may_fail = isinstance(self.result, c.ResultType)
        self.asynchronous = versions.is_async_function(ty)
        self._writers = [writer(param) for _, param in self.params]
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
        called, read, writers = function._func, self._read, self._writers
        count, results = len(writers), int(read is not None)
        slots_type = Slot * count

        def call(args: Sequence[Any]) -> Any:
            # Of its own for each call: a host function may call the same one again meanwhile, and what is in them
            # is freed afterwards. One that has not been filled in is a bool, with nothing to free.
            slots, result = slots_type(), Slot()
            try:
                for slot, write, value in zip(slots, writers, args, strict=True):
                    write(store, value, slot)
                error = enter(byref(called), context, slots, count, byref(result), results)
                if error:
                    _fail(error)
                return None if read is None else read(result)
            finally:
                for slot in slots:
                    delete(byref(slot))
                delete(byref(result))

        return call


def _fail(error: Any) -> None:
    made = wasmtime.WasmtimeError._from_ptr(error)
    left, functions.LAST_EXCEPTION = functions.LAST_EXCEPTION, None
    raise left or made
