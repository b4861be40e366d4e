"""Core modules: linking, exported functions, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import wasmtime

from labkit.errors import ArgumentError, unknown
from labkit.host import async_module
from labkit.host.code import Function, WasiLinking, check_count
from labkit.host.core_call import numeric_call
from labkit.host.entry import Entries
from labkit.host.future import Future
from labkit.host.handles import Handles
from labkit.host.host_tasks import HostTasks
from labkit.host.plain import FLOAT_WORDS, short
from labkit.host.program import Program
from labkit.host.shape import Part, Shape
from labkit.host.signature import Signature


class _CoreFunction:
    asynchronous = False

    def __init__(self, path: str, raw: wasmtime.Func, ty: wasmtime.FuncType, store: wasmtime.Store) -> None:
        self._path = path
        self._raw = raw
        self._ty = ty
        self._params = [(f"{path}: argument {i}", str(param)) for i, param in enumerate(ty.params, 1)]
        self._direct = numeric_call(store, raw, ty)

    def lower(self, args: tuple[Any, ...], handles: Handles) -> list[Any]:
        check_count(self._path, len(self._params), len(args))
        return [_core_value(where, ty, value) for (where, ty), value in zip(self._params, args, strict=True)]

    def __call__(self, store: wasmtime.Store, args: list[Any], handles: Handles) -> tuple[bool, Any]:
        return self.lift(self._direct(args) if self._direct else self._raw(store, *args), handles)

    def begin(self, store: wasmtime.Store, args: list[Any]) -> Future:
        return async_module.call(store, self._raw, self._ty, args)

    def lift(self, result: Any, handles: Handles) -> tuple[bool, Any]:
        return False, result


def _kind(item: wasmtime.ImportType) -> str:
    match item.type:
        case wasmtime.MemoryType():
            return "memory"
        case wasmtime.GlobalType():
            return "global"
        case wasmtime.TableType():
            return "table"
        case _:
            return "tag"


class ModuleCode:
    """A compiled core module with its linker. `lenient`: what it imports besides functions may be left out, and is
    empty then.
    """

    def __init__(
        self,
        engine: wasmtime.Engine,
        program: Program,
        entries: Entries,
        tasks: HostTasks,
        *,
        lenient: bool = False,
    ) -> None:
        self.program = program
        self._raw = wasmtime.Module(engine, program.wasm)
        self._exported = {e.name: e.type for e in self._raw.exports if isinstance(e.type, wasmtime.FuncType)}
        self.exports = {path: _core_signature(path, ty) for path, ty in self._exported.items()}
        # Core modules have one WASI, for synchronous calls, in every release.
        self.wasi: WasiLinking | None = None
        if any(i.module.startswith("wasi_") for i in self._raw.imports):
            self.wasi = "sync"
        self._engine = engine
        self._entries = entries
        self._tasks = tasks
        self._wanted = {f"{i.module}#{i.name}": i for i in self._raw.imports if not i.module.startswith("wasi_")}
        self.imports = tuple(self._wanted)
        self.others: Mapping[str, str] = {
            path: _kind(item)
            for path, item in self._wanted.items()
            if not isinstance(item.type, wasmtime.FuncType)
        }
        self.wants: Mapping[str, Signature] = {
            (path := f"{i.module}#{i.name}"): _core_signature(path, i.type)
            for i in self._raw.imports
            if isinstance(i.type, wasmtime.FuncType)
        }
        self._lenient = lenient and bool(self.others)
        # By the imports that are linked asynchronously, each with the callbacks that it needs.
        self._linkers: dict[frozenset[str], tuple[wasmtime.Linker, list[Any]]] = {}
        self._linker(frozenset())

    def _linker(self, asynchronous: frozenset[str]) -> wasmtime.Linker:
        if asynchronous not in self._linkers:
            linker = wasmtime.Linker(self._engine)
            if self.wasi:
                linker.define_wasi()
            kept = []
            for path, item in self._wanted.items():
                ty, name = item.type, item.name or ""
                if not isinstance(ty, wasmtime.FuncType):
                    continue
                if path in asynchronous:
                    finish = self._finish(path, ty)
                    kept.append(async_module.define(linker, (item.module, name), ty, finish, self._tasks))
                else:
                    linker.define_func(item.module, name, ty, self._answer(path, ty))
            self._linkers[asynchronous] = linker, kept
        return self._linkers[asynchronous][0]

    def _linker_for(
        self, store: wasmtime.Store, asynchronous: frozenset[str], given: Mapping[str, Any]
    ) -> wasmtime.Linker:
        """The linker of the host functions, or one of this store alone that also has what is `given`."""
        shared = self._linker(asynchronous)
        if not given and not self._lenient:
            return shared
        linker = wasmtime.Linker(self._engine)
        if self.wasi:
            linker.define_wasi()
        for path, item in self._wanted.items():
            name = item.name or ""
            if path in self.others and path not in given:
                continue
            extern = given[path] if path in given else shared.get(store, item.module, name)
            linker.define(store, item.module, name, extern)
        if self._lenient:
            linker.define_unknown_imports_as_default_values(store, self._raw)
        return linker

    def _finish(self, path: str, ty: wasmtime.FuncType) -> Callable[[Any], Any]:
        results = [str(result) for result in ty.results]

        def finish(value: Any) -> Any:
            several = len(results) > 1 and isinstance(value, list | tuple)
            values = () if not results else value if several else (value,)
            where = f"the result of host function {path}"
            if (not results and value is not None) or len(values) != len(results):
                raise ArgumentError(f"{where} must be {', '.join(results) or 'None'}, not {short(value)}.")
            lowered = [_core_value(where, t, v) for t, v in zip(results, values, strict=True)]
            return lowered if len(results) > 1 else lowered[0] if lowered else None

        return finish

    def _answer(self, path: str, ty: wasmtime.FuncType) -> Callable[..., Any]:
        # What the linker holds must not hold the linker.
        entries, finish = self._entries, self._finish(path, ty)

        def answer(*args: Any) -> Any:
            return entries.current.host_call(path, args, finish)

        return answer

    def instantiate(
        self, store: wasmtime.Store, asynchronous: frozenset[str], given: Mapping[str, Any]
    ) -> wasmtime.Instance:
        """See `Code.instantiate`."""
        return self._linker_for(store, asynchronous, given).instantiate(store, self._raw)

    def begin_instantiate(
        self, store: wasmtime.Store, asynchronous: frozenset[str], given: Mapping[str, Any]
    ) -> Future:
        """See `Code.begin_instantiate`."""
        return async_module.instantiate(self._linker_for(store, asynchronous, given), store, self._raw)

    def function(self, store: wasmtime.Store, instance: wasmtime.Instance, path: str) -> Function:
        """See `Code.function`."""
        if path not in self._exported:
            raise unknown(f"exported function of {self.program.name}", path, self._exported)
        raw = instance.exports(store)[path]
        assert isinstance(raw, wasmtime.Func)
        return _CoreFunction(path, raw, self._exported[path], store)


def _core_signature(path: str, ty: wasmtime.FuncType) -> Signature:
    params = tuple(Part(f"arg{i}", Shape(str(param))) for i, param in enumerate(ty.params, 1))
    results = tuple(Part(shape=Shape(str(result))) for result in ty.results)
    if len(results) > 1:
        return Signature(path, params, Shape("values", results))
    return Signature(path, params, results[0].shape if results else None)


def _core_value(where: str, ty: str, value: Any) -> Any:
    """A number that fits a core type; references pass as they are."""
    if ty in ("i32", "i64"):
        bits = int(ty[1:])
        if isinstance(value, bool) or not isinstance(value, int):
            raise ArgumentError(f"{where} takes {ty}, not {short(value)}.")
        if not -(2 ** (bits - 1)) <= value < 2**bits:
            raise ArgumentError(f"{where} takes {ty}, and {short(value)} does not fit in {bits} bits.")
        return value if value < 2 ** (bits - 1) else value - 2**bits
    if ty in ("f32", "f64"):
        if isinstance(value, str) and value in FLOAT_WORDS:
            return FLOAT_WORDS[value]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ArgumentError(f"{where} takes {ty}, not {short(value)}.")
        try:
            return float(value)
        except OverflowError:
            raise ArgumentError(f"{where} takes {ty}, and no float is as large as this integer.") from None
    return value
