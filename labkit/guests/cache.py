"""Finished builds, kept by the digest of everything that went into them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from labkit import resources
from labkit.decodable import decodable
from labkit.guests.artifact import Artifact, digest


@decodable
class _Entry(msgspec.Struct):
    digest: str
    toolchain: str
    log: str


def load(key: str, *, name: str, source_digest: str, seconds: float) -> Artifact | None:
    """The build kept under `key`, or `None`; a damaged one counts as absent."""
    folder = _folder()
    try:
        entry = msgspec.json.decode((folder / f"{key}.json").read_bytes(), type=_Entry)
        wasm = (folder / f"{key}.wasm").read_bytes()
    except (OSError, msgspec.DecodeError):
        return None
    if digest(wasm) != entry.digest:
        return None
    return Artifact(
        name, wasm, entry.digest, len(wasm), "cached", entry.toolchain, seconds, entry.log, source_digest
    )


def finished(key: str) -> bool:
    """Whether there is a build under `key`, without reading it."""
    return (_folder() / f"{key}.json").is_file()


def keep(key: str, artifact: Artifact) -> None:
    """Keep `artifact` under `key`; another process sees all of it or nothing."""
    assert artifact.toolchain is not None
    entry = _Entry(artifact.digest, artifact.toolchain, artifact.log)
    folder = _folder()
    write_atomically(folder / f"{key}.wasm", artifact.wasm)
    # The description last: an entry without it does not exist.
    write_atomically(folder / f"{key}.json", msgspec.json.encode(entry))


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that no reader ever sees a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _folder() -> Path:
    return resources.cache_dir() / "builds" / "finished"
