"""Components: linking, exports by path, calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import wasmtime
from wasmtime import component as c

from labkit.errors import ArgumentError, unknown
from labkit.host import async_api, async_component, versions
from labkit.host.code import Function, WasiLinking, check_count
from labkit.host.component_call import ComponentSignature
from labkit.host.component_types import shape_of
from labkit.host.entry import Entries
from labkit.host.exports import find_export
from labkit.host.future import Future
from labkit.host.handles import Handles
from labkit.host.host_tasks import HostTasks
from labkit.host.plain import short
from labkit.host.program import Program
from labkit.host.shape import Part
from labkit.host.signature import Signature
from labkit.host.values import lift, lower
from labkit.host.wasi import is_provided


class _ComponentFunction:
    def __init__(
        self, raw: c.Func, signature: ComponentSignature, store: wasmtime.Store, *, owes_post_return: bool
    ) -> None:
        self._raw = raw
        self._signature = signature
        self._owes_post_return = owes_post_return
        self._direct = signature.call(store, raw)
        self.asynchronous = signature.asynchronous

    def lower(self, args: tuple[Any, ...], handles: Handles) -> list[Any]:
        lowers = self._signature.lowers
        check_count(self._signature.path, len(lowers), len(args))
        return [lower(value, handles) for lower, value in zip(lowers, args, strict=True)]

    def __call__(self, store: wasmtime.Store, args: list[Any], handles: Handles) -> tuple[bool, Any]:
        result = self._direct(args) if self._direct else self._raw(store, *args)
        if self._owes_post_return:
            self._raw.post_return(store)
        return self._answer(result) if self._direct else self.lift(result, handles)

    def begin(self, store: wasmtime.Store, args: list[Any]) -> Future:
        return async_component.call(store, self._raw, self._signature.ty, args)

    def lift(self, result: Any, handles: Handles) -> tuple[bool, Any]:
        of = self._signature.result
        return self._answer(None if of is None else lift(of, result, handles))

    def _answer(self, value: Any) -> tuple[bool, Any]:
        if self._signature.may_fail:
            return ("err" in value), next(iter(value.values()))
        return False, value


class ComponentCode:
    """A compiled component with its linker. `lenient`: it is linked although some of its `others` are missing."""

    def __init__(
        self,
        engine: wasmtime.Engine,
        program: Program,
        entries: Entries,
        tasks: HostTasks,
        wasi: WasiLinking,
        *,
        post_return: bool = True,
        lenient: bool = False,
    ) -> None:
        self.program = program
        self._engine = engine
        self._raw = c.Component(engine, program.wasm)
        ty = self._raw.type
        self._exported = dict(functions(ty.exports(engine), engine))
        self.exports = {path: _signature(path, fn) for path, fn in self._exported.items()}
        imported = ty.imports(engine)
        self.wasi = wasi if any(is_provided(name) for name in imported) else None
        self.others: Mapping[str, str] = {
            name: kind
            for name, extern in imported.items()
            if not is_provided(name) and (kind := _no_functions(extern, engine)) is not None
        }
        own = {n: e for n, e in imported.items() if not is_provided(n) and n not in self.others}
        self._wanted = dict(functions(own, engine))
        self.imports = (*self._wanted, *self.others)
        self.wants: Mapping[str, Signature] = {
            path: _signature(path, fn) for path, fn in functions(imported, engine)
        }
        self._lenient = lenient
        self._owes_post_return = versions.current().owes_post_return and post_return
        self._indexes: dict[str, c.ExportIndex] = {}
        self._signatures: dict[str, ComponentSignature] = {}
        # Host functions take and give plain values only: no resource of the guest's crosses this way.
        self._no_handles = Handles()
        self._entries = entries
        self._tasks = tasks
        # By the imports that are linked asynchronously, each with the callbacks that it needs.
        self._linkers: dict[frozenset[str], tuple[c.Linker, list[Any]]] = {}
        if self.wasi != "both":
            self._linker(frozenset())

    def _linker(self, asynchronous: frozenset[str]) -> c.Linker:
        if asynchronous not in self._linkers:
            kept: list[Any] = []
            self._linkers[asynchronous] = self._link(asynchronous, kept), kept
        return self._linkers[asynchronous][0]

    def _link(self, asynchronous: frozenset[str], kept: list[Any]) -> c.Linker:
        def add(instance: c.LinkerInstance, path: str) -> None:
            if path in asynchronous:
                ty = self._wanted[path]
                kept.append(
                    async_component.define(instance, path, ty, self._lift(path), self._finish(path), self._tasks)
                )
            else:
                instance.add_func(path.rpartition("#")[2], self._answer(path))

        linker = c.Linker(self._engine)
        if self.wasi in ("sync", "both"):
            linker.add_wasip2()
        if self.wasi in ("async", "both"):
            async_api.add_wasi(linker)
        by_interface: dict[str, list[str]] = {}
        for path in self._wanted:
            interface, _, name = path.rpartition("#")
            by_interface.setdefault(interface, []).append(name)
        with linker.root() as root:
            for name in by_interface.pop("", []):
                add(root, name)
            for interface, names in by_interface.items():
                with root.add_instance(interface) as instance:
                    for name in names:
                        add(instance, f"{interface}#{name}")
        if self._lenient and self.others:
            linker.define_unknown_imports_as_traps(self._raw)
        return linker

    def _lift(self, path: str) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
        params, handles = self._wanted[path].params, self._no_handles

        def lift_all(args: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(lift(t, arg, handles) for (_, t), arg in zip(params, args, strict=True))

        return lift_all

    def _finish(self, path: str) -> Callable[[Any], Any]:
        result, handles = self._wanted[path].result, self._no_handles

        def finish(value: Any) -> Any:
            where = f"the result of host function {path}"
            if result is not None:
                return lower(result, value, handles, where)
            if value is not None:
                raise ArgumentError(f"{where} must be None, not {short(value)}.")
            return None

        return finish

    def _answer(self, path: str) -> Callable[..., Any]:
        # What the linker holds must not hold the linker.
        entries, lift_all, finish = self._entries, self._lift(path), self._finish(path)

        def answer(_context: Any, *args: Any) -> Any:
            return entries.current.host_call(path, lift_all(args), finish)

        return answer

    def instantiate(
        self, store: wasmtime.Store, asynchronous: frozenset[str], given: Mapping[str, Any]
    ) -> c.Instance:
        """See `Code.instantiate`."""
        return self._linker(asynchronous).instantiate(store, self._raw)

    def begin_instantiate(
        self, store: wasmtime.Store, asynchronous: frozenset[str], given: Mapping[str, Any]
    ) -> Future:
        """See `Code.begin_instantiate`."""
        return async_component.instantiate(self._linker(asynchronous), store, self._raw)

    def function(self, store: wasmtime.Store, instance: c.Instance, path: str) -> Function:
        """See `Code.function`."""
        path = find_export(path, self._exported) or path
        index = self._indexes.get(path)
        if index is None:
            index = self._indexes[path] = self._index(path)
        raw = instance.get_func(store, index)
        assert raw is not None
        signature = self._signatures.get(path)
        if signature is None:
            signature = self._signatures[path] = ComponentSignature(path, self._exported[path])
        return _ComponentFunction(raw, signature, store, owes_post_return=self._owes_post_return)

    def _index(self, path: str) -> c.ExportIndex:
        if path not in self._exported:
            raise unknown(f"export of {self.program.name}", path, self._exported)
        interface, _, name = path.rpartition("#")
        outer = self._raw.get_export_index(interface) if interface else None
        index = self._raw.get_export_index(name, outer)
        assert index is not None
        return index


def _no_functions(extern: Any, engine: wasmtime.Engine) -> str | None:
    """What else than functions an import asks for, which no Python function is: a resource, for one."""
    match versions.component_item(extern):
        case c.FuncType() | c.ValType():
            return None
        case c.ComponentInstanceType() as instance:
            kinds = (_no_functions(inner, engine) for inner in instance.exports(engine).values())
            return next((kind for kind in kinds if kind is not None), None)
        case c.ResourceType():
            return "resource"
        case c.ModuleType():
            return "core module"
        case _:
            return "component"


def functions(
    items: Mapping[str, Any], engine: wasmtime.Engine, prefix: str = ""
) -> Iterator[tuple[str, c.FuncType]]:
    """Every function among exports or imports, by its path: `name`, or `package/interface@version#name`."""
    for name, extern in items.items():
        match versions.component_item(extern):
            case c.FuncType() as fn:
                yield prefix + name, fn
            case c.ComponentInstanceType() as instance:
                yield from functions(instance.exports(engine), engine, f"{name}#")


def _signature(path: str, fn: c.FuncType) -> Signature:
    params = tuple(Part(name, shape_of(ty)) for name, ty in fn.params)
    result = fn.result
    return Signature(
        path, params, None if result is None else shape_of(result), asynchronous=versions.is_async_function(fn)
    )
