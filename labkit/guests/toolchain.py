"""Compilers on this machine that can make a guest.

Everything that depends on the machine is decided here, so that the crates in `guests/` stay ordinary:

- A Rust installation whose standard library for the target is there needs no set-up at all.
- One that only has the standard library's *source* compiles it with `-Zbuild-std`. It then also needs
  the component linker, an LLVM `wasm-ld` and a `libc.a` for WASI, which such installations lack.
- A guest that unwinds after a panic needs a standard library that does, and that exists as source only: where an
  installation has both, the target lends its linker and libc, and the source is compiled.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from labkit.guests.artifact import digest
from labkit.guests.buildstd import cargo_home, hide_machine_paths, keep_shipped_paths, std_fetched, std_parts
from labkit.guests.catalogue import Guest
from labkit.guests.installs import TARGET, RustInstall, Std, installs, rustup
from labkit.guests.process import ask

# Variables of the user's own Rust work that would change what is built. RUSTFLAGS, for one, replaces
# all other flags.
_FOREIGN = ("RUSTFLAGS", "RUSTDOCFLAGS", "RUSTC", "RUSTUP_TOOLCHAIN", "RUST_BACKTRACE", "RUST_LOG", "MAKEFLAGS")
_FOREIGN_PREFIXES = ("CARGO_", "RUSTC_")


# For these targets the compiler aborts unless it is told not to, and encodes exceptions in the older of two ways,
# which Wasmtime does not read.
UNWIND = ("-Cpanic=unwind", "-Cllvm-args=-wasm-use-legacy-eh=false")


class Toolchain(msgspec.Struct, frozen=True):
    """A compiler that works here; `id` names every part that decides the bytes it makes.

    `current_libc`: its wasi-libc is that of Rust's own target, made for WASI 0.2 and with the guard before `main`.
    `std`: the standard library that its guests are linked with.
    """

    name: str
    version: str
    id: str
    cargo: Path
    rustc: Path
    args: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    env: dict[str, str] = {}
    current_libc: bool = True
    std: Std = Std()

    def makes(self, guest: Guest) -> bool:
        """Whether it has all that `guest` is made of."""
        return self.std == guest.std and (self.current_libc or not guest.libc)

    def environment(self) -> dict[str, str]:
        """The environment to run `cargo` in: the user's, without what would change the result."""
        env = {k: v for k, v in os.environ.items() if k not in _FOREIGN and not k.startswith(_FOREIGN_PREFIXES)}
        # The highest-ranking of cargo's ways to set flags, so that no configuration file adds others.
        env["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(self.flags)
        # An empty wrapper switches off one that a configuration file names.
        return env | {"RUSTC": str(self.rustc), "RUSTC_WRAPPER": "", "CARGO_TERM_COLOR": "never"} | self.env


class Way(msgspec.Struct, frozen=True):
    """One known way to a toolchain: whether it works here, or else what it would take."""

    name: str
    found: bool
    version: str | None
    advice: str


def find_toolchains(guest: Guest | None = None) -> list[Toolchain]:
    """The usable toolchains that make `guest`, best first; without one, those for plain components.

    `LABKIT_TOOLCHAIN=none` hides all of them; another value keeps those whose name begins with it.
    """
    return list(_that_make(guest))


def first_toolchain(guest: Guest | None = None) -> Toolchain | None:
    """The toolchain that a build takes, or `None`; for a guest, the first that makes it."""
    return next(_that_make(guest), None)


def survey() -> list[Way]:
    """Every known way to a toolchain, for `labkit doctor`."""
    known = installs()
    ready = next((i for i in known if i.has_target() and i.version()), None)
    by_rustup = (
        "`rustup target add wasm32-wasip2` adds it."
        if rustup()
        else "Install rustup, then run `rustup target add wasm32-wasip2`."
    )
    debian = next((i for i in known if i.sysroot == Path("/usr")), None)
    others = [i for i in known if i.sysroot != Path("/usr") and i.has_source]
    return [
        Way(
            "Rust with the wasm32-wasip2 target",
            ready is not None,
            ready.version() if ready else None,
            f"Works: {ready.name}." if ready else by_rustup,
        ),
        _std_way(
            "Debian packages + build-std",
            debian if debian and debian.has_source else None,
            "On Debian, `labkit setup` as root installs rustc-web, cargo-web and rust-web-src.",
        ),
        _std_way(
            "Rust with rust-src + build-std",
            others[0] if others else None,
            "`rustup component add rust-src` adds the source of the standard library.",
        ),
    ]


def _that_make(guest: Guest | None) -> Iterator[Toolchain]:
    std = Std() if guest is None else guest.std
    return (toolchain for toolchain in _usable(std) if guest is None or toolchain.makes(guest))


def _usable(std: Std) -> Iterator[Toolchain]:
    wanted = os.environ.get("LABKIT_TOOLCHAIN", "")
    if wanted.lower() == "none":
        return
    seen: set[str] = set()
    for toolchain in _made_for(std):
        if toolchain is None or toolchain.id in seen:
            continue
        if toolchain.name.lower().startswith(wanted.lower()):
            seen.add(toolchain.id)
            yield toolchain


def _made_for(std: Std) -> Iterator[Toolchain | None]:
    known = installs()
    ready = [i for i in known if i.has_target(std.target)]
    if not std.shipped:
        yield from (_unwinding(install, std) for install in ready if install.has_source)
        return
    yield from (_with_target(install, std) for install in ready)
    if std.target == TARGET:
        yield from (_with_source(install) for install in known if install not in ready and install.has_source)


def _unwinding(install: RustInstall, std: Std) -> Toolchain | None:
    version = install.version()
    if version is None or not std_fetched(version).exists():
        return None
    return Toolchain(
        name=f"{install.name} {std.target} + build-std, panic=unwind",
        version=version,
        id=f"{version}, {std.target}, build-std, panic=unwind",
        cargo=install.cargo,
        rustc=install.rustc,
        args=("-Zbuild-std=std,panic_unwind", "--config", 'profile.release.panic="unwind"'),
        flags=(*UNWIND, *hide_machine_paths(install)),
        env={"RUSTC_BOOTSTRAP": "1", "CARGO_HOME": str(cargo_home())},
        std=std,
    )


def _with_target(install: RustInstall, std: Std) -> Toolchain | None:
    version = install.version()
    if version is None:
        return None
    # The linkers and the libc come in the same archives as the compiler: its version names them all.
    return Toolchain(
        name=f"{install.name} {std.target}",
        version=version,
        id=f"{version}, {std.target} as shipped",
        cargo=install.cargo,
        rustc=install.rustc,
        env=keep_shipped_paths(install),
        std=std,
    )


def _with_source(install: RustInstall) -> Toolchain | None:
    version = install.version()
    parts = std_parts()
    if version is None or not std_fetched(version).exists():
        return None
    if parts.component_linker is None or parts.wasm_ld is None or parts.libc is None:
        return None
    linker_version = ask([str(parts.component_linker), "--version"]) or "wasm-component-ld"
    lld_version = ask([str(parts.wasm_ld), "--version"]) or "LLD"
    # What LLD prints may end in the place it was built at.
    lld = lld_version.partition("LLD ")[2].partition(" (")[0]
    libc = digest(parts.libc.read_bytes())[:8]
    return Toolchain(
        name=f"{install.name} {version.split()[1]} + build-std",
        version=version,
        id=f"{version}, build-std, {linker_version}, LLD {lld}, wasi-libc {libc}",
        cargo=install.cargo,
        rustc=install.rustc,
        args=("-Zbuild-std=std,panic_abort",),
        flags=(
            f"-Clinker={parts.component_linker}",
            "-Clinker-flavor=wasm-ld",
            f"-Clink-arg=--wasm-ld-path={parts.wasm_ld}",
            f"-Lnative={parts.libc.parent}",
            *hide_machine_paths(install),
        ),
        # Lets a stable compiler take -Zbuild-std.
        env={"RUSTC_BOOTSTRAP": "1", "CARGO_HOME": str(cargo_home())},
        # The one that distributions have is from before WASI 0.2: a guest with it reads no arguments and no files.
        current_libc=False,
    )


def _std_way(name: str, install: RustInstall | None, otherwise: str) -> Way:
    version = install.version() if install else None
    if install is None or version is None:
        return Way(name, False, None, otherwise)
    missing = std_parts().missing()
    if not std_fetched(version).exists():
        missing.append("the crates of the standard library")
    if missing:
        return Way(name, False, version, f"`labkit setup` adds what is missing: {', '.join(missing)}.")
    return Way(name, True, version, f"Works: {install.name}.")
