"""Engines with the knobs that decide what an instantiation or a compilation costs.

Some of them wasmtime-py does not offer: they are set through the C API, as the native path calls it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec
import wasmtime

from labkit.cost.native.library import address, library

Compiling = Literal["speed", "none", "single-pass", "winch", "fuel", "epochs"]
"""How code is made: by Cranelift, optimising for speed, not optimising, or allocating registers in one pass; by
Winch; or by Cranelift with what counts fuel, or looks at the epoch, in it."""

SLOTS: Final = 400
"""Memories that a pool has room for. Each has 4 GiB of addresses, of which there are enough, and no memory yet."""

_MEMORY: Final = 64 * 2**20
_TABLE_ELEMENTS: Final = 20_000
_TABLES: Final = 4
_INSTANCE_SIZE: Final = 2**20
_WINCH: Final = 2
_SINGLE_PASS: Final = 1


class Knobs(msgspec.Struct, frozen=True, kw_only=True):
    """`keep_resident`: bytes of a slot's memory that are cleared instead of given back. `cache`: a folder in which
    what was compiled is kept.
    """

    pooling: bool = False
    copy_on_write: bool = True
    keep_resident: int = 0
    compiling: Compiling = "speed"
    cache: Path | None = None


def make_engine(knobs: Knobs) -> wasmtime.Engine:
    """A new engine; raises `wasmtime.WasmtimeError` for what this machine has no room for."""
    config = wasmtime.Config()
    config.memory_init_cow = knobs.copy_on_write
    _choose_compiler(config, knobs.compiling)
    if knobs.cache is not None:
        file = knobs.cache / "cache.toml"
        file.write_text(f'[cache]\ndirectory = "{knobs.cache}"\n', "utf-8")
        config.cache = str(file)
    if knobs.pooling:
        _pool(config, knobs.keep_resident)
    return wasmtime.Engine(config)


def _choose_compiler(config: wasmtime.Config, compiling: Compiling) -> None:
    match compiling:
        case "none":
            config.cranelift_opt_level = "none"
        case "single-pass":
            library()["wasmtime_config_cranelift_regalloc_algorithm_set"](address(config), _SINGLE_PASS)
        case "winch":
            # wasmtime-py takes the strategies "auto" and "cranelift" only.
            library()["wasmtime_config_strategy_set"](address(config), _WINCH)
        case "fuel":
            config.consume_fuel = True
        case "epochs":
            config.epoch_interruption = True


def _pool(config: wasmtime.Config, keep_resident: int) -> None:
    lib = library()
    pool = lib["wasmtime_pooling_allocation_config_new"]()
    limits = {
        "total_core_instances": 4 * SLOTS,
        "total_component_instances": 4 * SLOTS,
        "total_memories": SLOTS,
        "total_tables": 2 * SLOTS,
        "total_gc_heaps": SLOTS,
        "max_tables_per_module": _TABLES,
        "table_elements": _TABLE_ELEMENTS,
        "max_core_instance_size": _INSTANCE_SIZE,
        "max_component_instance_size": _INSTANCE_SIZE,
        "max_memory_size": _MEMORY,
        "linear_memory_keep_resident": keep_resident,
        "table_keep_resident": keep_resident,
    }
    for name, value in limits.items():
        lib[f"wasmtime_pooling_allocation_config_{name}_set"](pool, value)
    # It is copied, so ours is deleted.
    lib["wasmtime_pooling_allocation_strategy_set"](address(config), pool)
    lib["wasmtime_pooling_allocation_config_delete"](pool)
