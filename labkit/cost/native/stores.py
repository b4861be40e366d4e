"""Making stores, with a WASI context where a guest needs one, and dropping them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.cost.native.library import library

Opener = Callable[[int, None, None], Any]
"""Takes an engine's address, data and a finalizer as `wasmtime_store_new` does, and gives a store's address."""


def store_opener(*, wasi: bool) -> Opener:
    """What makes a store. Without WASI that is the C function itself, so that it costs nothing on top."""
    lib = library()
    new: Opener = lib["wasmtime_store_new"]
    if not wasi:
        return new
    context_of, config_new, set_wasi = (
        lib["wasmtime_store_context"],
        lib["wasi_config_new"],
        lib["wasmtime_context_set_wasi"],
    )

    def open_store(engine: int, data: None, finalizer: None) -> Any:
        store = new(engine, data, finalizer)
        # Takes the configuration, and has nothing to complain about in an empty one.
        set_wasi(context_of(store), config_new())
        return store

    return open_store


def drop_all(stores: list[int], delete: Callable[[int], None]) -> None:
    """Delete every store, once."""
    while stores:
        delete(stores.pop())
