"""Rust installations on this machine, whether they can make guests or not."""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from labkit.guests.process import ask

TARGET = "wasm32-wasip2"

Panic = Literal["abort", "unwind"]


class Std(msgspec.Struct, frozen=True):
    """The standard library that a guest is linked with: for which target, and what a panic does in it."""

    target: str = TARGET
    panic: Panic = "abort"

    @property
    def shipped(self) -> bool:
        """Whether installations can have it compiled; one that unwinds exists in source only."""
        return self.panic == "abort"


class RustInstall(msgspec.Struct, frozen=True):
    """A Rust installation, able to make guests or not."""

    name: str
    sysroot: Path

    @property
    def rustc(self) -> Path:
        """The compiler itself, not rustup's stand-in for it."""
        return self.sysroot / "bin" / "rustc"

    @property
    def cargo(self) -> Path:
        """The cargo that belongs to it."""
        return self.sysroot / "bin" / "cargo"

    def has_target(self, target: str = TARGET) -> bool:
        """Whether the compiled standard library for `target` is there."""
        return any((self.sysroot / "lib/rustlib" / target / "lib").glob("libstd-*.rlib"))

    @property
    def has_source(self) -> bool:
        """Whether the source of the standard library is there."""
        return (self.library / "std" / "Cargo.toml").is_file()

    @property
    def library(self) -> Path:
        """Where the source of the standard library lies if it is installed."""
        return self.sysroot / "lib/rustlib/src/rust/library"

    def commit(self) -> str | None:
        """The commit of the Rust repository that the compiler was made of, where it says so."""
        told = ask([str(self.rustc), "-vV"]) or ""
        return next((line.split()[1] for line in told.splitlines() if line.startswith("commit-hash: ")), None)

    def version(self) -> str | None:
        """`rustc 1.95.0 (59807616e 2026-04-14)`, or `None` when it does not run."""
        line = ask([str(self.rustc), "--version"])
        # Distributions add a remark in a second pair of parentheses.
        return None if line is None else line.partition(") (")[0].rstrip(")") + ")"


def installs() -> list[RustInstall]:
    """Every Rust installation here: rustup's default, its others, then what PATH and the system hold."""
    home = rustup_home()
    folders = sorted(home.glob("toolchains/*/bin/rustc"))
    default = _rustup_default(home)
    folders.sort(key=lambda rustc: rustc.parents[1].name != default)
    # The channel without the machine's triple: stable-x86_64-unknown-linux-gnu is rustup's "stable".
    found = [RustInstall(f"rustup {r.parents[1].name.partition('-')[0]}", r.parents[1]) for r in folders]
    system = Path("/usr")
    on_path = shutil.which("rustc")
    # rustup's stand-ins on PATH lead to the folders above, and may start a download.
    if on_path and Path(on_path).resolve().name != "rustup":
        sysroot = ask([on_path, "--print", "sysroot"])
        if sysroot and Path(sysroot) != system:
            found.append(RustInstall("rustc on PATH", Path(sysroot)))
    if (system / "bin" / "rustc").is_file():
        found.append(RustInstall("Debian" if Path("/etc/debian_version").exists() else "system", system))
    unique = {install.sysroot.resolve(): install for install in reversed(found)}
    return [i for i in found if unique.get(i.sysroot.resolve()) is i and i.cargo.is_file()]


def rustup() -> str | None:
    """The rustup program, when there is one."""
    return shutil.which("rustup")


def rustup_home() -> Path:
    """Where rustup keeps its toolchains."""
    return Path(os.environ.get("RUSTUP_HOME") or Path.home() / ".rustup")


def _rustup_default(home: Path) -> str | None:
    try:
        settings = tomllib.loads((home / "settings.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    default = settings.get("default_toolchain")
    return default if isinstance(default, str) else None
