"""The view of the machine that an attendee of an isolated room has: made of Linux namespaces by util-linux.

Its processes see each other and nobody else's, `/tmp` and `/dev/shm` are their own, and of the folders that are
not everybody's to enter (root's home, the room's folder) only what they need is there.
"""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from labkit import resources
from labkit.errors import LabkitError
from labkit.guests.installs import rustup_home
from labkit.hub.room import MIB

_SCRIPT: Final = Path(__file__).with_name("enclosed.sh")
_PROGRAMS: Final = ("unshare", "setpriv", "mount", "useradd")
_SCRATCH: Final = 256 * MIB
_TEMPORARY: Final = tuple(map(Path, ("/tmp", "/var/tmp", "/dev/shm")))  # as a system has them
_UNSHARE: Final = ("unshare", "--mount", "--pid", "--ipc", "--fork", "--mount-proc", "--kill-child=SIGKILL")


def enclosed(command: Iterable[str], *, uid: int, own: Path) -> list[str]:
    """The command that runs `command` as the account with this number, with `own` as the folder it writes to."""
    shown = [path for path in needed_to_run() if path.is_dir()]
    closed = {veil for path in (own, *shown) if (veil := veil_over(path)) is not None}
    veiled = _outermost((*closed, *_TEMPORARY))
    veils = [veil for veil in veiled if veil not in _TEMPORARY]
    # Only what a veil would hide has to be shown, and only once.
    hidden = [path for path in _outermost(shown) if any(path.is_relative_to(veil) for veil in veiled)]
    return [
        *(*_UNSHARE, "--", "/bin/sh", str(_SCRIPT), str(uid), str(_SCRATCH)),
        *(*map(str, veils), "--", str(own), *map(str, hidden), "--", *command),
    ]


def check_enclosing() -> None:
    """Raise `LabkitError` with what is missing where such a view cannot be made."""
    for program in _PROGRAMS:
        if shutil.which(program) is None:
            raise LabkitError(f"--isolate needs {program}, which Linux has in util-linux or shadow; install it.")
    tried = subprocess.run(
        [*_UNSHARE, "--", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if tried.returncode != 0:
        raise LabkitError(
            "--isolate cannot give attendees a view of their own here: root may not mount. In a container, start "
            "it with --privileged, or run labkit hub on the machine itself."
        )


def needed_to_run() -> list[Path]:
    """The folders without which labkit does not run: Python, the environment, the package, its cache, Rust."""
    places = (sys.base_prefix, sys.prefix, resources.PACKAGE, resources.guests_dir(), resources.notebooks_dir())
    named = [*(Path(place) for place in places), resources.cache_dir(), rustup_home()]
    # By both names where one is a link: an environment remembers the name it was made with.
    return list(dict.fromkeys(path for place in named for path in (place.absolute(), place.resolve())))


def veil_over(path: Path) -> Path | None:
    """The outermost folder above `path`, or itself, that others may not enter; `None` when they may enter all."""
    for folder in (*reversed(path.parents), path):
        if not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None


def _outermost(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in sorted(set(paths)):
        if not any(path.is_relative_to(other) for other in found):
            found.append(path)
    return found
