"""The floor: what the same calls take in C, where this machine has a C compiler.

`floor.c` is compiled when something is measured, against nothing at all: it is handed the addresses of the
functions, so it calls the very library that Python calls, in the same process, and takes turns with everything
else.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any, Final

from labkit import resources
from labkit.cost.compiler import Compiler, c_compiler, run_compiler
from labkit.cost.native.component import Component
from labkit.cost.native.core import Core
from labkit.cost.native.library import address, library
from labkit.cost.native.values import CORE_SIZE
from labkit.cost.turns import Way
from labkit.cost.workloads import Workload
from labkit.errors import LabkitError, ToolchainError

_SOURCE: Final = Path(__file__).with_name("floor.c")
_FLAGS: Final = ("-std=c11", "-O2", "-shared", "-fPIC")
_SLOTS: Final = 64

_CALLS: Final = 16
"""Calls for one sample: few enough to take turns, and enough for the call from Python not to leave the code
cold.
"""

# As in floor.c.
_FUNCTIONS: Final = (
    "wasmtime_store_new",
    "wasmtime_store_context",
    "wasmtime_store_delete",
    "wasmtime_instance_pre_instantiate",
    "wasmtime_instance_export_get",
    "wasmtime_func_call_unchecked",
    "wasmtime_component_linker_instantiate",
    "wasmtime_component_instance_get_func",
    "wasmtime_component_func_call",
)


class _Job(ctypes.Structure):
    _fields_ = (
        ("engine", ctypes.c_void_p),
        ("from", ctypes.c_void_p),
        ("component", ctypes.c_void_p),
        ("index", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("name_length", ctypes.c_size_t),
        ("given", ctypes.c_void_p),
        ("given_bytes", ctypes.c_size_t),
        ("given_count", ctypes.c_size_t),
        ("slot_count", ctypes.c_size_t),
    )


def floor_way(program: Core | Component, workload: Workload, *, live: bool) -> Way:
    """A workload's call in C: in a store of its own each time, or `live`, on one instance.

    Raises `ToolchainError` without a compiler, `LabkitError` for a workload that needs more than a store.
    """
    if program.wasi:
        raise LabkitError("In C only guests that need no WASI are called.")
    loaded = _loaded()
    values = program.values(workload.export, workload.args)
    if values.owned or values.slots * CORE_SIZE > _SLOTS:
        raise LabkitError("In C only guests that take a few numbers and give one are called.")
    job, kept = _job(program, workload, values.given, values.slots)
    table = (ctypes.c_void_p * len(_FUNCTIONS))(*(library().address(name) for name in _FUNCTIONS))
    run = loaded["labkit_live" if live else "labkit_fresh"]

    def sample(_kept: Any = (kept, program)) -> tuple[float, ...]:
        took = run(table, ctypes.byref(job), _CALLS)
        if took < 0:
            raise LabkitError("The call failed in C.")
        return (took / _CALLS,)

    return Way(sample)


def _job(program: Core | Component, workload: Workload, given: bytes, slots: int) -> tuple[_Job, tuple[Any, ...]]:
    """What C is told, and what has to be kept for as long as it is used."""
    buffer = ctypes.create_string_buffer(given, max(1, len(given)))
    name = workload.export.encode()
    job = _Job(name=name, name_length=len(name), engine=address(program.engine), slot_count=slots)
    job.given, job.given_bytes, job.given_count = ctypes.addressof(buffer), len(given), len(workload.args)
    if isinstance(program, Core):
        setattr(job, "from", address(program.prepared))
        return job, (buffer, name)
    index = program.index(program.type_of(workload.export)[0])
    setattr(job, "from", address(program.linker))
    job.component, job.index = address(program.code), address(index)
    return job, (buffer, name, index)


@cache
def _loaded() -> Any:
    """The compiled floor, from the cache if it was compiled before; raises `ToolchainError`."""
    compiler = c_compiler()
    source = _SOURCE.read_bytes()
    digest = hashlib.sha256(source + "\0".join((compiler.version, *_FLAGS)).encode()).hexdigest()[:16]
    made = resources.cache_dir() / "floor" / f"floor-{digest}.so"
    if not made.exists():
        _compile(compiler, made)
    loaded = ctypes.CDLL(str(made))
    for name in ("labkit_fresh", "labkit_live"):
        getattr(loaded, name).restype = ctypes.c_int64
        getattr(loaded, name).argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    return {name: getattr(loaded, name) for name in ("labkit_fresh", "labkit_live")}


def _compile(compiler: Compiler, made: Path) -> None:
    made.parent.mkdir(parents=True, exist_ok=True)
    # Under a name of its own first, so that nobody loads half of it.
    part = made.with_name(f"{made.name}.{os.getpid()}")
    done = run_compiler([compiler.path, *_FLAGS, "-o", str(part), str(_SOURCE)])
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise ToolchainError(f"{compiler.version} cannot compile the floor: {said}")
    part.replace(made)
