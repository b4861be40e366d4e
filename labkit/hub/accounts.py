"""A system account for each attendee of an isolated room."""

from __future__ import annotations

import pwd
import subprocess
from pathlib import Path
from typing import Final

from labkit.errors import LabkitError

PREFIX: Final = "labkit-"


def accounts_of(folder: Path) -> list[str]:
    """The names of the system accounts of those whose folders are in `folder`."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return sorted(known & {f"{PREFIX}{attendee.name}" for attendee in folder.iterdir()})


def system_account(account: str, home: Path) -> pwd.struct_passwd:
    """The system account of an attendee, made where there is none; nobody can log in to it from outside.

    Raises `LabkitError` when it cannot be made.
    """
    name = f"{PREFIX}{account}"
    try:
        return pwd.getpwnam(name)
    except KeyError:
        pass
    command = [
        "useradd",
        "--no-create-home",
        "--user-group",
        "--home-dir",
        str(home),
        "--shell",
        "/bin/bash",
        name,
    ]
    made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise LabkitError(f"The system account {name} could not be made: {made.stderr.strip()}")
    return pwd.getpwnam(name)
