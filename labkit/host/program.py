"""A program: the bytes of a core module or a component, and where they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import wasmtime

from labkit.decodable import decodable
from labkit.errors import ArgumentError, ProgramError

Kind = Literal["module", "component"]

_HEADERS: dict[bytes, Kind] = {
    b"\0asm\x01\0\0\0": "module",
    b"\0asm\x0d\0\x01\0": "component",
}


@decodable
@dataclass(frozen=True)
class Program:
    """One face over core modules and components.

    `how`: `compiled` now, `cached` from an earlier compile, `prebuilt`, `wat` or `bytes`/`file`.
    `seconds` is what the build took, `log` the compiler's own messages, `digest` the SHA-256 of `wasm`. `sources`
    are the texts that it was made from, by file name, where they are known.
    """

    name: str
    wasm: bytes = field(repr=False)
    kind: Kind
    digest: str
    how: str
    toolchain: str | None = None
    seconds: float = 0.0
    log: str = field(default="", repr=False)
    sources: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Bytes of the binary."""
        return len(self.wasm)

    @classmethod
    def from_bytes(
        cls,
        name: str,
        wasm: bytes,
        *,
        how: str = "bytes",
        toolchain: str | None = None,
        seconds: float = 0.0,
        log: str = "",
        sources: Mapping[str, str] | None = None,
    ) -> Program:
        """A program from a WebAssembly binary; raises `ProgramError` if its header is neither kind."""
        kind = check_header(name, wasm)
        digest = hashlib.sha256(wasm).hexdigest()
        return cls(name, bytes(wasm), kind, digest, how, toolchain, seconds, log, dict(sources or {}))

    @classmethod
    def from_wat(cls, name: str, text: str) -> Program:
        """A program from WebAssembly text; raises `ProgramError` with the parser's own message."""
        try:
            wasm = bytes(wasmtime.wat2wasm(text))
        except wasmtime.WasmtimeError as error:
            raise ProgramError(f"{name} does not parse: {error}") from None
        return cls.from_bytes(name, wasm, how="wat", sources={"guest.wat": text})

    @classmethod
    def from_file(cls, path: Path) -> Program:
        """A program from a `.wasm` or `.wat` file; raises `ProgramError` when it cannot be read."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ProgramError(f"{path.name} cannot be read: {error.strerror}.") from None
        if path.suffix == ".wat":
            return cls.from_wat(path.stem, data.decode("utf-8", "replace"))
        check_header(path.name, data)
        return cls.from_bytes(path.stem, data, how="file")


# What people take for a program, or get in place of one: https://en.wikipedia.org/wiki/List_of_file_signatures
_SIGNATURES: dict[bytes, str] = {
    b"\x7fELF": "an ELF executable or library",
    b"MZ": "a Windows executable or library",
    b"\xcf\xfa\xed\xfe": "a macOS executable or library",
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"\x1f\x8b": "packed with gzip; unpack it first",
    b"!<arch>": "an archive of object files, which a linker makes a program of",
    b"BC\xc0\xde": "LLVM bitcode, which a compiler makes a program of",
}
_HEADER, _SHOWN = 8, 40


def check_header(name: str, wasm: bytes) -> Kind:
    """What the binary called `name` begins as; raises `ProgramError` if that is neither kind."""
    kind = _HEADERS.get(wasm[:8])
    if kind is None:
        raise ProgramError(f"{name} is {_no_program(wasm)}.")
    return kind


def _no_program(data: bytes) -> str:
    """What bytes are that are no WebAssembly of a version we know, for the end of a sentence."""
    if data.startswith(b"\0asm"):
        if len(data) < _HEADER:
            return f"cut off after {len(data)} bytes, within the header of WebAssembly"
        return f"WebAssembly of a version that no release here reads: {data[4:8].hex(' ')}"
    if not data:
        return "no WebAssembly: the file is empty"
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            return f"no WebAssembly: it is {what}"
    line = data[:200].lstrip().partition(b"\n")[0].strip()[:_SHOWN].decode("utf-8", "replace")
    if line and line.isprintable() and "\ufffd" not in line:
        return f"no WebAssembly: it is a text that begins with {line!r}"
    return (
        f"no WebAssembly: it starts with {data[:8].hex(' ')}, not with the header of a core module or a component"
    )


def check_program(program: Program) -> None:
    """Raise `ArgumentError` for what is no program."""
    if not isinstance(program, Program):
        name = repr(program) if isinstance(program, str) else "…"
        raise ArgumentError(f"A store instantiates a program, such as lab.build({name}) gives, not {program!r}.")
