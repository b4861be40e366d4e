"""What a build hands over: the bytes, and how they came to be."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

How = Literal["compiled", "cached", "prebuilt", "wat"]


class Artifact(msgspec.Struct, frozen=True):
    """A guest as WebAssembly, with its provenance.

    `how` says where the bytes come from: compiled in this call, compiled earlier (`cached`), the shipped
    file (`prebuilt`), or WAT turned into binary in process (`wat`). `toolchain` is the id of the compiler
    that made them, whenever that was. `seconds` is what this call took. `log` holds the compiler's own
    messages. `source_digest` covers every source file of the guest.
    """

    name: str
    wasm: bytes
    digest: str
    size: int
    how: How
    toolchain: str | None
    seconds: float
    log: str
    source_digest: str

    def __repr__(self) -> str:
        return (
            f"<Artifact {self.name}: {self.size} bytes, sha256 {self.digest[:12]}, {self.how}, "
            f"{self.toolchain or 'no toolchain'}, {self.seconds:.2f} s>"
        )


def digest(data: bytes) -> str:
    """The SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def digest_files(files: dict[str, bytes]) -> str:
    """One SHA-256 over named files, whatever their order."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{len(files[name])}\0".encode())
        whole.update(files[name])
    return whole.hexdigest()
