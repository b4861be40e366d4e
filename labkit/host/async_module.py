"""Core modules, asynchronously: futures of calls and instantiations, and imports that coroutines answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi

from labkit.host import async_api
from labkit.host.future import Future
from labkit.host.host_tasks import HostTasks


def call(store: wasmtime.Store, function: wasmtime.Func, ty: wasmtime.FuncType, args: list[Any]) -> Future:
    """The future of a call, with arguments as wasmtime-py takes them; its result is as wasmtime-py gives it."""
    params = (ffi.wasmtime_val_t * len(args))()
    results = (ffi.wasmtime_val_t * len(ty.results))()
    error, trap = async_api.fault_slots()

    def free() -> None:
        for slot in params:
            async_api.free_core_slot(store, slot)

    for i, (param, value) in enumerate(zip(ty.params, args, strict=True)):
        params[i] = async_api.core_slot(store, param, value)

    def result() -> Any:
        async_api.raise_fault(error, trap)
        values = [async_api.core_value(store, slot) for slot in results]
        for slot in results:
            async_api.free_core_slot(store, slot)
        return values if len(values) > 1 else values[0] if values else None

    pointer = async_api.core_call(store, function._func, params, results, trap, error)
    return Future(pointer, result, free, store, function, params, results, trap, error)


def instantiate(linker: wasmtime.Linker, store: wasmtime.Store, module: wasmtime.Module) -> Future:
    """The future of an instantiation; its result is the instance."""
    instance = ffi.wasmtime_instance_t()
    error, trap = async_api.fault_slots()

    def result() -> wasmtime.Instance:
        async_api.raise_fault(error, trap)
        return wasmtime.Instance._from_raw(instance)

    pointer = async_api.core_instantiate(linker, store, module, instance, trap, error)
    return Future(pointer, result, lambda: None, linker, store, module, instance, trap, error)


def define(
    linker: wasmtime.Linker,
    name: tuple[str, str],
    ty: wasmtime.FuncType,
    finish: Callable[[Any], Any],
    tasks: HostTasks,
) -> Any:
    """Have a coroutine answer the import with this module and name. Keep the result as long as the linker."""
    types = list(ty.results)
    path = "#".join(name)

    def body(
        _env: Any, _caller: Any, args: Any, count: int, results: Any, _: int, trap: Any, goes_on: Any
    ) -> None:
        def deliver(lowered: Any) -> None:
            values = lowered if len(types) > 1 else [lowered] * len(types)
            for i, (of, value) in enumerate(zip(types, values, strict=True)):
                results[i] = async_api.core_slot(store, of, value)

        def fail(message: str) -> bool:
            trap[0] = async_api.new_trap(message)
            return True

        store = tasks.running.host.raw
        try:
            given = tuple(async_api.core_value(store, args[i]) for i in range(count))
        except Exception as error:
            goes_on[0] = tasks.refuse(error, path, fail)
            return
        goes_on[0] = tasks.answer(path, given, finish, deliver, fail)

    return async_api.core_define(linker, *name, ty, body)
