"""The one module that knows how Wasmtime, and wasmtime-py, differ between releases.

Everything that reaches below wasmtime-py's public interface lives here as well, because that is
what changes without notice.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import wasmtime
from wasmtime import _bindings as bindings
from wasmtime import _ffi as ffi

from labkit.host.outcome import Frame

OLDEST = 14
"""The oldest major release whose wasmtime-py this host can drive."""

OUT_OF_FUEL = "wasm trap: all fuel consumed by WebAssembly"

FIRST_WITH_COMPONENTS = 39
"""The major release in which wasmtime-py got components."""

FIRST_WITH_ASYNC_COMPONENTS = 45
"""The major release in which the C API got asynchronous calls of components."""


FIRST_WITH_EXCEPTIONS = 39
"""The major release whose C API can allow WebAssembly's exceptions; since 47 they are allowed anyway."""


FIRST_WITH_WINCH = 45
"""The first major release whose wheels hold Winch; those before take Cranelift whatever they are told."""

FIRST_THAT_MAKES_UP_IMPORTS = 45
"""The major release in which wasmtime-py could have the linker make up what a core module imports."""

_DETAILS = "WASMTIME_BACKTRACE_DETAILS"

# wasmtime-py skipped the first one of these majors.
_FIRST_WHEELS = {27: "27.0.1", 46: "46.0.1", 47: "47.0.1"}


def first_release(major: int) -> str:
    """The first wasmtime-py release of a major version: `41` → `41.0.0`, but `46` → `46.0.1`."""
    return _FIRST_WHEELS.get(major, f"{major}.0.0")


@dataclass(frozen=True)
class Release:
    """What a Wasmtime release does where releases disagree. `version` is as in `50.0.1`."""

    version: str

    @property
    def major(self) -> int:
        """The major version, the only part behaviour has followed so far."""
        return int(self.version.split(".", 1)[0])

    @property
    def poison_scope(self) -> Literal["instance", "store"]:
        """How far one trap reaches: the component instance up to 41, the whole store since 42."""
        return "store" if self.major >= 42 else "instance"

    @property
    def owes_post_return(self) -> bool:
        """Whether the host must call `post_return` before it may call again (39-41)."""
        return self.major < 42

    @property
    def allows_reentrance(self) -> bool:
        """Whether a host function may call back into the component that called it."""
        return 42 <= self.major <= 44 or self.major >= 49

    @property
    def runs_components(self) -> bool:
        """Whether wasmtime-py has components at all (since 39); before it runs core modules only."""
        return self.major >= FIRST_WITH_COMPONENTS

    @property
    def prepares_instances(self) -> bool:
        """Whether `Linker.instantiate_pre` is there (since 46)."""
        return self.major >= 46

    @property
    def has_async_switch(self) -> bool:
        """Whether an engine is made for asynchronous calls by a switch (up to 41); since 42 all are."""
        return self.major <= 41

    @property
    def calls_components_async(self) -> bool:
        """Whether components can be called asynchronously (since 45); core modules always can."""
        return self.major >= FIRST_WITH_ASYNC_COMPONENTS

    @property
    def links_async_wasi(self) -> bool:
        """Whether there is a WASI for asynchronous calls of components (since 45)."""
        return self.major >= FIRST_WITH_ASYNC_COMPONENTS

    @property
    def keeps_machine_code(self) -> bool:
        """Whether its own cache of machine code is told of a folder as it is since 39."""
        return self.major >= FIRST_WITH_COMPONENTS

    @property
    def makes_up_imports(self) -> bool:
        """Whether a core module can be given an empty memory, table or global that nobody has (since 45)."""
        return self.major >= FIRST_THAT_MAKES_UP_IMPORTS

    @property
    def can_catch(self) -> bool:
        """Whether guests may throw and catch WebAssembly's exceptions, allowed to or anyway."""
        return self.major >= FIRST_WITH_EXCEPTIONS

    @property
    def has_winch(self) -> bool:
        """Whether guests can be compiled by Winch."""
        return self.major >= FIRST_WITH_WINCH

    @property
    def yields_from_callback(self) -> bool:
        """Whether `epoch_callback` can have a guest yield (since 16), or only `yield_at_epochs` can."""
        return self.major >= 16

    @property
    def yields_at_fuel(self) -> bool:
        """Whether guests can hand control back after so many units of fuel (since 20)."""
        return self.major >= 20

    @property
    def aborts_on_sync_call_of_async_export(self) -> bool:
        """Whether a synchronous call of a component's `async` export aborts the process (45-49), not an error."""
        return FIRST_WITH_ASYNC_COMPONENTS <= self.major <= 49

    @property
    def aborts_on_async_misuse(self) -> bool:
        """Whether mixing synchronous and asynchronous calls aborts the process (up to 41), not an error."""
        return self.major <= 41


