"""The shipped `.wasm` files, for machines without a compiler.

`guests/prebuilt/record.json` names for each file its digest, the toolchain it came from and the digest of
the source it was made of. `rebuild_prebuilt` writes the files and the record; `verify_prebuilt` compares
each file, byte by byte, with a new build under the recorded toolchain. Where that one is not to be had, the
record may name another with the digest *it* makes of the same source, and a new build is held against that.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection
from pathlib import Path

import msgspec

from labkit import resources
from labkit.decodable import decodable
from labkit.errors import FormatError, ToolchainError
from labkit.guests.artifact import Artifact, digest, digest_files
from labkit.guests.cache import write_atomically
from labkit.guests.catalogue import Guest, catalogue
from labkit.guests.process import Say
from labkit.guests.toolchain import Toolchain, find_toolchains
from labkit.guests.workspace import Workspace, source_files


@decodable
class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one prebuilt file comes from; digests are SHA-256 in hex, `toolchain` is an id.

    `others`: toolchain id → the digest of what that toolchain makes of the same source.
    """

    digest: str
    size: int
    toolchain: str
    source: str
    others: dict[str, str] = {}

    def digest_by(self, toolchain: str) -> str | None:
        """What `toolchain` makes of the source, if that is recorded."""
        return self.digest if toolchain == self.toolchain else self.others.get(toolchain)


class Check(msgspec.Struct, frozen=True):
    """What comparing one prebuilt file with a new build gave."""

    name: str
    ok: bool
    sentence: str


def load(guest: Guest) -> Artifact:
    """The prebuilt file of an unedited guest.

    Raises `FormatError` when the file is damaged and `ToolchainError` when there is none for the source
    as it is now.
    """
    began = time.perf_counter()
    record = records().get(guest.name)
    if record is None:
        raise ToolchainError(
            f"There is no prebuilt {guest.name} and no compiler here; `labkit setup` installs one."
        )
    source_digest = digest_files(source_files(guest))
    if record.source != source_digest:
        raise ToolchainError(
            f"The source of {guest.name} has changed since its prebuilt file was made, and there is no "
            "compiler here; `labkit setup` installs one."
        )
    wasm = _bytes(guest.name, record)
    return Artifact(
        name=guest.name,
        wasm=wasm,
        digest=record.digest,
        size=len(wasm),
        how="prebuilt",
        toolchain=record.toolchain,
        seconds=time.perf_counter() - began,
        log="",
        source_digest=source_digest,
    )


def fits(guest: Guest, source_digest: str) -> bool:
    """Whether there is a prebuilt file of exactly this source."""
    record = records().get(guest.name)
    return record is not None and record.source == source_digest


def records() -> dict[str, Record]:
    """The record of every prebuilt file, by guest."""
    path = prebuilt_dir() / "record.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Record])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        raise FormatError(f"guests/prebuilt/record.json cannot be read: {error}.") from None


def prebuilt_dir() -> Path:
    """Where the prebuilt files lie."""
    return resources.guests_dir() / "prebuilt"


def rebuild_prebuilt(say: Say = print) -> dict[str, Record]:
    """Compile every Rust guest, write the files of the best toolchain here and the digests of the others."""
    before = records()
    made: dict[str, Record] = {}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        for guest in _rust_guests():
            files = source_files(guest)
            best, *others = _toolchains_for(guest)
            wasm, _ = workspace.compile(guest, files, best, say)
            write_atomically(prebuilt_dir() / f"{guest.name}.wasm", wasm)
            source = digest_files(files)
            digests = {t.id: digest(workspace.compile(guest, files, t, say)[0]) for t in others}
            made[guest.name] = Record(
                digest(wasm), len(wasm), best.id, source, _kept(before.get(guest.name), source) | digests
            )
    text = msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"
    write_atomically(prebuilt_dir() / "record.json", text)
    return made


def _toolchains_for(guest: Guest) -> list[Toolchain]:
    found = find_toolchains(guest)
    if not found or not found[0].current_libc:
        raise ToolchainError(
            f"A prebuilt {guest.name} needs a compiler with its own C library; install rustup, then run "
            "`labkit setup`."
        )
    return found


def _kept(before: Record | None, source: str) -> dict[str, str]:
    """What toolchains of other machines made of the same source stays true."""
    return before.others if before is not None and before.source == source else {}


def verify_prebuilt(say: Say = print, names: Collection[str] | None = None) -> list[Check]:
    """Rebuild every Rust guest, or those named, from nothing and compare.

    A check that cannot be made is not `ok`.
    """
    known = records()
    wanted = [guest for guest in _rust_guests() if names is None or guest.name in names]
    with tempfile.TemporaryDirectory() as folder:
        return [
            _verify(guest, known.get(guest.name), find_toolchains(guest), Workspace(Path(folder)), say)
            for guest in wanted
        ]


def _verify(
    guest: Guest, record: Record | None, toolchains: list[Toolchain], workspace: Workspace, say: Say
) -> Check:
    if record is None:
        return Check(guest.name, False, "has no prebuilt file.")
    _bytes(guest.name, record)
    recorded = sorted((t for t in toolchains if record.digest_by(t.id)), key=lambda t: t.id != record.toolchain)
    if not recorded:
        return Check(guest.name, False, f"was made with {record.toolchain}, which is not installed here.")
    toolchain = recorded[0]
    wasm, _ = workspace.compile(guest, source_files(guest), toolchain, say)
    if digest(wasm) != record.digest_by(toolchain.id):
        return Check(guest.name, False, f"differs from a new build with {toolchain.id}.")
    if toolchain.id != record.toolchain:
        return Check(guest.name, True, f"has the source that {toolchain.id} makes the recorded bytes of.")
    return Check(guest.name, True, f"is bit-identical to a new build with {toolchain.id}.")


def _bytes(name: str, record: Record) -> bytes:
    path = prebuilt_dir() / f"{name}.wasm"
    try:
        wasm = path.read_bytes()
    except OSError as error:
        raise FormatError(f"guests/prebuilt/{name}.wasm cannot be read: {error.strerror}.") from None
    if digest(wasm) != record.digest:
        raise FormatError(
            f"guests/prebuilt/{name}.wasm is damaged: its digest is not the one in record.json; "
            "take the file from the repository again."
        )
    return wasm


def _rust_guests() -> list[Guest]:
    return [guest for guest in catalogue().values() if guest.language == "rust"]
