"""Fetching a release with pip into a folder of its own, and forgetting it again."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import filelock
import msgspec

from labkit.errors import LabkitError, RuntimeDamagedError, RuntimeMissingError
from labkit.runtimes.release import (
    RECORD,
    Runtime,
    RuntimeRecord,
    check_whole,
    files_in,
    folder_of,
    own_version,
    runtimes_dir,
    version_text,
)

Say = Callable[[str], None]

_PIP_SECONDS = 600.0
_TRY_SECONDS = 60.0

# The wheel and what is in it, for the largest release so far. A full disk in the middle of a download looks to pip
# like a bad network.
_ROOM = 48 * 2**20

# An empty module, compiled and instantiated: the library loads on this machine and works.
_TRY = "import wasmtime as w; e = w.Engine(); w.Instance(w.Store(e), w.Module(e, b'\\0asm\\1\\0\\0\\0'), [])"


def _quiet(_text: str) -> None:
    pass


def add_runtime(version: str, say: Say = _quiet) -> Runtime:
    """Fetch a release unless it is here already; two processes at once fetch it once.

    `say` gets a line before anything is downloaded. Raises `RuntimeMissingError` when there is no such release,
    none for this platform, or no network; `RuntimeDamagedError` when what came does not run here, or what is here
    is damaged.
    """
    wanted = version_text(version)
    if wanted == own_version():
        return Runtime(wanted)
    folder = folder_of(wanted)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder.with_name(f".{wanted}.lock")):
            if not folder.is_dir():
                say(f"fetching Wasmtime {wanted}")
                _fetch(wanted, folder)
    except OSError as error:
        raise RuntimeMissingError(_no_room(wanted, error)) from None
    return Runtime(wanted)


def remove_runtime(version: str) -> None:
    """Forget a fetched release; raises `RuntimeMissingError` if it is not here, `LabkitError` for the own one."""
    wanted = version_text(version)
    if wanted == own_version():
        raise LabkitError(f"Wasmtime {wanted} belongs to this environment; labkit removes only what it fetched.")
    folder = folder_of(wanted)
    if not folder.is_dir():
        raise RuntimeMissingError(f"Wasmtime {wanted} is not on this machine, so there is nothing to remove.")
    with filelock.FileLock(folder.with_name(f".{wanted}.lock")):
        # Renamed first: whoever looks meanwhile sees all of it or nothing.
        doomed = Path(tempfile.mkdtemp(prefix=".removed-", dir=folder.parent))
        folder.rename(doomed / wanted)
        shutil.rmtree(doomed)


def installed_runtimes() -> list[str]:
    """The versions on this machine, oldest first, the environment's own and damaged ones among them."""
    folder = runtimes_dir()
    there = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    fetched = [name for name in there if re.fullmatch(r"\d+\.\d+\.\d+", name)]
    return sorted({*fetched, own_version()}, key=lambda version: tuple(map(int, version.split("."))))


def _fetch(version: str, folder: Path) -> None:
    free = shutil.disk_usage(folder.parent).free
    if free < _ROOM:
        raise RuntimeMissingError(
            f"Wasmtime {version} could not be fetched: it takes {_ROOM // 2**20} MiB of disk while it is unpacked "
            f"and {free // 2**20} MiB are left."
        )
    with tempfile.TemporaryDirectory(prefix=f".{version}-", dir=folder.parent) as temporary:
        target = Path(temporary) / version
        _pip(version, target)
        record = RuntimeRecord(version, files_in(target))
        (target / RECORD).write_bytes(msgspec.json.encode(record))
        check_whole(target, version)
        _try(version, target)
        target.rename(folder)


def _pip(version: str, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--only-binary", ":all:", "--compile"]
    command += [
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
        "--retries",
        "2",
        "--target",
        str(target),
        f"wasmtime=={version}",
    ]
    # The two settings would have pip refuse `--target`, or leave out the bytecode that every start needs.
    environment = {k: v for k, v in os.environ.items() if k not in ("PIP_USER", "PYTHONDONTWRITEBYTECODE")}
    # pip unpacks there first: the disk that has to have room is the cache's.
    environment["TMPDIR"] = str(target.parent)
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=_PIP_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RuntimeMissingError(
            f"Wasmtime {version} could not be fetched: pip had not finished after {_PIP_SECONDS:.0f} s."
        ) from None
    if done.returncode != 0:
        raise RuntimeMissingError(_why_pip_failed(version, done.stderr + done.stdout))


def _why_pip_failed(version: str, said: str) -> str:
    start = f"Wasmtime {version} could not be fetched: "
    if "No module named pip" in said:
        return start + "this Python has no pip; `python -m ensurepip` adds it."
    if "No space left" in said or "Errno 28" in said:
        return start + "the disk is full."
    if "Failed to establish a new connection" in said or "Max retries exceeded" in said or "ProxyError" in said:
        return start + "the package index cannot be reached; releases that are here already can be used offline."
    if "incomplete-download" in said:
        return start + "the download broke off."
    known = re.search(r"\(from versions: ([^)]*)\)", said)
    if known and known[1] not in ("none", ""):
        return start + f"there is no such release for this platform ({_neighbours(version, known[1])})."
    if known:
        return (
            f"{start}the package index has no release for this platform, or cannot be reached; with a network, "
            f"`labkit runtimes add {version}` fetches it."
        )
    lines = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()
    return start + f"pip said: {lines[-1] if lines else 'nothing'}"


def _neighbours(version: str, listed: str) -> str:
    """The releases around one that does not exist."""
    numbers = [tuple(map(int, v.split("."))) for v in listed.split(", ") if re.fullmatch(r"\d+\.\d+\.\d+", v)]
    wanted = tuple(map(int, version.split(".")))
    before, after = [n for n in numbers if n < wanted], [n for n in numbers if n > wanted]
    near = ([max(before)] if before else []) + ([min(after)] if after else [])
    texts = [".".join(map(str, number)) for number in near]
    return f"the nearest: {' and '.join(texts)}" if texts else "none is near"


def _try(version: str, target: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TRY], env=environment | {"PYTHONPATH": str(target)}, cwd=target,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TRY_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RuntimeDamagedError(
            f"Wasmtime {version} was fetched, but an empty module hangs in it here."
        ) from None
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()
        raise RuntimeDamagedError(
            f"Wasmtime {version} was fetched, but does not run here: {words[-1] if words else 'no last words'}"
        )


def _no_room(version: str, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Wasmtime {version} could not be fetched: the disk is full."
    return f"Wasmtime {version} could not be fetched: {error.strerror or error}."