def current() -> Release:
    """The release of the wasmtime package in this process."""
    return Release(importlib.metadata.version("wasmtime"))


@lru_cache(maxsize=1)
def trap_texts() -> dict[str, str]:
    """The running release's own text for every trap code, such as
    ``wasm trap: wasm `unreachable` instruction executed`` → `unreachable`.

    A component's trap arrives as an error without a code, so the code is found again by the text the
    library itself prints for it.
    """
    # wasmtime-py's list of codes lacked this one up to 42, and asking for an unknown number aborts the process.
    texts = {"wasm trap: cannot enter component instance": "cannot-enter-component", OUT_OF_FUEL: "out-of-fuel"}
    if not hasattr(bindings, "wasmtime_trap_new_code"):
        # So up to 35, which run core modules only: their traps carry the code themselves.
        return texts
    for code in wasmtime.TrapCode:
        trap = wasmtime.Trap._from_ptr(bindings.wasmtime_trap_new_code(code.value))
        texts[without_host_backtrace(str(trap))] = code_name(code)
        close(trap)
    return texts


def trap_code(error: wasmtime.Trap | wasmtime.WasmtimeError, message: str) -> str | None:
    """The code behind a failure with this root cause, as a word; None for one that has none."""
    known = trap_texts().get(message)
    if known is not None or not isinstance(error, wasmtime.Trap):
        return known
    try:
        code = error.trap_code
    except ValueError:  # a code that this wasmtime-py has no name for
        return None
    return None if code is None else code_name(code)


def without_host_backtrace(text: str) -> str:
    """An error's text without the runtime's own stack, which it ends in up to 41 or under `RUST_BACKTRACE`."""
    return text.split("Stack backtrace:", 1)[0].strip()


def code_name(code: wasmtime.TrapCode) -> str:
    """`TrapCode.OUT_OF_FUEL` → `out-of-fuel`."""
    return code.name.lower().replace("_", "-")


def error_frames(error: wasmtime.WasmtimeError) -> tuple[Frame, ...]:
    """The WebAssembly frames of a component's trap, innermost first; wasmtime-py drops them."""
    try:
        raw = pointer(error)
    except ValueError:
        raw = None
    if not raw:
        # Up to 38 what a host function raised comes back as it was, and never was in the runtime.
        return ()
    vec = ffi.wasm_frame_vec_t(0, None)
    bindings.wasmtime_error_wasm_trace(raw, ctypes.byref(vec))
    try:
        return tuple(_frame(vec.data[i]) for i in range(vec.size))
    finally:
        ffi.wasm_frame_vec_delete(ctypes.byref(vec))


def trap_frames(trap: wasmtime.Trap) -> tuple[Frame, ...]:
    """The WebAssembly frames of a core module's trap, innermost first."""
    return tuple(
        Frame(
            func_index=frame.func_index,
            func=frame.func_name,
            module=frame.module_name,
            module_offset=frame.module_offset,
            func_offset=frame.func_offset,
        )
        for frame in trap.frames
    )


def _frame(ptr: Any) -> Frame:
    func = bindings.wasmtime_frame_func_name(ptr)
    module = bindings.wasmtime_frame_module_name(ptr)
    return Frame(
        func_index=bindings.wasm_frame_func_index(ptr),
        func=ffi.to_str(func.contents) if func else None,
        module=ffi.to_str(module.contents) if module else None,
        module_offset=bindings.wasm_frame_module_offset(ptr),
        func_offset=bindings.wasm_frame_func_offset(ptr),
    )


def pointer(thing: Any) -> Any:
    """The C pointer of one of wasmtime-py's objects; up to 17 it was a plain attribute."""
    return thing.ptr() if hasattr(thing, "ptr") else thing._ptr


def close(thing: Any) -> None:
    """Free one of wasmtime-py's objects now; up to 17 that happens with its last reference."""
    if hasattr(thing, "close"):
        thing.close()


