"""Getting a compiler onto this machine, and everything it needs later without a network.

`plan` says what would be done, `perform` does it. System packages are installed only as root on Debian;
otherwise rustup adds its target. A step that fails says so in one sentence, and the next way is tried.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal

import msgspec

from labkit import resources
from labkit.errors import ToolchainError
from labkit.guests.artifact import digest_files
from labkit.guests.build import build, build_key
from labkit.guests.buildstd import cargo_home, std_fetched, std_parts, tools_dir
from labkit.guests.cache import finished, write_atomically
from labkit.guests.catalogue import Guest, catalogue
from labkit.guests.installs import TARGET, RustInstall, Std, installs, rustup
from labkit.guests.process import Say, stream
from labkit.guests.toolchain import Toolchain, first_toolchain
from labkit.guests.workspace import source_files

# Each is known to work with the others; lld's number is that of the LLVM in this rustc.
DEBIAN_PACKAGES = ("rustc-web", "cargo-web", "rust-web-src", "wasi-libc", "lld-22")
COMPONENT_LINKER = "0.5.31"

# Generous: these download, over whatever network the room has.
_INSTALL_TIMEOUT = 900.0
_RUSTUP_TIMEOUT = 300.0


class Action(msgspec.Struct, frozen=True):
    """One step of the set-up. `sentence` announces it; `command` is what it runs, if it runs one."""

    kind: Literal["packages", "rustup", "linker", "crates", "guests", "node", "bindings", "shrinker"]
    sentence: str
    command: tuple[str, ...] = ()


def plan() -> list[Action]:
    """What this machine still lacks, in order; empty when everything is there.

    With `LABKIT_TOOLCHAIN=none` nothing is planned: the room wants the prebuilt guests.
    """
    if _wanted() == "none":
        return []
    if first_toolchain() is not None:
        return [*_other_std_actions(), *_warm_up()]
    steps = [_add_target(TARGET)] if _rustup_wanted() else _build_std_actions()
    return [*steps, *_other_std_actions(), _GUESTS] if steps else []


def perform(say: Say = print) -> list[Action]:
    """Carry the plan out, saying each step; returns the steps taken.

    Raises `ToolchainError` when no compiler could be set up; the prebuilt guests work without one.
    """
    if _wanted() == "none":
        return []
    done = _install_compiler(say) if first_toolchain() is None else []
    if first_toolchain() is None:
        raise ToolchainError("No compiler could be set up here; the guests work from their prebuilt files.")
    done += _get_other_stds(say)
    for action in _warm_up():
        say(action.sentence)
        for guest in _unbuilt():
            build(guest.name, say=say, use="compile")
        done.append(action)
    return done


def _get_other_stds(say: Say) -> list[Action]:
    """What guests need that are no plain components; they have prebuilt files, so none of it has to work."""
    done: list[Action] = []
    # One at a time: the source brings the list of the crates.
    while actions := [action for action in _other_std_actions() if action not in done]:
        try:
            _run(actions[0], say)
        except ToolchainError as error:
            say(f"{error} The guests that need it are taken prebuilt.")
            return done
        done.append(actions[0])
    return done


def _install_compiler(say: Say) -> list[Action]:
    if _rustup_wanted():
        action = _add_target(TARGET)
        try:
            _run(action, say)
            return [action]
        except ToolchainError as error:
            if not _build_std_actions():
                raise
            say(str(error))
    done: list[Action] = []
    # One at a time: the packages bring the cargo that installs the linker.
    while actions := _build_std_actions():
        if done[-1:] == actions[:1]:
            raise ToolchainError(f"This step did not help: {actions[0].sentence}")
        _run(actions[0], say)
        done.append(actions[0])
    return done


_GUESTS = Action("guests", "Compiling the guests once, so that later only an edit is compiled.")


def _warm_up() -> list[Action]:
    return [_GUESTS] if _unbuilt() else []


def _unbuilt() -> list[Guest]:
    rust = [guest for guest in catalogue().values() if guest.language == "rust"]
    # Looking for a toolchain runs compilers, so once for all guests that need the same.
    needed = {(guest.std, guest.libc): guest for guest in rust}
    found = {needs: first_toolchain(guest) for needs, guest in needed.items()}
    return [guest for guest in rust if _is_unbuilt(guest, found[guest.std, guest.libc])]


def _is_unbuilt(guest: Guest, toolchain: Toolchain | None) -> bool:
    if toolchain is None:
        return False
    return not finished(build_key(guest, digest_files(source_files(guest)), toolchain))


def _without_toolchain() -> list[Std]:
    """Each standard library that no toolchain here has for some guest, once; that of plain components aside."""
    by_std = {guest.std: guest for guest in catalogue().values() if guest.language == "rust"}
    return [std for std, guest in by_std.items() if std != Std() and first_toolchain(guest) is None]


def _other_std_actions() -> list[Action]:
    """What rustup can add for guests that are no plain components."""
    if not _rustup_wanted():
        return []
    lacking = _without_toolchain()
    known = installs()
    actions = [
        _add_target(target)
        for target in dict.fromkeys(std.target for std in lacking)
        if target != TARGET and not any(install.has_target(target) for install in known)
    ]
    if all(std.shipped for std in lacking):
        return actions
    sources = [install for install in known if install.has_source and install.has_target()]
    if not sources:
        actions.append(_ADD_SOURCE)
    if not any(std_fetched(install.version() or "").exists() for install in sources):
        actions.append(_fetch_crates(str(sources[0].cargo) if sources else "cargo"))
    return actions


def _add_target(target: str) -> Action:
    return Action(
        "rustup",
        f"Adding the target {target} to rustup's default toolchain.",
        (rustup() or "rustup", "target", "add", target),
    )


_ADD_SOURCE = Action(
    "rustup",
    "Adding the source of the standard library to rustup's default toolchain.",
    ("rustup", "component", "add", "rust-src"),
)


def _fetch_crates(cargo: str) -> Action:
    return Action(
        "crates",
        "Fetching the crates that the standard library is built with.",
        (cargo, "fetch", "--target", TARGET, "-Zbuild-std=std,panic_abort"),
    )


def _wanted() -> str:
    return os.environ.get("LABKIT_TOOLCHAIN", "").lower()


def _rustup_wanted() -> bool:
    return rustup() is not None and "rustup".startswith(_wanted()[:6])


def _build_std_actions() -> list[Action]:
    ready = _source_installs()
    missing = std_parts().missing()
    lacks_packages = not ready or "wasm-ld" in missing or "wasi-libc" in missing
    actions = []
    if lacks_packages and _root_on_debian():
        apt = "apt-get install -y --no-install-recommends " + " ".join(DEBIAN_PACKAGES)
        actions.append(
            Action(
                "packages",
                f"Installing the Debian packages {', '.join(DEBIAN_PACKAGES)} as root.",
                ("sh", "-c", f"apt-get update -q && DEBIAN_FRONTEND=noninteractive {apt}"),
            )
        )
    elif lacks_packages:
        return []
    cargo = str(ready[0].cargo) if ready else "/usr/bin/cargo"
    if "wasm-component-ld" in missing:
        actions.append(
            Action(
                "linker",
                f"Compiling wasm-component-ld {COMPONENT_LINKER} (one to two minutes).",
                (
                    *(cargo, "install", "wasm-component-ld", "--locked"),
                    *("--version", COMPONENT_LINKER, "--root", str(tools_dir())),
                ),
            )
        )
    if not ready or not std_fetched(ready[0].version() or "").exists():
        actions.append(_fetch_crates(cargo))
    return actions


def _source_installs() -> list[RustInstall]:
    return [install for install in installs() if install.has_source and install.version()]


def _root_on_debian() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _run(action: Action, say: Say) -> None:
    say(action.sentence)
    env = dict(os.environ)
    cwd: Path | None = None
    if action.kind in ("linker", "crates"):
        sources = _source_installs()
        if not sources:
            raise ToolchainError(
                "The source of the standard library was added and is not there; "
                "`rustup component remove rust-src` and another `labkit setup` put that right."
            )
        install = sources[0]
        env |= {"RUSTC": str(install.rustc), "RUSTC_BOOTSTRAP": "1", "CARGO_TERM_COLOR": "never"}
        env["CARGO_HOME"] = str(cargo_home())
        cwd = _bare_crate()
    timeout = _RUSTUP_TIMEOUT if action.kind == "rustup" else _INSTALL_TIMEOUT
    status = stream(action.command, env=env, say=say, timeout=timeout, cwd=cwd)
    if status != 0:
        what = " ".join(action.command[:3])
        raise ToolchainError(f"`{what} …` failed with status {status}; is there a network?")
    if action.kind == "crates":
        version = _source_installs()[0].version() or ""
        write_atomically(std_fetched(version), version.encode())


def _bare_crate() -> Path:
    """A crate without anything: cargo fetches the standard library's crates for any crate."""
    folder = resources.cache_dir() / "builds" / "bare"
    manifest = b'[package]\nname = "bare"\nedition = "2024"\n\n[workspace]\n'
    write_atomically(folder / "Cargo.toml", manifest)
    write_atomically(folder / "src" / "lib.rs", b"")
    return folder
