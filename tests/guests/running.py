"""A component or module with its host, as far as these tests need one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import wasmtime
from wasmtime import component as wc

from labkit.guests import Guest, build
from labkit.host.versions import use_winch


def built(shown: Guest) -> bytes:
    """A guest's bytes: compiled, or prebuilt where that would take a whole standard library in every worker.

    That the prebuilt file is what the source becomes is a test of its own.
    """
    return build(shown.name, use="auto" if shown.std.shipped else "prebuilt").wasm


@lru_cache(maxsize=4)
def compiled(wasm: bytes) -> tuple[wasmtime.Engine, wc.Component]:
    """A component with its engine; one that holds a whole interpreter is compiled by Winch, and once."""
    config = wasmtime.Config()
    if len(wasm) > 10_000_000:
        use_winch(config)
    engine = wasmtime.Engine(config)
    return engine, wc.Component(engine, wasm)


class Running:
    """One instance in a store of its own; `calls_to_host` are what it asked of host functions."""

    def __init__(self, wasm: bytes, stderr: Path, host_functions: Iterable[str] = ()) -> None:
        self.calls_to_host: list[tuple[str, str]] = []
        self._stderr = stderr
        engine, component = compiled(wasm)
        self._store = wasmtime.Store(engine)
        wasi = wasmtime.WasiConfig()
        wasi.stderr_file = str(stderr)
        self._store.set_wasi(wasi)
        linker = wc.Linker(engine)
        linker.add_wasip2()
        with linker.root() as root:
            for name in host_functions:
                root.add_func(name, self._host_function(name))
        self._instance = linker.instantiate(self._store, component)

    def _host_function(self, name: str) -> Any:
        def called(_store: object, text: str) -> None:
            self.calls_to_host.append((name, text))

        return called

    def call(self, export: str, *args: float | str) -> Any:
        function = self._instance.get_func(self._store, export)
        assert function is not None, f"no export {export}"
        answer = function(self._store, *args)
        function.post_return(self._store)
        return answer.payload if isinstance(answer, wc.Variant) else answer

    def stderr(self) -> str:
        return self._stderr.read_text()