def config(*, backtrace_details: bool = False) -> wasmtime.Config:
    """A new configuration; with `backtrace_details` its traps look up lines, as DWARF tells them.

    The runtime takes that from an environment variable at this very moment, and from nowhere else.
    """
    before = os.environ.get(_DETAILS)
    if backtrace_details:
        os.environ[_DETAILS] = "1"
    try:
        return wasmtime.Config()
    finally:
        if backtrace_details:
            os.environ.pop(_DETAILS)
            os.environ.update({} if before is None else {_DETAILS: before})


def use_winch(config: wasmtime.Config) -> None:
    """Have Winch compile, which `Config.strategy` does not name."""
    choose = c_function("wasmtime_config_strategy_set", None, ctypes.c_void_p, ctypes.c_uint8)
    # WASMTIME_STRATEGY_WINCH in the runtime's `config.h`.
    choose(pointer(config), 2)


def allow_exceptions(config: wasmtime.Config) -> None:
    """Let guests throw and catch WebAssembly's own exceptions."""
    allow = c_function("wasmtime_config_wasm_exceptions_set", None, ctypes.c_void_p, ctypes.c_bool)
    allow(pointer(config), True)


def keep_machine_code(config: wasmtime.Config, folder: Path) -> None:
    """Have the runtime keep what it compiles in `folder`, and take it from there again.

    https://docs.wasmtime.dev/cli-cache.html
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "cache.toml"
    said = f"[cache]\ndirectory = {json.dumps(str(folder.resolve()))}\n"
    if not file.exists() or file.read_text("utf-8") != said:
        file.write_text(said, "utf-8")
    config.cache = str(file)


def set_fuel(store: wasmtime.Store, fuel: int) -> None:
    """Give a new store its fuel."""
    if hasattr(store, "set_fuel"):
        store.set_fuel(fuel)
    else:
        # 14 has nothing else; a new store starts with none.
        store.add_fuel(fuel)  # type: ignore[attr-defined]  # the pinned release does not know it


def is_async_function(ty: Any) -> bool:
    """Whether a component's function is `async`, as its type says (since 45)."""
    return hasattr(bindings, "wasmtime_component_func_type_async") and bool(
        bindings.wasmtime_component_func_type_async(pointer(ty))
    )


def component_item(extern: Any) -> Any:
    """What an entry of a component's exports or imports is: wrapped in an extern from 49 on, bare before."""
    return extern.ty if hasattr(extern, "ty") else extern


def epoch_callback(on_tick: Callable[[int], str | None], yields: Callable[[], bool]) -> Any:
    """A C callback for `watch_epochs`: `on_tick(key)` answers None to go on, or a text to stop the guest with.

    `yields` says whether the guest hands control back before it goes on. Keep the result referenced for as long as
    any store uses it.
    """

    def call(_context: Any, key: int | None, delta: Any, *kind: Any) -> int:
        stop = on_tick(key or 0)
        if stop is not None:
            # By the C function, because wasmtime-py's own errors have no pointer up to 38.
            error = bindings.wasmtime_error_new(stop.encode())
            return ctypes.cast(error, ctypes.c_void_p).value or 0
        delta[0] = 1
        if kind:  # since 16
            kind[0][0] = int(yields())
        return 0

    argtypes = bindings._wasmtime_store_epoch_deadline_callback.argtypes
    assert argtypes is not None
    return argtypes[1](call)


def watch_epochs(store: wasmtime.Store, callback: Any, key: int) -> None:
    """Have `callback` asked, with `key`, at every epoch while a guest runs in `store`."""
    function = bindings.wasmtime_store_epoch_deadline_callback
    argtypes = bindings._wasmtime_store_epoch_deadline_callback.argtypes
    assert argtypes is not None
    # The finalizer came in 16.
    no_finalizer = [] if len(argtypes) == 3 else [ctypes.CFUNCTYPE(None, ctypes.c_void_p)()]
    function(pointer(store), callback, key, *no_finalizer)
    store.set_epoch_deadline(1)


@cache
def c_function(name: str, result: Any, *arguments: Any) -> Any:
    """A function of the shared library with types of its own; wasmtime-py keeps those that it declares.

    Raises `AttributeError` where the release lacks it.
    """
    return ctypes.CFUNCTYPE(result, *arguments)((name, ffi.dll))


def context(store: wasmtime.Store) -> Any:
    """The C context of a store; up to 17 it was a plain attribute."""
    return store._context() if callable(store._context) else store._context
