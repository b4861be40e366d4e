"""Components on the native path, as `core` has modules: the C functions differ, and so does who frees what.

A component's function is called by values that carry their kind, and the runtime checks them. There is no prepared
instance in the C API, so the linker resolves the imports each time; the index of the export is found once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from threading import get_ident
from time import perf_counter_ns
from typing import Any, Final

import wasmtime
from wasmtime import component as c

from labkit.cost.native.call import Fresh, Live, refuse
from labkit.cost.native.library import address
from labkit.cost.native.site import Site
from labkit.cost.native.values import COMPONENT_SIZE, Values, component_values
from labkit.errors import ProgramError, unknown
from labkit.host.component import functions
from labkit.host.component_types import type_name
from labkit.host.exports import find_export
from labkit.host.faults import root_cause
from labkit.host.program import Program

# Bytes of a `wasmtime_component_instance_t` and a `wasmtime_component_func_t`.
_INSTANCE: Final = 16
_FUNCTION: Final = 32


class Component:
    """A component, compiled and linked. `wasi`: its stores get a WASI context, and its imports are WASI's;
    otherwise they trap if it calls them. Raises `ProgramError` for what cannot be compiled or linked.
    """

    def __init__(self, engine: wasmtime.Engine, program: Program, *, wasi: bool = False) -> None:
        self.engine = engine
        self.program = program
        self.wasi = wasi
        try:
            self.code = c.Component(engine, program.wasm)
            self.linker = c.Linker(engine)
            if wasi:
                self.linker.add_wasip2()
            else:
                self.linker.define_unknown_imports_as_traps(self.code)
        except wasmtime.WasmtimeError as error:
            raise ProgramError(f"{program.name} is rejected by the runtime: {root_cause(str(error))}.") from None
        self._exports = dict(functions(self.code.type.exports(engine), engine))

    def fresh(self, export: str, *args: Any) -> Fresh:
        """`export(*args)` in a store and an instance of its own.

        Raises `UnknownNameError` for an export that is missing, `ArgumentError` for one that takes something else
        than numbers, or arguments that do not fit.
        """
        return _Site(self, export, args).as_fresh()

    def live(self, export: str, *args: Any) -> Live:
        """`export(*args)` on an instance that is made now; raises as `fresh`, and `ProgramError` if none is."""
        return _Site(self, export, args).as_live()

    def values(self, export: str, args: tuple[Any, ...]) -> Values:
        """The arguments of a call as the C API lays them out; raises as `fresh`."""
        _, ty = self.type_of(export)
        result = None if ty.result is None else type_name(ty.result)
        where = f"{export} of {self.program.name}"
        return component_values(where, [type_name(kind) for _, kind in ty.params], result, args)

    def type_of(self, export: str) -> tuple[str, c.FuncType]:
        """The path and the type of an exported function; raises `UnknownNameError`."""
        path = find_export(export, self._exports)
        if path is None:
            raise unknown(f"export of {self.program.name}", export, self._exports)
        return path, self._exports[path]

    def index(self, path: str) -> c.ExportIndex:
        """The index of an export by its path, as `type_of` gives it."""
        interface, _, name = path.rpartition("#")
        index = self.code.get_export_index(name, self.code.get_export_index(interface) if interface else None)
        assert index is not None
        return index


class _Site(Site):
    """The buffers of one thread, and closures over their addresses, which keep this, and so the buffers."""

    def __init__(self, component: Component, export: str, args: tuple[Any, ...]) -> None:
        super().__init__(component.engine, component.program.name, wasi=component.wasi)
        self._component = component
        self._export = export
        self._values = component.values(export, args)
        self._kept_index = component.index(component.type_of(export)[0])
        self._instance = ctypes.create_string_buffer(_INSTANCE)
        self._function = ctypes.create_string_buffer(_FUNCTION)
        # The runtime only reads the arguments, so each set of them is written once.
        self._given = [ctypes.create_string_buffer(self._values.given, max(1, len(self._values.given)))]
        self._count = len(self._values.given) // COMPONENT_SIZE
        self._slot = ctypes.create_string_buffer(COMPONENT_SIZE)
        self._linker, self._code = address(component.linker), address(component.code)
        self._index = address(self._kept_index)

    def fresh(self) -> Callable[[], bool]:
        lib, this, owner = self._lib, self, self._owner
        open_store, context_of, delete = self._open, lib["wasmtime_store_context"], lib["wasmtime_store_delete"]
        instantiate, get = (
            lib["wasmtime_component_linker_instantiate"],
            lib["wasmtime_component_instance_get_func"],
        )
        call = lib["wasmtime_component_func_call"]
        engine, linker, code, index = self._engine, self._linker, self._code, self._index
        instance, function, given, result, count, slots, owned = self._places()

        def run() -> bool:
            if get_ident() != owner:
                refuse(owner)
            store = open_store(engine, None, None)
            context = context_of(store)
            error = instantiate(linker, context, code, instance)
            if error:
                return this._failed(error, store)
            get(instance, context, index, function)
            error = call(function, context, given, count, result, slots)
            if error:
                return this._failed(error, store)
            if owned:
                this._free_result()
            delete(store)
            return True

        return run

    def calling(self, *args: Any) -> Callable[[], bool]:
        given = self._component.values(self._export, args).given
        self._given.append(ctypes.create_string_buffer(given, max(1, len(given))))
        return self.live()

    def live(self) -> Callable[[], bool]:
        this, owner, contexts = self, self._owner, self._contexts
        call = self._lib["wasmtime_component_func_call"]
        _, function, given, result, count, slots, owned = self._places()

        def run() -> bool:
            if not contexts or get_ident() != owner:
                refuse(owner)
            error = call(function, contexts[0], given, count, result, slots)
            if error:
                return this._failed(error)
            if owned:
                this._free_result()
            return True

        return run

    def laps(self) -> Callable[[], tuple[int, ...]]:
        lib, this, owner, clock = self._lib, self, self._owner, perf_counter_ns
        open_store, context_of, delete = self._open, lib["wasmtime_store_context"], lib["wasmtime_store_delete"]
        instantiate, get = (
            lib["wasmtime_component_linker_instantiate"],
            lib["wasmtime_component_instance_get_func"],
        )
        call = lib["wasmtime_component_func_call"]
        engine, linker, code, index = self._engine, self._linker, self._code, self._index
        instance, function, given, result, count, slots, owned = self._places()

        def run() -> tuple[int, ...]:
            if get_ident() != owner:
                refuse(owner)
            began = clock()
            store = open_store(engine, None, None)
            context = context_of(store)
            opened = clock()
            error = instantiate(linker, context, code, instance)
            made = clock()
            if error:
                this._failed(error, store)
                raise ProgramError(f"{this.program} cannot be instantiated: {this.failures.text}.")
            asked = clock()
            get(instance, context, index, function)
            found = clock()
            error = call(function, context, given, count, result, slots)
            called = clock()
            this._settle(error, owned=owned)
            again = clock()
            error = call(function, context, given, count, result, slots)
            ended = clock()
            this._settle(error, owned=owned)
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
        return self._values.decode(self._slot.raw)

    def fill(self, context: int) -> bool:
        instance, function = ctypes.addressof(self._instance), ctypes.addressof(self._function)
        error = self._lib["wasmtime_component_linker_instantiate"](self._linker, context, self._code, instance)
        if error:
            return self._failed(error)
        self._lib["wasmtime_component_instance_get_func"](instance, context, self._index, function)
        return True

    def _places(self) -> tuple[int, int, int, int, int, int, bool]:
        """Where the instance, the function, the arguments and the result lie; how many there are of the latter
        two, and whether a result has to be freed.
        """
        buffers = (self._instance, self._function, self._given[-1], self._slot)
        instance, function, given, result = map(ctypes.addressof, buffers)
        return instance, function, given, result, self._count, self._values.slots, self._values.owned

    def _settle(self, error: int | None, *, owned: bool) -> None:
        if error:
            self._failed(error)
        elif owned:
            self._free_result()

    def _free_result(self) -> None:
        self._lib["wasmtime_component_val_delete"](ctypes.addressof(self._slot))
        # Nobody may take what was freed for a value: as a `bool` it holds nothing.
        self._slot[0] = b"\0"

    def _failed(self, error: int, store: int | None = None) -> bool:
        """Free an error, and the store of a fresh call; False, as the call's answer."""
        self.failures.take(error, None)
        if store is not None:
            self._lib["wasmtime_store_delete"](store)
        return False
