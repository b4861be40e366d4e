"""Which of the runtime's switches would let a program in: found by asking the runtime, one switch at a time."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any

import wasmtime

from labkit.host import versions
from labkit.host.program import Program
from labkit.inspect.binary import core_modules

# https://github.com/WebAssembly/proposals, by the names that Wasmtime's switches have for them.
_CORE = {
    "threads": "threads",
    "tail_call": "tail calls",
    "reference_types": "reference types",
    "simd": "SIMD",
    "relaxed_simd": "relaxed SIMD",
    "bulk_memory": "bulk memory operations",
    "multi_value": "multiple values",
    "multi_memory": "multiple memories",
    "memory64": "64-bit memories",
    "exceptions": "exceptions",
    "function_references": "typed function references",
    "gc": "garbage collection",
    "wide_arithmetic": "wide arithmetic",
    "custom_page_sizes": "custom page sizes",
    "stack_switching": "stack switching",
    "compact_imports": "compact imports",
    "branch_hinting": "branch hinting",
}
_COMPONENT = {
    "component_model": "the component model",
    "component_model_async": "async functions of components",
    "component_model_async_stackful": "stackful async functions of components",
    "component_model_more_async_builtins": "further async built-ins of components",
    "component_model_map": "maps in components",
    "component_model_implements": "`implements` in components",
    "component_model_accessors": "accessors in components",
    "component_model_canonical_names": "canonical names in components",
}


def lacking_features(program: Program) -> tuple[str, ...]:
    """What a program that the running release rejects uses and the release has switched off, in words.

    Nothing where no switch of it helps: then the program is invalid, or of a proposal that the release lacks.
    """
    modules = [program.wasm[at:end] for at, end in core_modules(program.wasm)]
    rejected = [module for module in modules if not _takes((), module)]
    if rejected:
        return tuple(_CORE[switch] for switch in _needed(_CORE, rejected))
    if program.kind == "component" and versions.current().runs_components:
        return tuple(_COMPONENT[switch] for switch in _needed(_COMPONENT, [program.wasm], component=True))
    return ()


def _needed(switches: Iterable[str], rejected: Sequence[bytes], *, component: bool = False) -> list[str]:
    """The fewest switches, or nearly so, that let all of `rejected` in."""

    def enough(chosen: Sequence[str]) -> bool:
        return all(_takes(chosen, one, component=component) for one in rejected)

    there = [switch for switch in switches if _has(switch)]
    for switch in there:
        if enough([switch]):
            return [switch]
    if not enough(there):
        return []
    for switch in list(there):
        rest = [one for one in there if one != switch]
        if enough(rest):
            there = rest
    return there


def _takes(switches: Iterable[str], wasm: bytes, *, component: bool = False) -> bool:
    config = wasmtime.Config()
    for switch in switches:
        _setter(switch)(versions.pointer(config), True)
    try:
        engine = wasmtime.Engine(config)
        if component:
            # Only here, because releases that run core modules alone lack it.
            from wasmtime.component import Component

            Component(engine, wasm)
        else:
            wasmtime.Module.validate(engine, wasm)
    except wasmtime.WasmtimeError:
        return False
    return True


def _has(switch: str) -> bool:
    try:
        _setter(switch)
    except AttributeError:
        return False
    return True


def _setter(switch: str) -> Any:
    return versions.c_function(f"wasmtime_config_wasm_{switch}_set", None, ctypes.c_void_p, ctypes.c_bool)
