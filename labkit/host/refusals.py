"""Why a store refuses an entry without trying: it would never end, or the process would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.errors import BusyError, ProgramError
from labkit.host.async_entry import AsyncEntry
from labkit.host.outcome import Cause
from labkit.host.program import Program

if TYPE_CHECKING:
    from labkit.host.instance import Instance
    from labkit.host.store import Store


def of_call(instance: Instance) -> Cause | None:
    """Why `instance` cannot be called at all."""
    if instance.store.closed:
        return Cause("closed")
    return None if instance.outcome.ok else Cause("no-instance", instance.outcome.step)


def of_sync_entry(store: Store) -> Cause | None:
    """Why a synchronous entry into `store` is refused.

    Raises `BusyError` if it would have to wait for a suspended call, which cannot go on while somebody waits.
    """
    suspended = store.suspended
    if suspended is not None:
        if _is_inside(store, suspended):
            return Cause("re-entrance", suspended.step)
        raise BusyError(
            f"Step {suspended.step} is suspended in store {store.number}; await call_async or instantiate_async, "
            "which wait for their turn, or use another store."
        )
    if store.engine.refuses_sync:
        return Cause("async-required", store.health.async_since or None)
    return None


def of_sync_linking(store: Store, program: Program, paths: frozenset[str]) -> Cause | None:
    """Why a synchronous instantiation that links coroutines is refused; None where the runtime says so itself.

    Raises `ProgramError` where coroutines cannot be linked into a component at all.
    """
    release = store.engine.release
    if program.kind == "component" and not release.calls_components_async:
        raise ProgramError(
            f"{program.name} is a component, and Wasmtime {release.version} links asynchronous host functions "
            f"into core modules only; provide {', '.join(sorted(paths))} by a plain function, without async."
        )
    return Cause("async-required") if release.aborts_on_async_misuse and not store.engine.sheltered else None


def of_waiting(store: Store) -> Cause | None:
    """Why an asynchronous entry does not wait for its turn: whoever has it waits for the one who asks."""
    suspended = store.suspended
    if suspended is not None and _is_inside(store, suspended):
        return Cause("re-entrance", suspended.step)
    running = [entry for entry in store.engine.entries.stack if entry.host is store]
    return Cause("re-entrance", running[-1].step) if running else None


def _is_inside(store: Store, entry: AsyncEntry) -> bool:
    """Whether a host function of `entry` asks: a plain one runs on its stack, a coroutine in a task of its own."""
    return entry in store.engine.entries.stack or entry in store.engine.chain.entries
