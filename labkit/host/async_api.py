"""Wasmtime's asynchronous C functions, which every wasmtime-py carries in its library and none wraps.

With `versions`, which says what a release can do, this is all that knows them: core modules have them since 14,
components since 45. A future is a guest's call that has not ended; it runs while it is polled, at no other time.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import POINTER, byref, c_bool, c_char_p, c_size_t, c_uint64, c_void_p
from typing import Any

import wasmtime
from wasmtime import _bindings as bindings
from wasmtime import _ffi as ffi
from wasmtime import _func as python_functions

from labkit.host import versions
from labkit.host.versions import c_function, pointer

Resume = ctypes.CFUNCTYPE(c_bool, c_void_p)
"""Asked at every poll whether a host function is done."""

Finalizer = ctypes.CFUNCTYPE(None, c_void_p)


class Continuation(ctypes.Structure):
    """`wasmtime_async_continuation_t`: how the guest goes on after an asynchronous host function."""

    _fields_ = (("resume", Resume), ("env", c_void_p), ("finalizer", Finalizer))


CoreBody = ctypes.CFUNCTYPE(
    None,
    c_void_p,
    c_void_p,
    POINTER(ffi.wasmtime_val_t),
    c_size_t,
    POINTER(ffi.wasmtime_val_t),
    c_size_t,
    POINTER(c_void_p),
    POINTER(Continuation),
)
"""env, caller, arguments, their number, results, their number, where a trap goes, the continuation."""

Body = Callable[..., None]


def support_async(config: wasmtime.Config) -> None:
    """Make engines of `config` for asynchronous calls, where there is a switch for it (up to 41)."""
    if versions.current().has_async_switch:
        setter = c_function("wasmtime_config_async_support_set", None, c_void_p, c_bool)
        setter(pointer(config), True)


def size_async_stacks(config: wasmtime.Config, size: int) -> None:
    """Give asynchronous calls stacks of `size` bytes, of which the guest has its own part."""
    c_function("wasmtime_config_async_stack_size_set", None, c_void_p, c_uint64)(pointer(config), size)


def support_async_components(config: wasmtime.Config) -> None:
    """Let components of `config` export and import `async` functions (since 45)."""
    c_function("wasmtime_config_wasm_component_model_async_set", None, c_void_p, c_bool)(pointer(config), True)


def yield_at_fuel(store: wasmtime.Store, units: int) -> None:
    """Have guests in `store` hand control back after so many units of fuel (since 20)."""
    function = c_function(
        "wasmtime_context_fuel_async_yield_interval",
        POINTER(ffi.wasmtime_error_t),
        c_void_p,
        c_uint64,
    )
    error = function(versions.context(store), units)
    if error:
        raise wasmtime.WasmtimeError._from_ptr(error)


def yield_at_epochs(store: wasmtime.Store) -> None:
    """Have guests in `store` hand control back at every epoch, which only an asynchronous call can do.

    It takes the place of `watch_epochs`.
    """
    # Bound here, because wasmtime-py declares a result that the function does not have.
    name = "wasmtime_context_epoch_deadline_async_yield_and_update"
    c_function(name, None, c_void_p, c_uint64)(versions.context(store), 1)


def poll(future: int) -> bool:
    """Run the guest until it has ended (True), waits for the host, or yields.

    To poll once more after the end would abort the process.
    """
    return bool(c_function("wasmtime_call_future_poll", c_bool, c_void_p)(future))


def delete(future: int) -> None:
    """Free a future; a guest that has not ended is unwound. Its store has to be there still."""
    c_function("wasmtime_call_future_delete", None, c_void_p)(future)


def core_call(store: wasmtime.Store, function: Any, args: Any, results: Any, trap: Any, error: Any) -> int:
    """The future of a call of a core module's function; everything given has to outlive it."""
    call = c_function(
        "wasmtime_func_call_async",
        c_void_p,
        *(c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p, c_void_p),
    )
    future: int = call(
        versions.context(store), byref(function), args, len(args), results, len(results), byref(trap), byref(error)
    )
    return future


def core_instantiate(
    linker: wasmtime.Linker, store: wasmtime.Store, module: wasmtime.Module, instance: Any, trap: Any, error: Any
) -> int:
    """The future of a core module's instantiation; everything given has to outlive it."""
    instantiate = c_function("wasmtime_linker_instantiate_async", c_void_p, *[c_void_p] * 6)
    future: int = instantiate(
        pointer(linker), versions.context(store), pointer(module), byref(instance), byref(trap), byref(error)
    )
    return future


def core_define(linker: wasmtime.Linker, module: str, name: str, ty: wasmtime.FuncType, body: Body) -> Any:
    """Define a core import by `body`, a `CoreBody`. Keep the result referenced for as long as the linker."""
    callback = CoreBody(body)
    define = c_function(
        "wasmtime_linker_define_async_func",
        POINTER(ffi.wasmtime_error_t),
        *(c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_void_p, CoreBody, c_void_p, Finalizer),
    )
    of, called = module.encode(), name.encode()
    _check(define(pointer(linker), of, len(of), called, len(called), pointer(ty), callback, None, Finalizer()))
    return callback


