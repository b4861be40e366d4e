"""What costs what, as ratios inside one run: nothing here knows how fast the machine is."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest
import wasmtime

from labkit.cost import public
from labkit.cost.engines import Knobs, make_engine
from labkit.cost.floor import floor_way
from labkit.cost.native.component import Component
from labkit.cost.native.core import Core
from labkit.cost.native.library import address, library
from labkit.cost.statistics import times
from labkit.cost.turns import Way, single, take_turns
from labkit.cost.workloads import made_here, workload


def medians(*runs: Callable[[], Any], seconds: float = 1.0) -> list[float]:
    """Nanoseconds for each, timed in turn."""
    ways = [run if isinstance(run, Way) else Way(single(run)) for run in runs]
    take_turns(ways, seconds)
    return [times(way.column(0)).median for way in ways]


def by_hand_core(core: Core) -> Callable[[], float]:
    """A fresh store for `double(1.0)` as somebody would write it who needs nothing else and checks nothing."""
    lib, names = library(), ("store_new", "store_context", "instance_pre_instantiate", "instance_export_get")
    new, context_of, instantiate, get = (lib[f"wasmtime_{name}"] for name in names)
    call, delete = lib["wasmtime_func_call_unchecked"], lib["wasmtime_store_delete"]
    instance, extern, values = (ctypes.create_string_buffer(size) for size in (16, 32, 16))
    trap, name = ctypes.c_void_p(), ctypes.create_string_buffer(b"double")
    number = ctypes.c_double.from_buffer(values)
    instance_at, extern_at, values_at, trap_at, name_at = map(
        ctypes.addressof, (instance, extern, values, trap, name)
    )
    engine, prepared = address(core.engine), address(core.prepared)

    def run(_kept: Any = (core, instance, extern, values, name)) -> float:
        store = new(engine, None, None)
        context = context_of(store)
        error = instantiate(prepared, context, instance_at, trap_at)
        if error or trap.value:
            raise RuntimeError
        get(context, instance_at, name_at, 6, extern_at)
        number.value = 1.0
        error = call(context, extern_at + 8, values_at, 1, trap_at)
        if error or trap.value:
            raise RuntimeError
        result = number.value
        delete(store)
        return result

    return run


def by_hand_component(component: Component) -> Callable[[], float]:
    lib, names = library(), ("linker_instantiate", "instance_get_func", "func_call")
    instantiate, get, call = (lib[f"wasmtime_component_{name}"] for name in names)
    new, context_of, delete = (lib[f"wasmtime_store_{name}"] for name in ("new", "context", "delete"))
    instance, function, given, result = (ctypes.create_string_buffer(size) for size in (16, 32, 32, 32))
    given[0] = b"\x0a"
    number, answer = ctypes.c_double.from_buffer(given, 8), ctypes.c_double.from_buffer(result, 8)
    instance_at, function_at, given_at, result_at = map(ctypes.addressof, (instance, function, given, result))
    index = component.index("double")
    engine, linker, code, index_at = map(address, (component.engine, component.linker, component.code, index))

    def run(_kept: Any = (component, instance, function, index)) -> float:
        store = new(engine, None, None)
        context = context_of(store)
        if instantiate(linker, context, code, instance_at):
            raise RuntimeError
        get(instance_at, context, index_at, function_at)
        number.value = 1.0
        if call(function_at, context, given_at, 1, result_at, 1):
            raise RuntimeError
        value = answer.value
        delete(store)
        return value

    return run


@pytest.mark.parametrize("name", ["empty", "one-page", "component"])
def test_what_makes_the_native_path_safe_costs_little(name: str) -> None:
    engine, program = make_engine(Knobs(pooling=True)), made_here(name)
    prepared = Core(engine, program) if program.kind == "module" else Component(engine, program)
    by_hand = by_hand_core(prepared) if isinstance(prepared, Core) else by_hand_component(prepared)
    fresh = prepared.fresh("double", 1.0)
    assert (by_hand(), fresh.run(), fresh.result()) == (2.0, True, 2.0)
    ours, theirs = medians(fresh.run, by_hand)
    assert ours < 1.15 * theirs


def test_python_costs_more_than_the_native_path_and_that_more_than_c() -> None:
    core = Core(make_engine(Knobs(pooling=True)), made_here("empty"))
    in_c = floor_way(core, workload("empty"), live=False)
    floor, native, python = medians(in_c, core.fresh("double", 1.0).run, public.fresh(core, "double", 1.0).run)
    assert 1.5 * floor < native
    assert 3 * native < python


def test_the_floor_of_a_component_and_of_a_live_call_is_lower_too() -> None:
    component = Component(make_engine(Knobs()), made_here("component"))
    with component.live("double", 1.0) as live:
        in_c = [floor_way(component, workload("component"), live=kept) for kept in (False, True)]
        fresh_in_c, live_in_c, fresh, kept = medians(*in_c, component.fresh("double", 1.0).run, live.run)
    assert live_in_c < fresh_in_c < fresh
    assert live_in_c < kept < fresh


def test_mapping_the_memory_image_saves_copying_it() -> None:
    mapped, copied = (
        Core(make_engine(Knobs(copy_on_write=on)), made_here("large")).fresh("double", 1.0).run
        for on in (True, False)
    )
    lazily, at_once = medians(mapped, copied)
    assert at_once > 20 * lazily


def test_what_is_kept_resident_pays_only_if_it_is_touched() -> None:
    engines = [make_engine(Knobs(pooling=True, keep_resident=kept)) for kept in (0, 8 * 2**20)]
    cores = [Core(engine, made_here("large")) for engine in engines]
    runs = [core.fresh("touch", size).run for size in (0, 8 * 2**20) for core in cores]
    given_back, kept, touched, touched_and_kept = medians(*runs, seconds=2.0)
    assert given_back < kept
    assert touched_and_kept < touched


def test_compiling_costs_more_than_reading_what_was_compiled(tmp_path: Any) -> None:
    engine, program = make_engine(Knobs()), made_here("one-page")
    image = bytes(wasmtime.Module(engine, program.wasm).serialize())
    compiled, read = medians(
        lambda: wasmtime.Module(engine, program.wasm).close(),
        lambda: wasmtime.Module.deserialize(engine, image).close(),
    )
    assert compiled > 3 * read
