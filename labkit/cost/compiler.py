"""The C compiler of this machine, where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from labkit.errors import ToolchainError

_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Compiler:
    """The C compiler of this machine: its `path`, and its first words about itself."""

    path: str
    version: str


@cache
def c_compiler() -> Compiler:
    """The compiler that `CC` names, or `cc`; raises `ToolchainError` where there is none."""
    name = os.environ.get("CC") or "cc"
    path = shutil.which(name)
    if path is None:
        raise ToolchainError(f"This machine has no C compiler ({name}); install gcc or clang.")
    done = run_compiler([path, "--version"])
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise ToolchainError(f"{name} does not say which compiler it is; set CC to another one.")
    return Compiler(path, lines[0])


def run_compiler(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run it to its end; raises `ToolchainError` if it cannot be started, or takes a minute."""
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolchainError(f"The C compiler cannot be run: {error}.") from None
