"""The shipped guests, read from the `guest.toml` of each folder."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from labkit import errors, resources
from labkit.decodable import decodable
from labkit.guests.installs import Panic, Std

Language = Literal["rust", "wat", "python"]

# Where a guest's one editable source may lie, relative to its folder. As with cargo, a crate that has a `main.rs`
# is a program; the others are libraries.
PROGRAM = "src/main.rs"
SOURCE_FILES: dict[Language, tuple[str, ...]] = {
    "rust": (PROGRAM, "src/lib.rs"),
    "wat": ("src/guest.wat",),
    "python": ("src/guest.py",),
}


class Extern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One import or export; `signature` is WIT for components, WAT's words for core modules."""

    name: str
    signature: str
    note: str = ""


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call on a new instance and what comes of it.

    `shows` is the value returned, the error's case, or a part of the panic or trap message.
    """

    call: str
    args: tuple[float | int | str, ...]
    outcome: Literal["returned", "guest-error", "trapped"]
    shows: str
    note: str = ""


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two guests of one exercise: the one that fails and the one that puts it right."""

    broken: str
    fixed: str


@decodable
class _Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    shows: str
    target: Literal["wasm32-wasip2", "wasm32-wasip1", "core", "component"]
    exports: tuple[Extern, ...]
    language: Literal["python"] | None = None
    imports: tuple[Extern, ...] = ()
    examples: tuple[Example, ...] = ()
    pair: Pair | None = None
    issue: int | None = None
    panic: Panic = "abort"
    libc: bool = False


class Guest(msgspec.Struct, frozen=True):
    """A guest in source form: what it is called, what it shows, what it exports.

    `target` is `wasm32-wasip2` for a component in Rust and `wasm32-wasip1` for a core module; a WAT guest says
    `core` or `component`, and one in Python `component`. `panic`: what a panic does in a Rust guest, end it or
    unwind its stack. `issue` is a number in the Wasmtime repository. `libc`: it has a `main`, or asks for
    arguments or files, for which it needs a current C library.
    """

    name: str
    title: str
    shows: str
    target: str
    language: Language
    exports: tuple[Extern, ...]
    imports: tuple[Extern, ...]
    examples: tuple[Example, ...]
    pair: Pair | None
    issue: int | None
    panic: Panic
    libc: bool
    path: Path

    @property
    def is_module(self) -> bool:
        """Whether it becomes a core module; otherwise it becomes a component."""
        return self.target in ("core", "wasm32-wasip1")

    @property
    def std(self) -> Std:
        """The standard library that a Rust guest is linked with."""
        return Std(self.target, self.panic)

    @property
    def source_file(self) -> str:
        """The one file a trainee reads and edits, relative to the guest's folder."""
        *first, last = SOURCE_FILES[self.language]
        return next((name for name in first if (self.path / name).is_file()), last)

    @property
    def source_path(self) -> Path:
        """Where that file lies."""
        return self.path / self.source_file

    @property
    def has_main(self) -> bool:
        """Whether it is a program with a `main`, which the C library's start-up code calls."""
        return self.source_file == PROGRAM

    @property
    def source(self) -> str:
        """The text of `source_path`."""
        return self.source_path.read_text(encoding="utf-8")


def catalogue() -> dict[str, Guest]:
    """Every shipped guest by name, in alphabetical order.

    Raises `FormatError` when a `guest.toml` does not say what it has to.
    """
    folders = sorted(path.parent for path in resources.guests_dir().glob("*/guest.toml"))
    return {folder.name: read_guest(folder) for folder in folders}


def guest(name: str) -> Guest:
    """The shipped guest called `name`; raises `UnknownNameError` with the nearest names."""
    known = catalogue()
    if name not in known:
        raise errors.unknown("guest", name, known)
    return known[name]


def read_guest(folder: Path) -> Guest:
    """The guest in `folder`, described by its `guest.toml`."""
    described = _read_description(folder / "guest.toml")
    return Guest(
        name=folder.name,
        title=described.title,
        shows=described.shows,
        target=described.target,
        language=described.language or ("rust" if described.target.startswith("wasm32-") else "wat"),
        exports=described.exports,
        imports=described.imports,
        examples=described.examples,
        pair=described.pair,
        issue=described.issue,
        panic=described.panic,
        libc=described.libc,
        path=folder,
    )


def _read_description(path: Path) -> _Description:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_Description)
    except OSError as error:
        raise errors.FormatError(f"{path} cannot be read: {error.strerror}.") from None
    except msgspec.DecodeError as error:
        # Also a ValidationError, whose text names the field.
        where = f"guests/{path.parent.name}/{path.name}"
        raise errors.FormatError(f"{where} does not describe a guest: {error}.") from None
