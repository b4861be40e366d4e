"""Core modules: linking, exported functions, numbers."""

from __future__ import annotations

from typing import Any

import wasmtime

from labkit.errors import ArgumentError, ProgramError, unknown
from labkit.host.code import Function, check_count
from labkit.host.entry import Entries
from labkit.host.handles import Handles
from labkit.host.program import Program
from labkit.host.signature import Signature


class _CoreFunction:
    def __init__(self, path: str, raw: wasmtime.Func, ty: wasmtime.FuncType) -> None:
        self._path = path
        self._raw = raw
        self._params = [str(param) for param in ty.params]

    def lower(self, args: tuple[Any, ...], handles: Handles) -> list[Any]:
        check_count(self._path, len(self._params), len(args))
        return [_core_value(f"{self._path}: argument {i}", ty, value)
                for i, (ty, value) in enumerate(zip(self._params, args, strict=True), 1)]  # fmt: skip

    def __call__(self, store: wasmtime.Store, args: list[Any], handles: Handles) -> tuple[bool, Any]:
        return False, self._raw(store, *args)


class ModuleCode:
    """A compiled core module with its linker."""

    def __init__(self, engine: wasmtime.Engine, program: Program, entries: Entries) -> None:
        self.program = program
        self._raw = wasmtime.Module(engine, program.wasm)
        self._exported = {e.name: e.type for e in self._raw.exports if isinstance(e.type, wasmtime.FuncType)}
        self.exports = {path: _core_signature(path, ty) for path, ty in self._exported.items()}
        self.uses_wasi = any(i.module.startswith("wasi_") for i in self._raw.imports)
        wanted = [i for i in self._raw.imports if not i.module.startswith("wasi_")]
        self._linker = wasmtime.Linker(engine)
        if self.uses_wasi:
            self._linker.define_wasi()
        self.imports = tuple(self._define(item, entries) for item in wanted)

    def _define(self, item: wasmtime.ImportType, entries: Entries) -> str:
        path = f"{item.module}#{item.name}"
        ty = item.type
        if not isinstance(ty, wasmtime.FuncType):
            raise ProgramError(
                f"{self.program.name} imports {path}, which is no function; labkit provides functions only."
            )
        results = [str(result) for result in ty.results]

        def finish(value: Any) -> Any:
            values = () if not results else value if len(results) > 1 else (value,)
            where = f"the result of host function {path}"
            if (not results and value is not None) or len(values) != len(results):
                raise ArgumentError(f"{where} must be {', '.join(results) or 'None'}, not {value!r}.")
            lowered = [_core_value(where, t, v) for t, v in zip(results, values, strict=True)]
            return lowered if len(results) > 1 else lowered[0] if lowered else None

        def answer(*args: Any) -> Any:
            return entries.current.host_call(path, args, finish)

        self._linker.define_func(item.module, item.name or "", ty, answer)
        return path

    def instantiate(self, store: wasmtime.Store) -> wasmtime.Instance:
        """See `Code.instantiate`."""
        return self._linker.instantiate(store, self._raw)

    def function(self, store: wasmtime.Store, instance: wasmtime.Instance, path: str) -> Function:
        """See `Code.function`."""
        if path not in self._exported:
            raise unknown(f"exported function of {self.program.name}", path, self._exported)
        raw = instance.exports(store)[path]
        assert isinstance(raw, wasmtime.Func)
        return _CoreFunction(path, raw, self._exported[path])


def _core_signature(path: str, ty: wasmtime.FuncType) -> Signature:
    params = tuple((f"arg{i}", str(param)) for i, param in enumerate(ty.params, 1))
    return Signature(path, params, ", ".join(str(result) for result in ty.results) or None)


def _core_value(where: str, ty: str, value: Any) -> Any:
    """A number that fits a core type; references pass as they are."""
    if ty in ("i32", "i64"):
        bits = int(ty[1:])
        if isinstance(value, bool) or not isinstance(value, int):
            raise ArgumentError(f"{where} takes {ty}, not {value!r}.")
        if not -(2 ** (bits - 1)) <= value < 2**bits:
            raise ArgumentError(f"{where} takes {ty}, and {value} does not fit in {bits} bits.")
        return value if value < 2 ** (bits - 1) else value - 2**bits
    if ty in ("f32", "f64"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ArgumentError(f"{where} takes {ty}, not {value!r}.")
        return float(value)
    return value
