"""A writable copy of the Cargo workspace in which guests are compiled.

The installed `guests/` may be read-only, and a trainee's edit must not touch it. One copy and one target
folder per toolchain serve every build, so the standard library is compiled once; a lock lets one build
in at a time.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from labkit import resources
from labkit.errors import BuildError, ToolchainError
from labkit.guests.artifact import digest
from labkit.guests.cache import write_atomically
from labkit.guests.catalogue import Guest
from labkit.guests.process import Say, stream
from labkit.guests.toolchain import Toolchain

# Long enough for a standard library on a slow machine; a compiler that takes longer hangs.
COMPILE_TIMEOUT = 600.0

Debug = Literal["full", "lines", "names"]
"""How much of its source a binary keeps: all of DWARF, which line its code comes from, or names alone."""

# In place of what the workspace's own profile says.
_PROFILES: Mapping[Debug, dict[str, str]] = {
    "full": {"CARGO_PROFILE_RELEASE_DEBUG": "full", "CARGO_PROFILE_RELEASE_STRIP": "none"},
    "lines": {"CARGO_PROFILE_RELEASE_DEBUG": "line-tables-only", "CARGO_PROFILE_RELEASE_STRIP": "none"},
    "names": {},
}

# What all guests share. A change here changes every guest; only which crates there are changes none.
_SHARED = ("Cargo.toml", "world.rs")
_MEMBERS = re.compile(rb"^members = \[[^\]]*\]$", re.MULTILINE)


def source_files(guest: Guest, source: str | None = None) -> dict[str, bytes]:
    """All that decides what a Rust guest becomes, by path within the workspace.

    `source` takes the place of the file that a trainee edits. The workspace has this one crate only, so that a
    guest stays what it is when another is added.
    """
    root = resources.guests_dir()
    files = {name: (root / name).read_bytes() for name in _SHARED}
    files["Cargo.toml"] = _MEMBERS.sub(f'members = ["{guest.name}"]'.encode(), files["Cargo.toml"])
    crate = [guest.path / "Cargo.toml", *guest.path.glob("src/**/*.rs"), *guest.path.glob("wit/**/*.wit")]
    files |= {f"{guest.name}/{path.relative_to(guest.path).as_posix()}": path.read_bytes() for path in crate}
    if source is not None:
        files[f"{guest.name}/{guest.source_file}"] = source.encode()
    return files


def wasm_name(guest: Guest) -> str:
    """The file that cargo makes of a crate: a program keeps its name, a library is called as Rust names crates."""
    return f"{guest.name if guest.has_main else guest.name.replace('-', '_')}.wasm"


@contextlib.contextmanager
def one_at_a_time(lock: FileLock, say: Say, timeout: float) -> Iterator[None]:
    """Hold `lock`, saying so where another build has to be waited for.

    Raises `ToolchainError` after `timeout` seconds.
    """
    try:
        lock.acquire(timeout=0.2)
    except Timeout:
        say("Waiting for another build on this machine.")
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            raise ToolchainError("Another build on this machine does not finish; stop it and try again.") from None
    try:
        yield
    finally:
        lock.release()


class Workspace:
    """The copy under `root`; `compile` puts a crate's files into it and runs cargo."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def compile(
        self,
        guest: Guest,
        files: dict[str, bytes],
        toolchain: Toolchain,
        say: Say,
        *,
        debug: Debug = "names",
        already: Callable[[], bytes | None] = lambda: None,
        timeout: float = COMPILE_TIMEOUT,
    ) -> tuple[bytes, str]:
        """The component made of `files`, and what the compiler said about it.

        `debug` is how much the binary says of its source; the workspace's profile says `names`.
        `already` is asked once it is this build's turn: another process may just have made the same.
        Raises `BuildError` with the compiler's messages when it refuses the source, `ToolchainError` when
        it cannot run or takes longer than `timeout` seconds.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(FileLock(self.root / "lock"), say, timeout):
            made = already()
            if made is not None:
                return made, ""
            self._lay_out(guest, files)
            return self._cargo(guest, toolchain, debug, say, timeout)

    def _lay_out(self, guest: Guest, files: dict[str, bytes]) -> None:
        sources = self.root / "sources"
        for name, data in files.items():
            path = sources / name
            # Cargo goes by modification times: an unchanged file keeps its own.
            if not path.is_file() or path.read_bytes() != data:
                write_atomically(path, data)
        for path in (sources / guest.name).rglob("*"):
            if path.is_file() and path.relative_to(sources).as_posix() not in files:
                path.unlink()

    def _cargo(
        self, guest: Guest, toolchain: Toolchain, debug: Debug, say: Say, timeout: float
    ) -> tuple[bytes, str]:
        sources = self.root / "sources"
        target = self.root / f"target-{digest(toolchain.id.encode())[:12]}"
        command = [
            *(str(toolchain.cargo), "build", "--offline", "--release", "--target", guest.target),
            *("--package", guest.name, *toolchain.args),
        ]
        said: list[str] = []

        def hear(line: str) -> None:
            # The place of the copy means nothing to a reader, and would make logs differ by machine.
            line = line.replace(f"{sources}/", "").replace(str(target), "target")
            said.append(line)
            say(line)

        env = toolchain.environment() | _PROFILES[debug] | {"CARGO_TARGET_DIR": str(target)}
        if debug != "names":
            # DWARF says where the source lay, and the place of the copy would make it differ by machine.
            flags = [*filter(None, [env["CARGO_ENCODED_RUSTFLAGS"]]), f"--remap-path-prefix={sources}="]
            env["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(flags)
        status = stream(command, env=env, say=hear, timeout=timeout, cwd=sources)
        log = "\n".join(said)
        if status != 0:
            raise BuildError(_refusal(guest, said), log)
        return (target / guest.target / "release" / wasm_name(guest)).read_bytes(), log


def _refusal(guest: Guest, said: list[str]) -> str:
    first = next((line for line in said if line.startswith("error")), None)
    return f"{guest.name} does not compile: {first or 'see the messages of the compiler'}"
