"""The account book for JavaScript: compiled for a target without a host, and given its JavaScript by wasm-bindgen.

Unlike every other guest it needs crates of other people, so it is made during set-up, when there is a network.
What comes of it is kept by the digest of its source and its compiler, and is all that is needed from then on.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Final

import filelock
import msgspec

from labkit import resources
from labkit.decodable import decodable
from labkit.errors import ToolchainError
from labkit.guests.artifact import digest, digest_files
from labkit.guests.buildstd import cargo_home, std_parts
from labkit.guests.cache import write_atomically
from labkit.guests.installs import RustInstall, Std, installs
from labkit.guests.process import Say, stream
from labkit.guests.toolchain import UNWIND, Toolchain

BOOK: Final = "account-book"
WRITER: Final = "bindings"
STD: Final = Std("wasm32-unknown-unknown", "unwind")

# Each is the crates of a small program and, for one of them, the standard library.
_BUILD_TIMEOUT: Final = 900.0
_WRITE_TIMEOUT: Final = 60.0
_MADE: Final = "made.json"


class Bindings(msgspec.Struct, frozen=True):
    """What Node loads: `module` is the JavaScript, beside its WebAssembly; the versions are of what made both."""

    module: Path
    wasm_bindgen: str
    rustc: str


@decodable
class _Made(msgspec.Struct):
    wasm_bindgen: str
    rustc: str


def find_bindings() -> Bindings | None:
    """The account book for JavaScript, made from the source as it is now; `None` if it has not been made here."""
    toolchain = _toolchain()
    return None if toolchain is None else _kept(_folder(toolchain))


def make_bindings(say: Say) -> Bindings:
    """Compile the account book and write its JavaScript; takes one to two minutes, once.

    Raises `ToolchainError` without a Rust that has the source of its standard library, or without a network.
    """
    toolchain = _toolchain()
    if toolchain is None:
        raise ToolchainError(
            "Compiling for JavaScript needs Rust with the source of its standard library; "
            "`rustup component add rust-src` adds it."
        )
    folder = _folder(toolchain)
    if (known := _kept(folder)) is not None:
        return known
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.with_name(f".{folder.name}.lock")):
        if (made_elsewhere := _kept(folder)) is not None:
            return made_elsewhere
        _make(toolchain, folder, say)
    made = _kept(folder)
    if made is None:
        raise ToolchainError("wasm-bindgen wrote no JavaScript of the account book.")
    return made


def _make(toolchain: Toolchain, folder: Path, say: Say) -> None:
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder.parent) as temporary:
        made = Path(temporary)
        writer = _writer(toolchain, made, say)
        wasm = _cargo(toolchain, BOOK, made, say) / STD.target / "release" / "account_book.wasm"
        out = made / "out"
        command = [str(writer), str(wasm), str(out)]
        if stream(command, env=toolchain.environment(), say=say, timeout=_WRITE_TIMEOUT) != 0:
            raise ToolchainError("wasm-bindgen could not write the JavaScript of the account book.")
        write_atomically(out / _MADE, msgspec.json.encode(_Made(_wasm_bindgen(), toolchain.version)))
        shutil.rmtree(folder, ignore_errors=True)
        out.rename(folder)


def _kept(folder: Path) -> Bindings | None:
    try:
        made = msgspec.json.decode((folder / _MADE).read_bytes(), type=_Made)
    except (OSError, msgspec.DecodeError):
        return None
    module = folder / "account_book.js"
    return Bindings(module, made.wasm_bindgen, made.rustc) if module.is_file() else None


def _writer(toolchain: Toolchain, folder: Path, say: Say) -> Path:
    """The program that writes the JavaScript, compiled for this machine."""
    key = digest(f"{digest_files(_sources(WRITER))}\0{toolchain.version}".encode())[:16]
    kept = resources.cache_dir() / "tools" / f"{WRITER}-{key}"
    if not kept.is_file():
        made = _cargo(toolchain, WRITER, folder, say) / "debug" / WRITER
        write_atomically(kept, made.read_bytes())
        kept.chmod(0o755)
    return kept


def _cargo(toolchain: Toolchain, crate: str, folder: Path, say: Say) -> Path:
    """The target folder after a build; everything is made in `folder`, which goes when all is done."""
    sources, target = folder / crate, folder / f"{crate}-target"
    for name, data in _sources(crate).items():
        write_atomically(sources / name, data)
    command = [str(toolchain.cargo), "build"]
    env = toolchain.environment() | {"CARGO_TARGET_DIR": str(target)}
    if crate == BOOK:
        command += ["--release", "--target", STD.target, *toolchain.args]
    else:
        env["CARGO_ENCODED_RUSTFLAGS"] = ""
    status = stream(command, env=env, say=say, timeout=_BUILD_TIMEOUT, cwd=sources)
    if status != 0:
        raise ToolchainError(f"Compiling {crate} failed with status {status}; is there a network?")
    return target


def _toolchain() -> Toolchain | None:
    for install in installs():
        linker = _linker(install)
        version = install.version() if install.has_source and linker is not None else None
        if version is not None and linker is not None:
            return Toolchain(
                name=f"{install.name} {STD.target}",
                version=version,
                id=f"{version}, {STD.target}, build-std, panic=unwind",
                cargo=install.cargo,
                rustc=install.rustc,
                args=("-Zbuild-std=std,panic_unwind",),
                flags=(*UNWIND, *linker),
                env={"RUSTC_BOOTSTRAP": "1", "CARGO_HOME": str(cargo_home())},
                std=STD,
            )
    return None


def _linker(install: RustInstall) -> tuple[str, ...] | None:
    """The flags that name a linker: none where the installation has its own, `None` where there is no linker."""
    if any(install.sysroot.glob("lib/rustlib/*/bin/rust-lld")):
        return ()
    wasm_ld = std_parts().wasm_ld
    return None if wasm_ld is None else (f"-Clinker={wasm_ld}",)


def _folder(toolchain: Toolchain) -> Path:
    sources = {f"{crate}/{name}": data for crate in (BOOK, WRITER) for name, data in _sources(crate).items()}
    key = digest(f"{digest_files(sources)}\0{toolchain.id}".encode())[:16]
    return resources.cache_dir() / "javascript" / key


def _sources(crate: str) -> dict[str, bytes]:
    root = resources.guests_dir() / "javascript" / crate
    paths = [root / "Cargo.toml", *root.glob("build.rs"), *root.glob("src/**/*.rs")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def _wasm_bindgen() -> str:
    manifest = tomllib.loads(_sources(BOOK)["Cargo.toml"].decode())
    return str(manifest["dependencies"]["wasm-bindgen"]).removeprefix("=")
