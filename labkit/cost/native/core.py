"""Core modules on the native path: a fresh store for each call, or a live instance.

The functions that are timed are closures over integers, and each is written out in full: an attribute that is
looked up, an object that is made, a function of ours that is called would show in the figures. What they rely on
is checked once, before. The calls themselves are the *unchecked* ones, which is what makes them cheap.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from threading import get_ident
from time import perf_counter_ns
from typing import Any, Final

import wasmtime

from labkit.cost.native.call import Fresh, Live, refuse
from labkit.cost.native.library import address
from labkit.cost.native.site import Site
from labkit.cost.native.values import CORE_SIZE, Values, core_values
from labkit.errors import ArgumentError, ProgramError, unknown
from labkit.host.faults import root_cause
from labkit.host.program import Program

# Bytes of a `wasmtime_instance_t` and a `wasmtime_extern_t`, and where the function begins in the latter.
_INSTANCE: Final = 16
_EXTERN: Final = 32
_FUNCTION: Final = 8


class Core:
    """A core module, compiled and linked. `wasi`: its stores get a WASI context; otherwise its imports trap if it
    calls them. Raises `ProgramError` for what cannot be compiled or linked.
    """

    def __init__(self, engine: wasmtime.Engine, program: Program, *, wasi: bool = False) -> None:
        self.engine = engine
        self.program = program
        self.wasi = wasi
        try:
            self.code = wasmtime.Module(engine, program.wasm)
            self.linker = wasmtime.Linker(engine)
            if wasi:
                self.linker.define_wasi()
            else:
                self.linker.define_unknown_imports_as_traps(self.code)
            self.prepared = self.linker.instantiate_pre(self.code)
        except wasmtime.WasmtimeError as error:
            raise ProgramError(f"{program.name} is rejected by the runtime: {root_cause(str(error))}.") from None
        self._exports = {export.name: export.type for export in self.code.exports}

    def fresh(self, export: str, *args: Any) -> Fresh:
        """`export(*args)` in a store and an instance of its own.

        Raises `UnknownNameError` for an export that is missing, `ArgumentError` for one that is no function of
        numbers, or arguments that do not fit.
        """
        return _Site(self, export, args).as_fresh()

    def live(self, export: str, *args: Any) -> Live:
        """`export(*args)` on an instance that is made now; raises as `fresh`, and `ProgramError` if none is."""
        return _Site(self, export, args).as_live()

    def values(self, export: str, args: tuple[Any, ...]) -> Values:
        """The arguments of a call as the C API lays them out; raises as `fresh`."""
        ty = self.type_of(export)
        params, results = [str(p) for p in ty.params], [str(r) for r in ty.results]
        return core_values(f"{export} of {self.program.name}", params, results, args)

    def type_of(self, export: str) -> wasmtime.FuncType:
        """The type of an exported function; raises `UnknownNameError` and `ArgumentError` as `fresh`."""
        found = self._exports.get(export)
        if found is None:
            raise unknown(f"export of {self.program.name}", export, self._exports)
        if not isinstance(found, wasmtime.FuncType):
            raise ArgumentError(f"{export} of {self.program.name} is no function.")
        return found


class _Site(Site):
    """The buffers of one thread, and closures over their addresses, which keep this, and so the buffers."""

    def __init__(self, core: Core, export: str, args: tuple[Any, ...]) -> None:
        super().__init__(core.engine, core.program.name, wasi=core.wasi)
        self._core = core
        self._export = export
        self._values = core.values(export, args)
        self._name = ctypes.create_string_buffer(export.encode())
        self._instance = ctypes.create_string_buffer(_INSTANCE)
        self._extern = ctypes.create_string_buffer(_EXTERN)
        self._slots = ctypes.create_string_buffer(CORE_SIZE * max(1, self._values.slots))
        self._trap = ctypes.c_void_p()
        self._prepared = address(core.prepared)

    def fresh(self) -> Callable[[], bool]:
        lib, this, owner = self._lib, self, self._owner
        open_store, context_of, delete = self._open, lib["wasmtime_store_context"], lib["wasmtime_store_delete"]
        instantiate, get = lib["wasmtime_instance_pre_instantiate"], lib["wasmtime_instance_export_get"]
        call = lib["wasmtime_func_call_unchecked"]
        engine, prepared = self._engine, self._prepared
        instance, extern, name = map(ctypes.addressof, (self._instance, self._extern, self._name))
        function, length = extern + _FUNCTION, len(self._name) - 1
        trap, trap_at = self._trap, ctypes.addressof(self._trap)
        given, view, values, count = self._arguments()

        def run() -> bool:
            if get_ident() != owner:
                refuse(owner)
            store = open_store(engine, None, None)
            context = context_of(store)
            error = instantiate(prepared, context, instance, trap_at)
            if error or trap.value:
                return this._failed(error, store)
            get(context, instance, name, length, extern)
            view[:] = given
            error = call(context, function, values, count, trap_at)
            if error or trap.value:
                return this._failed(error, store)
            delete(store)
            return True

        return run

    def calling(self, *args: Any) -> Callable[[], bool]:
        return self._live(self._core.values(self._export, args).given)

    def live(self) -> Callable[[], bool]:
        return self._live(self._values.given)

    def _live(self, given: bytes) -> Callable[[], bool]:
        this, owner, contexts = self, self._owner, self._contexts
        call = self._lib["wasmtime_func_call_unchecked"]
        function = ctypes.addressof(self._extern) + _FUNCTION
        trap, trap_at = self._trap, ctypes.addressof(self._trap)
        _, view, values, count = self._arguments()

        def run() -> bool:
            if not contexts or get_ident() != owner:
                refuse(owner)
            view[:] = given
            error = call(contexts[0], function, values, count, trap_at)
            if error or trap.value:
                return this._failed(error)
            return True

        return run

    def laps(self) -> Callable[[], tuple[int, ...]]:
        lib, this, owner, clock = self._lib, self, self._owner, perf_counter_ns
        open_store, context_of, delete = self._open, lib["wasmtime_store_context"], lib["wasmtime_store_delete"]
        instantiate, get = lib["wasmtime_instance_pre_instantiate"], lib["wasmtime_instance_export_get"]
        call = lib["wasmtime_func_call_unchecked"]
        engine, prepared = self._engine, self._prepared
        instance, extern, name = map(ctypes.addressof, (self._instance, self._extern, self._name))
        function, length = extern + _FUNCTION, len(self._name) - 1
        trap, trap_at = self._trap, ctypes.addressof(self._trap)
        given, view, values, count = self._arguments()

        def run() -> tuple[int, ...]:
            if get_ident() != owner:
                refuse(owner)
            began = clock()
            store = open_store(engine, None, None)
            context = context_of(store)
            opened = clock()
            error = instantiate(prepared, context, instance, trap_at)
            made = clock()
            if error or trap.value:
                this._failed(error, store)
                raise ProgramError(f"{this.program} cannot be instantiated: {this.failures.text}.")
            asked = clock()
            get(context, instance, name, length, extern)
            view[:] = given
            found = clock()
            error = call(context, function, values, count, trap_at)
            called = clock()
            if error or trap.value:
                this._failed(error)
            view[:] = given
            again = clock()
            error = call(context, function, values, count, trap_at)
            ended = clock()
            if error or trap.value:
                this._failed(error)
            dropping = clock()
            delete(store)
            dropped = clock()
            return (
                opened - began,
                made - opened,
                found - asked,
                called - found,
                ended - again,
                dropped - dropping,
            )

        return run

    def result(self) -> Any:
        return self._values.decode(self._slots.raw)

    def fill(self, context: int) -> bool:
        instance, extern, name, trap = map(
            ctypes.addressof, (self._instance, self._extern, self._name, self._trap)
        )
        error = self._lib["wasmtime_instance_pre_instantiate"](self._prepared, context, instance, trap)
        if error or self._trap.value:
            return self._failed(error)
        self._lib["wasmtime_instance_export_get"](context, instance, name, len(self._name) - 1, extern)
        return True

    def _arguments(self) -> tuple[bytes, memoryview, int, int]:
        given = self._values.given
        view = memoryview(self._slots).cast("B")[: len(given)]
        return given, view, ctypes.addressof(self._slots), self._values.slots

    def _failed(self, error: int | None, store: int | None = None) -> bool:
        """Free what a call left, and the store of a fresh one; False, as the call's answer."""
        trap = self._trap.value
        self._trap.value = None
        self.failures.take(error, trap)
        if store is not None:
            self._lib["wasmtime_store_delete"](store)
        return False
