"""The same calls as on the native path, through wasmtime-py's public interface: what is paid from Python.

They go to the same engine, the same compiled code and the same linker, so that only the way there differs, and
have the same form, so that whoever times them need not care which they are.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from time import perf_counter_ns
from typing import Any, Final

import wasmtime

from labkit.cost.native.call import Failures, Fresh, Live
from labkit.cost.native.component import Component
from labkit.cost.native.core import Core
from labkit.errors import ClosedError, ProgramError
from labkit.host.faults import root_cause

_FAILED: Final = (wasmtime.Trap, wasmtime.WasmtimeError)

Instantiate = Callable[[wasmtime.Store], Any]
LookUp = Callable[[wasmtime.Store, Any], Callable[..., Any]]


def fresh(program: Core | Component, export: str, *args: Any) -> Fresh:
    """See `Core.fresh`; what it raises for a wrong argument comes from wasmtime-py, when it runs."""
    engine, wasi = program.engine, program.wasi
    instantiate, look_up = _ways(program, export)
    failures = Failures()
    results: list[Any] = [None]

    def run() -> bool:
        store = open_store(engine, wasi=wasi)
        try:
            results[0] = look_up(store, instantiate(store))(store, *args)
        except _FAILED as error:
            failures.note(root_cause(str(error)))
            return False
        finally:
            store.close()
        return True

    def laps() -> tuple[int, ...]:
        clock = perf_counter_ns
        at = [clock()]
        store = open_store(engine, wasi=wasi)
        at.append(clock())
        instance = instantiate(store)
        at.append(clock())
        function = look_up(store, instance)
        for _ in range(2):
            at.append(clock())
            try:
                function(store, *args)
            except _FAILED as error:
                failures.note(root_cause(str(error)))
        at.append(clock())
        store.close()
        at.append(clock())
        return tuple(after - before for before, after in pairwise(at))

    return Fresh(run, laps, lambda: results[0], failures)


def live(program: Core | Component, export: str, *args: Any) -> Live:
    """See `Core.live`."""
    engine, wasi = program.engine, program.wasi
    instantiate, look_up = _ways(program, export)
    failures = Failures()
    results: list[Any] = [None]
    # The store and the function that calls go to; empty once closed.
    current: list[Any] = []

    def fill(store: wasmtime.Store) -> bool:
        try:
            current[:] = [store, look_up(store, instantiate(store))]
        except _FAILED as error:
            failures.note(root_cause(str(error)))
            return False
        return True

    def close() -> None:
        if current:
            current[0].close()
            current.clear()

    def renew() -> bool:
        close()
        store = open_store(engine, wasi=wasi)
        if fill(store):
            return True
        store.close()
        return False

    def another() -> bool:
        return fill(store_in_use())

    def store_in_use() -> wasmtime.Store:
        if not current:
            raise ClosedError("The store of this call is closed; prepare another one.")
        found: wasmtime.Store = current[0]
        return found

    def calling(*args: Any) -> Callable[[], bool]:
        def run() -> bool:
            store = store_in_use()
            try:
                results[0] = current[1](store, *args)
            except _FAILED as error:
                failures.note(root_cause(str(error)))
                return False
            return True

        return run

    if not renew():
        raise ProgramError(f"{program.program.name} cannot be instantiated: {failures.text}.")
    return Live(calling(*args), calling, renew, another, close, lambda: results[0], failures)


def open_store(engine: wasmtime.Engine, *, wasi: bool) -> wasmtime.Store:
    """A store as wasmtime-py makes it."""
    store = wasmtime.Store(engine)
    if wasi:
        store.set_wasi(wasmtime.WasiConfig())
    return store


def _ways(program: Core | Component, export: str) -> tuple[Instantiate, LookUp]:
    """How a program is instantiated, and how its export is found in the instance."""
    if isinstance(program, Core):
        program.type_of(export)
        return program.prepared.instantiate, lambda store, instance: instance.exports(store)[export]
    linker, code = program.linker, program.code
    index = program.index(program.type_of(export)[0])
    return (
        lambda store: linker.instantiate(store, code),
        lambda store, instance: instance.get_func(store, index),
    )
