"""From bytes to code on the native path: compile, serialise, deserialise.

Core modules and components have functions of the same form for it, under names of their own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import wasmtime

from labkit.cost.native.library import RawBytes, address, library
from labkit.errors import ProgramError
from labkit.host.faults import root_cause
from labkit.host.program import Kind, Program

_PREFIXES: Final[dict[Kind, str]] = {"module": "wasmtime_module", "component": "wasmtime_component"}

Step = Callable[[], None]
"""Takes a step once and frees what it made; raises `ProgramError`."""


def compiling(engine: wasmtime.Engine, program: Program) -> Step:
    """From a program's bytes to code."""
    return _from_bytes(engine, program.kind, "new", program.wasm)


def deserialising(engine: wasmtime.Engine, kind: Kind, image: bytes) -> Step:
    """From what was serialised to code. The runtime believes every byte of it."""
    return _from_bytes(engine, kind, "deserialize", image)


def deserialising_file(engine: wasmtime.Engine, kind: Kind, image: Path) -> Step:
    """As `deserialising`, from a file, which is mapped and not read."""
    lib, path, made = library(), ctypes.create_string_buffer(bytes(image)), ctypes.c_void_p()
    read, delete = (lib[f"{_PREFIXES[kind]}_{name}"] for name in ("deserialize_file", "delete"))
    at, path_at, made_at = address(engine), ctypes.addressof(path), ctypes.addressof(made)

    def run(_kept: Any = (engine, path)) -> None:
        _check(read(at, path_at, made_at))
        delete(made.value)

    return run


def serialising(code: wasmtime.Module | wasmtime.component.Component, kind: Kind) -> Step:
    """From code to bytes."""
    lib, image = library(), RawBytes()
    serialise, delete = lib[f"{_PREFIXES[kind]}_serialize"], lib["wasm_byte_vec_delete"]
    at, image_at = address(code), ctypes.addressof(image)

    def run(_kept: Any = (code, image)) -> None:
        _check(serialise(at, image_at))
        delete(image_at)

    return run


def making_engines() -> Step:
    """A new engine with the settings that the runtime chooses."""
    lib = library()
    config_new, engine_new = lib["wasm_config_new"], lib["wasm_engine_new_with_config"]
    delete = lib["wasm_engine_delete"]

    def run() -> None:
        # The engine takes the configuration.
        delete(engine_new(config_new()))

    return run


def _from_bytes(engine: wasmtime.Engine, kind: Kind, name: str, data: bytes) -> Step:
    lib, buffer, made = library(), ctypes.create_string_buffer(data, max(1, len(data))), ctypes.c_void_p()
    make, delete = lib[f"{_PREFIXES[kind]}_{name}"], lib[f"{_PREFIXES[kind]}_delete"]
    at, given, made_at, length = address(engine), ctypes.addressof(buffer), ctypes.addressof(made), len(data)

    def run(_kept: Any = (engine, buffer)) -> None:
        _check(make(at, given, length, made_at))
        delete(made.value)

    return run


def _check(error: int | None) -> None:
    if error:
        raise ProgramError(f"The runtime refuses: {root_cause(library().take_error(error))}.")
