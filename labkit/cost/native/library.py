"""The bundled library, called without wasmtime-py's own layer.

wasmtime-py checks and wraps every value that crosses, which is right for a library and hides what is to be
measured here: 40 µs around an instantiation of 1 µs. These are the same C functions of the same shared object,
by a handle of our own: a handle has function objects of its own, so the types given to them here change nothing
for wasmtime-py.

Every pointer is a plain integer (`c_void_p`), because making a ctypes object for each would cost more than the
call. That is also why this is dangerous: a wrong address is a crash, not an exception. So nothing outside of
this folder calls these functions, and what does, is handed addresses of memory that somebody keeps.

The signatures are those of Wasmtime's C API, in the release that labkit pins.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import wasmtime

from labkit.errors import LabkitError
from labkit.host import versions

_ADDRESS = ctypes.c_void_p
_SIZE = ctypes.c_size_t
_NUMBER = ctypes.c_uint32

# Results and arguments. What is named `…_new` belongs to the caller until it is given to the `…_delete` beside it.
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    # (engine, data, finalizer) -> store; the context is borrowed from the store
    "wasmtime_store_new": (_ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS),
    "wasmtime_store_context": (_ADDRESS, _ADDRESS),
    "wasmtime_store_delete": (None, _ADDRESS),
    # (context, config) -> error; takes the config
    "wasi_config_new": (_ADDRESS,),
    "wasmtime_context_set_wasi": (_ADDRESS, _ADDRESS, _ADDRESS),
    # (pre, context, &instance, &trap) -> error
    "wasmtime_instance_pre_instantiate": (_ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS),
    # (context, &instance, name, length, &extern) -> found
    "wasmtime_instance_export_get": (ctypes.c_bool, _ADDRESS, _ADDRESS, _ADDRESS, _SIZE, _ADDRESS),
    # (context, &func, values, how many, &trap) -> error; the results replace the arguments
    "wasmtime_func_call_unchecked": (_ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS, _SIZE, _ADDRESS),
    # (linker, context, component, &instance) -> error
    "wasmtime_component_linker_instantiate": (_ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS),
    # (&instance, context, index, &func) -> found
    "wasmtime_component_instance_get_func": (ctypes.c_bool, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS),
    # (&func, context, arguments, how many, results, how many) -> error
    "wasmtime_component_func_call": (_ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS, _SIZE, _ADDRESS, _SIZE),
    "wasmtime_component_val_delete": (None, _ADDRESS),
    # (error or trap, &bytes): the bytes belong to the caller
    "wasmtime_error_message": (None, _ADDRESS, _ADDRESS),
    "wasmtime_error_delete": (None, _ADDRESS),
    "wasm_trap_message": (None, _ADDRESS, _ADDRESS),
    "wasm_trap_delete": (None, _ADDRESS),
    "wasm_byte_vec_delete": (None, _ADDRESS),
    # (engine, bytes, length, &code) -> error; the same for a file by its path, and from code to bytes
    **{
        f"wasmtime_{kind}_{name}": (_ADDRESS, _ADDRESS, _ADDRESS, _SIZE, _ADDRESS)
        for kind in ("module", "component")
        for name in ("new", "deserialize")
    },
    **{
        f"wasmtime_{kind}_deserialize_file": (_ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS)
        for kind in ("module", "component")
    },
    **{f"wasmtime_{kind}_serialize": (_ADDRESS, _ADDRESS, _ADDRESS) for kind in ("module", "component")},
    **{f"wasmtime_{kind}_delete": (None, _ADDRESS) for kind in ("module", "component")},
    # the engine takes its config
    "wasm_config_new": (_ADDRESS,),
    "wasm_engine_new_with_config": (_ADDRESS, _ADDRESS),
    "wasm_engine_delete": (None, _ADDRESS),
    # (config, number)
    "wasmtime_config_strategy_set": (None, _ADDRESS, ctypes.c_uint8),
    "wasmtime_config_cranelift_regalloc_algorithm_set": (None, _ADDRESS, ctypes.c_uint8),
    "wasmtime_pooling_allocation_config_new": (_ADDRESS,),
    "wasmtime_pooling_allocation_config_delete": (None, _ADDRESS),
    # (config, pooling config): copies it
    "wasmtime_pooling_allocation_strategy_set": (None, _ADDRESS, _ADDRESS),
    "wasmtime_pooling_allocation_config_total_core_instances_set": (None, _ADDRESS, _NUMBER),
    "wasmtime_pooling_allocation_config_total_component_instances_set": (None, _ADDRESS, _NUMBER),
    "wasmtime_pooling_allocation_config_total_memories_set": (None, _ADDRESS, _NUMBER),
    "wasmtime_pooling_allocation_config_total_tables_set": (None, _ADDRESS, _NUMBER),
    "wasmtime_pooling_allocation_config_total_gc_heaps_set": (None, _ADDRESS, _NUMBER),
    "wasmtime_pooling_allocation_config_max_tables_per_module_set": (None, _ADDRESS, _NUMBER),
    "wasmtime_pooling_allocation_config_table_elements_set": (None, _ADDRESS, _SIZE),
    "wasmtime_pooling_allocation_config_max_core_instance_size_set": (None, _ADDRESS, _SIZE),
    "wasmtime_pooling_allocation_config_max_component_instance_size_set": (None, _ADDRESS, _SIZE),
    "wasmtime_pooling_allocation_config_max_memory_size_set": (None, _ADDRESS, _SIZE),
    "wasmtime_pooling_allocation_config_linear_memory_keep_resident_set": (None, _ADDRESS, _SIZE),
    "wasmtime_pooling_allocation_config_table_keep_resident_set": (None, _ADDRESS, _SIZE),
}


class RawBytes(ctypes.Structure):
    """A `wasm_byte_vec_t`."""

    _fields_ = (("size", ctypes.c_size_t), ("data", ctypes.c_void_p))


@dataclass(frozen=True)
class Library:
    """The C functions by their names; raises `LabkitError` for one that this module does not declare."""

    functions: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        try:
            return self.functions[name]
        except KeyError:
            raise LabkitError(f"{name} is no function that the native path declares.") from None

    def address(self, name: str) -> int:
        """Where the code of a function lies, for whoever calls it from C."""
        found = ctypes.cast(self[name], ctypes.c_void_p).value
        assert found is not None
        return found

    def take_error(self, error: int) -> str:
        """The text of an error, which is deleted."""
        return self._take(error, "wasmtime_error_message", "wasmtime_error_delete")

    def take_trap(self, trap: int) -> str:
        """The text of a trap, which is deleted."""
        return self._take(trap, "wasm_trap_message", "wasm_trap_delete")

    def _take(self, what: int, message: str, delete: str) -> str:
        said = RawBytes()
        where = ctypes.addressof(said)
        self[message](what, where)
        try:
            text = ctypes.string_at(said.data, said.size) if said.data else b""
        finally:
            self["wasm_byte_vec_delete"](where)
            self[delete](what)
        # A trap's message ends with a null character.
        return text.rstrip(b"\0").decode("utf-8", "replace")


@cache
def library() -> Library:
    """The library that wasmtime-py brought with it; raises `LabkitError` where it is not found."""
    found = sorted(Path(wasmtime.__file__).parent.glob("*/_*wasmtime.*"))
    if len(found) != 1:
        raise LabkitError("wasmtime's shared library is not where it should be; install wasmtime again.")
    # Unlike PyDLL this gives up Python's lock for each call, so that threads can run side by side.
    handle = ctypes.CDLL(str(found[0]))
    functions = {}
    for name, (result, *arguments) in _SIGNATURES.items():
        function = handle[name]
        function.restype, function.argtypes = result, arguments
        functions[name] = function
    return Library(functions)


def address(thing: Any) -> int:
    """Where one of wasmtime-py's objects lies; whoever uses it keeps the object."""
    found = ctypes.cast(versions.pointer(thing), ctypes.c_void_p).value
    assert found is not None
    return found
