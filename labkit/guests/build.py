"""From a guest's source to WebAssembly: compiled now, compiled before, or prebuilt."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Literal

import wasmtime

from labkit import resources
from labkit.errors import ArgumentError, BuildError, ToolchainError
from labkit.guests import cache, prebuilt
from labkit.guests.artifact import Artifact, digest, digest_files
from labkit.guests.catalogue import Guest, Language, guest
from labkit.guests.componentize import build_python
from labkit.guests.process import Say
from labkit.guests.toolchain import Toolchain, first_toolchain
from labkit.guests.workspace import COMPILE_TIMEOUT, Debug, Workspace, source_files

Use = Literal["auto", "compile", "prebuilt"]


def build(
    name: str,
    *,
    source: str | None = None,
    say: Say | None = None,
    use: Use = "auto",
    debug: Debug = "names",
    timeout: float = COMPILE_TIMEOUT,
) -> Artifact:
    """The shipped guest `name` as WebAssembly; `source` takes the place of its editable file.

    With `use="auto"` a Rust guest is compiled when a toolchain is here and works, and otherwise comes from its
    prebuilt file, which `Artifact.how` tells; one in Python has none. `say` hears each line of the compiler as it
    comes. With `debug` a Rust guest keeps its DWARF (`full`) or the part of it that is about lines (`lines`),
    which only a compiler can give it.

    Raises `UnknownNameError`, `BuildError` (with the compiler's messages in `log`), `ToolchainError` (a
    compiler is needed and missing, or takes longer than `timeout` seconds), `FormatError` (a damaged
    prebuilt file).
    """
    chosen = guest(name)
    if chosen.language == "wat":
        return _from_wat(name, chosen.source if source is None else source)
    if chosen.language == "python":
        if use == "prebuilt":
            raise ToolchainError(f"There is no prebuilt {name}: it is built where it is used.")
        return build_python(name, chosen, source, say or _silent, timeout)
    edited = source is not None and source != chosen.source
    if use == "prebuilt":
        if debug != "names":
            raise ArgumentError(
                f"The prebuilt file of {name} has names and no DWARF; compile it for debug={debug!r}."
            )
        if edited:
            raise ArgumentError(f"{name} was edited, and a prebuilt file only exists of the source as shipped.")
        return prebuilt.load(chosen)
    fall_back = use == "auto" and not edited and debug == "names"
    return _from_rust(name, chosen, source, say or _silent, timeout, fall_back=fall_back, debug=debug)


def build_source(
    name: str,
    source: str,
    language: Language,
    *,
    base: Guest | None = None,
    say: Say | None = None,
    timeout: float = COMPILE_TIMEOUT,
) -> Artifact:
    """A program called `name` from a text that no shipped guest has.

    A Rust text is compiled in place of the source of `base`, whose world and `abi.rs` it has to fit.
    """
    if language == "wat":
        return _from_wat(name, source)
    if language == "python":
        raise ArgumentError("Python source is built in place of that of a shipped guest: build(name, source=…).")
    if base is None or base.language != "rust":
        raise ArgumentError("Rust source needs a Rust guest as its base: the one whose world it implements.")
    return _from_rust(name, base, source, say or _silent, timeout, fall_back=False)


def build_key(base: Guest, source_digest: str, toolchain: Toolchain, debug: Debug = "names") -> str:
    """What a compiled guest is kept under: the same source and toolchain give the same bytes."""
    more = "" if debug == "names" else f"\0debug={debug}"
    return digest(f"{base.name}\0{source_digest}\0{toolchain.id}{more}".encode())


def _from_rust(
    name: str,
    base: Guest,
    source: str | None,
    say: Say,
    timeout: float,
    *,
    fall_back: bool,
    debug: Debug = "names",
) -> Artifact:
    began = time.perf_counter()
    toolchain = first_toolchain(base)
    if toolchain is None:
        if fall_back:
            return prebuilt.load(base)
        raise ToolchainError(_missing_toolchain(base))
    files = source_files(base, source)
    source_digest = digest_files(files)
    key = build_key(base, source_digest, toolchain, debug)

    def kept() -> Artifact | None:
        seconds = time.perf_counter() - began
        return cache.load(key, name=name, source_digest=source_digest, seconds=seconds)

    def kept_bytes() -> bytes | None:
        found = kept()
        return found.wasm if found else None

    found = kept()
    if found is not None:
        return found
    workspace = Workspace(resources.cache_dir() / "builds")
    try:
        wasm, log = workspace.compile(
            base, files, toolchain, say, debug=debug, already=kept_bytes, timeout=timeout
        )
    except (BuildError, ToolchainError):
        if fall_back and prebuilt.fits(base, source_digest):
            # The source is as shipped, so it is the toolchain that lacks something: a C linker, for one.
            return prebuilt.load(base)
        raise
    made_elsewhere = kept()
    if made_elsewhere is not None:
        return made_elsewhere
    artifact = Artifact(
        name=name,
        wasm=wasm,
        digest=digest(wasm),
        size=len(wasm),
        how="compiled",
        toolchain=toolchain.id,
        seconds=time.perf_counter() - began,
        log=log,
        source_digest=source_digest,
    )
    cache.keep(key, artifact)
    return artifact


def _missing_toolchain(base: Guest) -> str:
    name = base.name
    if first_toolchain() is None:
        return f"Compiling {name} needs a Rust toolchain for WebAssembly; `labkit setup` installs one."
    if not base.std.shipped:
        return (
            f"Compiling {name} needs a standard library that unwinds, which is compiled from its source: install "
            "rustup, then run `labkit setup`."
        )
    return (
        f"Compiling {name} needs the C library that comes with Rust's own target: install rustup, then run "
        "`rustup target add wasm32-wasip2`."
    )


def _from_wat(name: str, source: str) -> Artifact:
    began = time.perf_counter()
    try:
        wasm = bytes(wasmtime.wat2wasm(source))
    except wasmtime.WasmtimeError as error:
        log = str(error)
        raise BuildError(f"{name} is not valid WAT: {log.partition(chr(10))[0]}", log) from None
    return Artifact(
        name=name,
        wasm=wasm,
        digest=digest(wasm),
        size=len(wasm),
        how="wat",
        toolchain=f"wasmtime {version('wasmtime')}, wat2wasm",
        seconds=time.perf_counter() - began,
        log="",
        source_digest=digest(source.encode()),
    )


def _silent(line: str) -> None:
    pass
