"""Components, asynchronously: futures of calls and instantiations, and imports that coroutines answer."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import byref
from typing import Any

import wasmtime
from wasmtime import _bindings as bindings
from wasmtime import _ffi as ffi
from wasmtime import component as c

from labkit.host import async_api
from labkit.host.future import Future
from labkit.host.host_tasks import HostTasks, abandon


def call(store: wasmtime.Store, function: c.Func, ty: c.FuncType, args: list[Any]) -> Future:
    """The future of a call, with arguments as wasmtime-py takes them; its result is as wasmtime-py gives it."""
    params = (ffi.wasmtime_component_val_t * len(args))()
    of = ty.result
    results = (ffi.wasmtime_component_val_t * (of is not None))()
    error, _ = async_api.fault_slots()

    def free() -> None:
        # One that has not been filled in is a bool, with nothing to free.
        for slot in params:
            bindings.wasmtime_component_val_delete(byref(slot))

    try:
        for i, ((_, param), value) in enumerate(zip(ty.params, args, strict=True)):
            param.convert_to_c(store, value, ctypes.pointer(params[i]))
    except BaseException:
        free()
        raise

    def result() -> Any:
        async_api.raise_fault(error)
        return None if of is None else of.convert_from_c(results[0])

    pointer = async_api.component_call(store, function._func, params, results, error)
    return Future(pointer, result, free, store, function, params, results, error)


def instantiate(linker: c.Linker, store: wasmtime.Store, component: c.Component) -> Future:
    """The future of an instantiation; its result is the instance."""
    instance = ffi.wasmtime_component_instance_t()
    error, _ = async_api.fault_slots()

    def result() -> c.Instance:
        async_api.raise_fault(error)
        return c.Instance._from_raw(instance)

    pointer = async_api.component_instantiate(linker, store, component, instance, error)
    return Future(pointer, result, lambda: None, linker, store, component, instance, error)


def define(
    linker: c.LinkerInstance,
    path: str,
    ty: c.FuncType,
    lift: Callable[[tuple[Any, ...]], tuple[Any, ...]],
    finish: Callable[[Any], Any],
    tasks: HostTasks,
) -> Any:
    """Have a coroutine answer the import at `path`. Keep the result referenced for as long as the linker."""
    params = [param for _, param in ty.params]
    of = ty.result

    def body(
        _env: Any, _context: Any, _type: Any, args: Any, _: int, results: Any, __: int, error: Any, goes_on: Any
    ) -> None:
        started = False
        entry = tasks.running

        def deliver(lowered: Any) -> None:
            if of is not None:
                of.convert_to_c(entry.host.raw, lowered, results)

        def fail(message: str) -> bool:
            if started:
                # The runtime has looked for an error already, and would take none for a result.
                return abandon(entry)
            error[0] = async_api.new_error(message)
            return True

        try:
            given = lift(tuple(param.convert_from_c(args[i]) for i, param in enumerate(params)))
        except Exception as problem:
            goes_on[0] = tasks.refuse(problem, path, fail)
            return
        goes_on[0] = tasks.answer(path, given, finish, deliver, fail)
        started = True

    return async_api.component_define(linker, path.rpartition("#")[2], body)