def core_slot(store: wasmtime.Store, ty: wasmtime.ValType, value: Any) -> Any:
    """A value as the C structure that carries it.

    Raises `NotImplementedError` for an object of Python's where that would abort the process (up to 41).
    """
    if value is not None and not isinstance(value, int | float) and versions.current().has_async_switch:
        raise NotImplementedError("up to Wasmtime 41 a store for asynchronous calls holds no objects of the host")
    if hasattr(wasmtime.Val, "_convert_to_raw"):
        return wasmtime.Val._convert_to_raw(store, ty, value)
    return wasmtime.Val._convert(ty, value)._unwrap_raw()  # type: ignore[attr-defined]  # so in 14


def core_value(store: wasmtime.Store, slot: Any) -> Any:
    """The value in a C structure that somebody else frees."""
    if hasattr(wasmtime.Val, "_from_raw"):
        return wasmtime.Val._from_raw(store, slot, owned=False).value
    return wasmtime.Val(slot).value  # type: ignore[call-arg]  # so in 14


def free_core_slot(store: wasmtime.Store, slot: Any) -> None:
    """Let go of what a slot refers to; numbers refer to nothing."""
    if slot.kind in (ffi.WASMTIME_EXTERNREF.value, ffi.WASMTIME_FUNCREF.value):
        # Older releases have the other name, which the pinned one no longer knows.
        free = getattr(bindings, "wasmtime_val_unroot", None) or bindings.wasmtime_val_delete  # type: ignore[attr-defined]
        context = [] if len(free.__annotations__) == 2 else [versions.context(store)]
        free(*context, byref(slot))


def component_call(store: wasmtime.Store, function: Any, args: Any, results: Any, error: Any) -> int:
    """The future of a call of a component's function; everything given has to outlive it."""
    call = c_function(
        "wasmtime_component_func_call_async",
        c_void_p,
        *(c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p),
    )
    future: int = call(
        byref(function), versions.context(store), args, len(args), results, len(results), byref(error)
    )
    return future


def component_instantiate(linker: Any, store: wasmtime.Store, component: Any, instance: Any, error: Any) -> int:
    """The future of a component's instantiation; everything given has to outlive it."""
    instantiate = c_function("wasmtime_component_linker_instantiate_async", c_void_p, *[c_void_p] * 5)
    future: int = instantiate(
        pointer(linker), versions.context(store), pointer(component), byref(instance), byref(error)
    )
    return future


def component_define(linker: Any, name: str, body: Body) -> Any:
    """Define a component's import in an instance of its linker. Keep the result referenced for as long as that.

    `body` gets env, context, type, arguments, their number, results, their number, where an error goes, and the
    continuation. An error that comes only when the continuation resumes is not looked at (45-50).
    """
    slots = POINTER(ffi.wasmtime_component_val_t)
    body_type = ctypes.CFUNCTYPE(
        None,
        *(c_void_p, c_void_p, c_void_p, slots, c_size_t, slots, c_size_t, POINTER(c_void_p)),
        POINTER(Continuation),
    )
    callback = body_type(body)
    define = c_function(
        "wasmtime_component_linker_instance_add_func_async",
        POINTER(ffi.wasmtime_error_t),
        *(c_void_p, c_char_p, c_size_t, body_type, c_void_p, Finalizer),
    )
    called = name.encode()
    _check(define(pointer(linker), called, len(called), callback, None, Finalizer()))
    return callback


def add_wasi(linker: Any) -> None:
    """Define the WASI for asynchronous calls in a component's linker (since 45).

    Raises `WasmtimeError` where the other WASI is defined already. Its timers want an event loop of the runtime's
    own, which the C API does not run: a guest that waits for one aborts the process (45-50).
    """
    add = c_function("wasmtime_component_linker_add_wasip2_async", POINTER(ffi.wasmtime_error_t), c_void_p)
    _check(add(pointer(linker)))


def new_trap(message: str) -> int:
    """A trap that C code will free."""
    text = message.encode()
    made: int = c_function("wasmtime_trap_new", c_void_p, c_char_p, c_size_t)(text, len(text))
    return made


def new_error(message: str) -> int:
    """An error that C code will free."""
    made: int = c_function("wasmtime_error_new", c_void_p, c_char_p)(message.encode())
    return made


def fault_slots() -> tuple[Any, Any]:
    """Where a future leaves an error, and where a core module's leaves a trap.

    Of the right types from the start, because `ctypes.cast` leaves a cycle behind.
    """
    return POINTER(ffi.wasmtime_error_t)(), POINTER(ffi.wasm_trap_t)()


def raise_fault(error: Any, trap: Any = None) -> None:
    """Raise what a future that has ended left in its slots, if anything."""
    # A plain host function that failed left it behind for a synchronous caller, who is not the one to get it.
    python_functions.LAST_EXCEPTION = None
    if trap:
        raise wasmtime.Trap._from_ptr(trap)
    if error:
        raise wasmtime.WasmtimeError._from_ptr(error)


def _check(error: Any) -> None:
    if error:
        raise wasmtime.WasmtimeError._from_ptr(error)
