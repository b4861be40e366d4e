"""A Wasmtime release on this machine: the environment's own, or one that was fetched beside it."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import msgspec

from labkit import resources
from labkit.decodable import decodable
from labkit.errors import RuntimeDamagedError, RuntimeMissingError
from labkit.host.versions import FIRST_WITH_COMPONENTS, OLDEST, Release, first_release

RECORD = "labkit-runtime.json"


class Capabilities(msgspec.Struct, frozen=True):
    """What a release can do, known without running it (see `labkit.host.Release`)."""

    components: bool
    instantiate_pre: bool
    reentrance: bool
    poison_scope: str
    aborts_on_async_misuse: bool


@decodable
class RuntimeRecord(msgspec.Struct, frozen=True):
    """What was put on this machine: each file with its size in bytes."""

    version: str
    files: dict[str, int]


class Runtime:
    """A release that is here and whole.

    `path` is the folder it lies in, None for the environment's own. Raises `RuntimeMissingError` when it has not
    been fetched or the version is none, `RuntimeDamagedError` when files of it are missing or changed.
    """

    def __init__(self, version: str) -> None:
        self.version = version_text(version)
        self.path = None if self.version == own_version() else folder_of(self.version)
        if self.path is not None:
            check_whole(self.path, self.version)

    @property
    def release(self) -> Release:
        """How it behaves where releases disagree."""
        return Release(self.version)

    @property
    def own(self) -> bool:
        """Whether it is the one installed in this environment."""
        return self.path is None

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        release = self.release
        return Capabilities(
            components=release.runs_components,
            instantiate_pre=release.prepares_instances,
            reentrance=release.runs_components and release.allows_reentrance,
            poison_scope=release.poison_scope if release.runs_components else "none",
            aborts_on_async_misuse=release.aborts_on_async_misuse,
        )

    @cached_property
    def size(self) -> int:
        """Bytes it takes in the cache; 0 for the environment's own."""
        return 0 if self.path is None else sum(_read_record(self.path, self.version).files.values())

    def __repr__(self) -> str:
        return f"<runtime {self.version}, {'this environment' if self.own else 'fetched'}>"


def own_version() -> str:
    """The release installed in this environment."""
    return importlib.metadata.version("wasmtime")


def runtimes_dir() -> Path:
    """Where fetched releases lie, one folder each."""
    return resources.cache_dir() / "runtimes"


def folder_of(version: str) -> Path:
    """Where a release lies or would lie."""
    return runtimes_dir() / version


def version_text(version: str) -> str:
    """A version as `41.0.0`; `41` means the first of that major. Raises `RuntimeMissingError` for others."""
    found = re.fullmatch(r"(\d{1,4})(?:\.(\d{1,4})(?:\.(\d{1,4}))?)?", version.strip())
    if found is None:
        raise RuntimeMissingError(f"{version!r} is no Wasmtime version; write it as 41.0.0.")
    text = ".".join(str(int(part or 0)) for part in found.groups())
    if found[2] is None:
        text = first_release(int(found[1]))
    if int(found[1]) < OLDEST:
        raise RuntimeMissingError(f"Wasmtime {text} is too old for labkit, which drives {OLDEST}.0.0 and later.")
    return text


def in_order(versions: Iterable[str]) -> tuple[str, ...]:
    """These versions in full, oldest first, each once; raises `RuntimeMissingError` for what is no version."""
    found = {version_text(version) for version in versions}
    return tuple(sorted(found, key=lambda version: [int(part) for part in version.split(".")]))


def files_in(folder: Path) -> dict[str, int]:
    """Every file of a release with its size; bytecode does not count, because Python writes it anew."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RECORD and "__pycache__" not in path.parts
    }


def check_whole(folder: Path, version: str) -> None:
    """Raise `RuntimeMissingError` or `RuntimeDamagedError` unless every recorded file is there in its size."""
    again = f"`labkit runtimes remove {version}` and `labkit runtimes add {version}` put it right."
    if not folder.is_dir():
        raise RuntimeMissingError(
            f"Wasmtime {version} is not on this machine; `labkit runtimes add {version}` fetches it."
        )
    found = files_in(folder)
    wrong = [name for name, size in _read_record(folder, version).files.items() if found.get(name) != size]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise RuntimeDamagedError(
            f"The fetched Wasmtime {version} is damaged: {wrong[0]}{more} missing or changed; {again}"
        )


def _read_record(folder: Path, version: str) -> RuntimeRecord:
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=RuntimeRecord)
    except (OSError, msgspec.DecodeError):
        raise RuntimeDamagedError(
            f"The fetched Wasmtime {version} is damaged: its list of files cannot be read; "
            f"`labkit runtimes remove {version}` and `labkit runtimes add {version}` put it right."
        ) from None


def releases_with_components() -> tuple[str, ...]:
    """One release per major version, oldest first, from the first with components to the environment's own."""
    own = own_version()
    return (*(first_release(major) for major in range(FIRST_WITH_COMPONENTS, Release(own).major)), own)
