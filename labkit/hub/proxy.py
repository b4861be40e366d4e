"""JupyterHub's own proxy, which npm has: the one on PATH, or one fetched into labkit's cache."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import filelock

from labkit import resources
from labkit.errors import ToolchainError
from labkit.guests.node import fetch_node, find_node
from labkit.guests.process import Say, ask, stream

VERSION: Final = "5.3.0"
_PACKAGE: Final = "configurable-http-proxy"
_MODULES: Final = "node_modules"
_NPM_TIMEOUT: Final = 300.0
# PyPI has a program of the same name that loses the messages of kernels; its versions are below these.
_OLDEST: Final = 4


def find_proxy() -> list[str] | None:
    """The command that starts the proxy, or `None` where it is not there yet."""
    on_path = shutil.which(_PACKAGE)
    if on_path is not None and _is_new_enough(ask([on_path, "--version"])):
        return [on_path]
    node, script = find_node(), _script(_folder())
    return [str(node), str(script)] if node is not None and script.is_file() else None


def get_proxy(say: Say) -> list[str]:
    """The command that starts the proxy, fetched if need be; raises `ToolchainError` where that cannot be done."""
    found = find_proxy()
    if found is not None:
        return found
    npm = shutil.which("npm")
    if npm is None:
        raise ToolchainError(
            f"JupyterHub needs {_PACKAGE}, which npm fetches, and there is no npm here: install npm (on Debian "
            f"and Ubuntu `apt install npm`) or {_PACKAGE} (conda-forge has it), then try again."
        )
    if find_node() is None:
        fetch_node(say)
    _fetch(npm, say)
    found = find_proxy()
    if found is None:
        raise ToolchainError(f"{_PACKAGE} {VERSION} was fetched and does not run on this machine.")
    return found


def _fetch(npm: str, say: Say) -> None:
    folder = _folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    say(f"fetching {_PACKAGE} {VERSION}")
    quiet = ("--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
    with tempfile.TemporaryDirectory(prefix=f".{VERSION}-", dir=folder.parent) as temporary:
        command = [npm, "install", *quiet, "--prefix", temporary, f"{_PACKAGE}@{VERSION}"]
        if stream(command, env=os.environ, say=say, timeout=_NPM_TIMEOUT) != 0:
            raise ToolchainError(f"`npm install {_PACKAGE}@{VERSION}` failed; is there a network?")
        with filelock.FileLock(folder.with_name(f".{VERSION}.lock")):
            # Another process may just have fetched the same; without its script it is in the way.
            if not _script(folder).is_file():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                # By this name its parts find each other.
                (Path(temporary) / _MODULES).rename(folder / _MODULES)


def _folder() -> Path:
    return resources.cache_dir() / "hub-proxy" / VERSION


def _script(folder: Path) -> Path:
    return folder / _MODULES / _PACKAGE / "bin" / _PACKAGE


def _is_new_enough(version: str | None) -> bool:
    major = (version or "").partition(".")[0]
    return major.isdecimal() and int(major) >= _OLDEST
