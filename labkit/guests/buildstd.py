"""What compiling the standard library from source (`-Zbuild-std`) needs beside a compiler."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from labkit import resources
from labkit.guests.artifact import digest
from labkit.guests.cache import write_atomically
from labkit.guests.installs import RustInstall, rustup_home


class StdParts(msgspec.Struct, frozen=True):
    """What `-Zbuild-std` needs beside the compiler; `None` where it is missing."""

    component_linker: Path | None
    wasm_ld: Path | None
    libc: Path | None

    def missing(self) -> list[str]:
        """The names of what is not there."""
        named = {"wasm-component-ld": self.component_linker, "wasm-ld": self.wasm_ld, "wasi-libc": self.libc}
        return [name for name, path in named.items() if path is None]


def std_parts() -> StdParts:
    """The linkers and the libc that `-Zbuild-std` can use here."""
    shipped = sorted(rustup_home().glob("toolchains/*/lib/rustlib/*/bin"))
    return StdParts(
        component_linker=_first(
            [tools_dir() / "bin" / "wasm-component-ld", *_on_path("wasm-component-ld")],
            [folder / "wasm-component-ld" for folder in shipped],
        ),
        # Newest first: an old one does not know the features a new compiler switches on.
        wasm_ld=_first(
            [p for n in range(40, 17, -1) for p in _on_path(f"wasm-ld-{n}")],
            [folder / "gcc-ld" / "wasm-ld" for folder in shipped],
            _on_path("wasm-ld"),
        ),
        libc=_first([Path("/usr/lib/wasm32-wasi/libc.a")]),
    )


def tools_dir() -> Path:
    """Where `labkit setup` installs a linker that the system lacks."""
    return resources.cache_dir() / "tools"


def cargo_home() -> Path:
    """Where the crates lie that the standard library itself needs."""
    return resources.cache_dir() / "cargo"


def std_fetched(version: str) -> Path:
    """The mark that says the crates of this compiler's standard library have been fetched."""
    return cargo_home() / f"std-{digest(version.encode())[:12]}.fetched"


def hide_machine_paths(install: RustInstall) -> Iterator[str]:
    """The compiler flags that keep this machine's folders out of the standard library's messages."""
    # Panic messages of the standard library name its source files.
    yield f"--remap-path-prefix={install.library}=/rust/library"
    for folder in sorted(cargo_home().glob("registry/src/*")):
        yield f"--remap-path-prefix={folder}=/rust/deps"


def keep_shipped_paths(install: RustInstall) -> dict[str, str]:
    """What to run cargo with, so that a shipped standard library's panics name the same files on every machine.

    They are called `/rustc/COMMIT/library/…`, and the compiler puts this machine's folder there as soon as the
    source of the library is installed too. A flag against that would be part of what cargo names its outputs by; a
    script around the compiler is not.
    """
    commit = install.commit() if install.has_source else None
    if commit is None:
        return {}
    flag = f"--remap-path-prefix={install.library.parent}=/rustc/{commit}"
    script = f"#!/bin/sh\nexec \"$@\" '{flag}'\n".encode()
    path = tools_dir() / f"rustc-{digest(script)[:12]}"
    if not path.is_file():
        write_atomically(path, script)
        path.chmod(0o755)
    return {"RUSTC_WRAPPER": str(path)}


def _on_path(name: str) -> list[Path]:
    path = shutil.which(name)
    return [Path(path)] if path else []


def _first(*candidates: list[Path]) -> Path | None:
    return next((path for group in candidates for path in group if path.is_file()), None)
