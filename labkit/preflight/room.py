"""What a room needs of a machine, looked at without starting anything."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import re
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil
from packaging.requirements import Requirement

from labkit import resources
from labkit.diagnosis import Check
from labkit.hub.capacity import Capacity, needed
from labkit.runtimes import installed_runtimes, own_version

MIB: Final = 2**20
# Measured: a JupyterLab server 99 MiB and a kernel with everything imported 97. A browser beside them takes more.
ALONE_MIB: Final = 99 + 97 + 300
RELEASE_MIB: Final = 60
PERSON_DISK_MIB: Final = 20
FREE_DISK_MIB: Final = 300
PEOPLE_PER_PROCESSOR: Final = 5
PORT: Final = 8888
_SIGNS: Final = "✔ ✘ → ‹ ›"


def packages(asked: Sequence[str] | None = None) -> Check:
    """Whether what is asked for (default: by labkit) is here, in a release that is asked for."""
    wrong, right = [], 0
    try:
        lines = importlib.metadata.requires("labkit") or [] if asked is None else asked
    except importlib.metadata.PackageNotFoundError:
        return Check("packages", "problem", "labkit is not installed", "Install it: `make lab`, or pip install.")
    for one in map(Requirement, lines):
        if one.marker is not None and not one.marker.evaluate({"extra": ""}):
            continue
        try:
            found = importlib.metadata.version(one.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{one.name} is missing")
            continue
        if found in one.specifier:
            right += 1
        else:
            wrong.append(f"{one.name} {found} is not {one.specifier}")
    if wrong:
        return Check("packages", "problem", "; ".join(wrong), "Install labkit anew: `make lab`, or pip install.")
    return Check("packages", "ok", f"all {right} as asked for")


def memory(attendees: int, available: int | None = None) -> Check:
    """Whether the `available` MiB (default: of this machine) suffice for one person, or for a hub with so many."""
    free = psutil.virtual_memory().available // MIB if available is None else available
    enough = ALONE_MIB if attendees == 1 else needed(attendees) // MIB
    told = f"{free} MiB free, about {enough} needed"
    if free >= enough:
        return Check("memory", "ok", told)
    return Check("memory", "problem", told, _fewer(attendees, Capacity(free * MIB).attendees))


def _fewer(attendees: int, fitting: int) -> str:
    if attendees == 1:
        return "Close other programs; one browser tab is enough."
    return f"It suffices for {fitting} people: take a larger machine, or let people share a screen."


def disk(attendees: int, missing: int) -> Check:
    """Whether the cache and the copies of the notebooks find room; `missing` releases are still to be fetched."""
    folder = _nearest(resources.cache_dir())
    free = shutil.disk_usage(folder).free // MIB
    enough = FREE_DISK_MIB + RELEASE_MIB * missing + PERSON_DISK_MIB * attendees
    told = f"{free} MiB free, about {enough} needed"
    if free >= enough:
        return Check("disk", "ok", told)
    return Check("disk", "problem", told, "Make room, or name another folder in LABKIT_CACHE.")


def processors(attendees: int) -> Check:
    """How many processors this process may use, and whether so many people get along with them."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = f"{count} for {attendees}" if attendees > 1 else str(count)
    if attendees <= count * PEOPLE_PER_PROCESSOR:
        return Check("processors", "ok", told)
    advice = f"Expect waiting where all run a cell at once; {-(-attendees // PEOPLE_PER_PROCESSOR)} would do."
    return Check("processors", "optional", told, advice)


def sockets(attendees: int = 1) -> Check:
    """Whether programs of this machine can speak to each other, as a browser, JupyterLab and kernels do.

    For one person also which port `labkit lab` would take; a hub for many has a port of its own.
    """
    try:
        with socket.socket() as server:
            server.settimeout(3)
            server.bind(("127.0.0.1", 0))
            server.listen()
            with socket.create_connection(server.getsockname(), timeout=3) as client, server.accept()[0] as other:
                client.sendall(b"lab")
                other.settimeout(3)
                heard = other.recv(3)
    except OSError as error:
        heard = str(error).encode()
    if heard != b"lab":
        advice = "A firewall or a security program stands between; allow connections on 127.0.0.1."
        return Check("localhost", "problem", heard.decode(errors="replace"), advice)
    return Check("localhost", "ok", _free_port() if attendees == 1 else "answers")


def _free_port() -> str:
    for port in range(PORT, PORT + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return f"answers; port {port} is free"
    return f"answers; no port from {PORT} to {PORT + 49} is free, so name one with `labkit lab --port`"


def folders() -> list[Check]:
    """Whether what has to be written can be: temporary files, the cache, progress."""
    named = {
        "temporary files": Path(tempfile.gettempdir()),
        "cache folder": resources.cache_dir(),
        "progress folder": resources.state_dir(),
    }
    return [_writable(name, folder) for name, folder in named.items()]


def _writable(name: str, folder: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=_nearest(folder)) as file:
            file.write(b"lab")
    except OSError as error:
        advice = "Name another folder: TMPDIR, LABKIT_CACHE or LABKIT_STATE."
        return Check(name, "problem", f"{folder}: {error.strerror}", advice)
    return Check(name, "ok", f"{folder} can be {'written' if folder.exists() else 'made'}")


def clock() -> Check:
    """Whether the clock is not before the files of this very package."""
    made = max(path.stat().st_mtime for path in resources.PACKAGE.glob("*.py"))
    told = time.strftime("%Y-%m-%d %H:%M")
    # A day, for time zones and copied files.
    if time.time() > made - 86_400:
        return Check("clock", "ok", told)
    return Check("clock", "problem", f"{told}, before labkit was made", "Set the clock; caches and logs need it.")


def texts() -> Check:
    """Whether signs beyond ASCII can be read and printed."""
    encoding = locale.getpreferredencoding(False)
    shown = getattr(sys.stdout, "encoding", None) or encoding
    try:
        _SIGNS.encode(shown)
        _SIGNS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        advice = (
            "Set PYTHONUTF8=1, or a locale with UTF-8 such as C.UTF-8; notebooks show everything all the same."
        )
        return Check("texts", "optional", f"{encoding}, on the terminal {shown}", advice)
    return Check("texts", "ok", shown)


def releases_used() -> dict[str, list[str]]:
    """Other Wasmtime releases that cells name, each with the notebooks that do."""
    found: dict[str, list[str]] = {}
    for path in sorted(resources.notebooks_dir().glob("*.ipynb")):
        code = "\n".join(cell.text for cell in resources.read_cells(path) if cell.kind == "code")
        for version in sorted(set(re.findall(r'["\s](\d{2}\.\d+\.\d+)\b', code)) - {own_version()}):
            found.setdefault(version, []).append(path.stem[:2])
    return dict(sorted(found.items()))


def missing_releases(used: dict[str, list[str]]) -> list[str]:
    """Those that are not on this machine yet."""
    here = set(installed_runtimes())
    return [version for version in used if version not in here]


def releases(used: dict[str, list[str]]) -> Check:
    """Which of the releases that the notebooks use are on this machine: those work without network."""
    missing = missing_releases(used)
    if not missing:
        return Check("other releases", "ok", f"all {len(used)} that notebooks use, so no network is needed")
    where = sorted({book for version in missing for book in used[version]})
    found = f"{len(used) - len(missing)} of {len(used)}; fetched by notebooks {', '.join(where)} when they run"
    return Check("other releases", "optional", found, f"Beforehand: `labkit runtimes add {' '.join(missing)}`")


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())
