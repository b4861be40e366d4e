"""A Node that runs what Rust's exceptions become: the system's if it is new enough, or one fetched with npm."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import filelock

from labkit import resources
from labkit.errors import ToolchainError
from labkit.guests.process import Say, ask, stream

NODE: Final = "26.10.0"

_NPM_TIMEOUT: Final = 300.0
_SYSTEMS: Final = {"linux": "linux", "darwin": "darwin"}
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}

# Whether this Node knows `exnref` (0x69; the module has the one type `(func (param exnref))`) and the tag of
# JavaScript's own exceptions. As a text: Jupyter asks for colours, and Node would colour a truth value.
_PROBE: Final = """
const module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x69, 0];
console.log(String(WebAssembly.validate(new Uint8Array(module)) && WebAssembly.JSTag !== undefined));
"""


def find_node() -> Path | None:
    """The Node to use here: the first on PATH that knows these exceptions, else the one that was fetched."""
    on_path = shutil.which("node")
    candidates = [Path(on_path) if on_path else None, _fetched()]
    return next((node for node in candidates if node is not None and _knows_exceptions(node)), None)


def fetch_node(say: Say) -> Path:
    """Fetch Node with npm into labkit's cache; raises `ToolchainError` where that cannot be done."""
    package = _package()
    if package is None:
        raise ToolchainError(f"npm has no Node for {sys.platform} on {platform.machine()}.")
    npm = shutil.which("npm")
    if npm is None:
        raise ToolchainError(
            f"Node {NODE} could not be fetched: install npm, then run `labkit setup --javascript`."
        )
    folder = _folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{NODE}-", dir=folder.parent) as temporary:
        status = stream(npm_command(npm, temporary), env=os.environ, say=say, timeout=_NPM_TIMEOUT)
        if status != 0:
            what = f"npm install {package}@{NODE}"
            raise ToolchainError(f"`{what}` failed with status {status}; is there a network?")
        node = folder / package / "bin" / "node"
        with filelock.FileLock(folder.with_name(f".{NODE}.lock")):
            # Another process may just have fetched the same; what does not run is in the way.
            if not _knows_exceptions(node):
                shutil.rmtree(folder, ignore_errors=True)
                (Path(temporary) / "node_modules").rename(folder)
    if not _knows_exceptions(node):
        raise ToolchainError(f"Node {NODE} was fetched and does not run on this machine.")
    return node


def npm_command(npm: str = "npm", folder: str | None = None) -> tuple[str, ...]:
    """What fetches Node: its program for this machine alone, and no script is run."""
    quiet = ("--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
    return (npm, "install", *quiet, "--prefix", folder or str(_folder()), f"{_package() or 'node'}@{NODE}")


def _package() -> str | None:
    """What npm calls Node for this machine alone."""
    system, machine = _SYSTEMS.get(sys.platform), _MACHINES.get(platform.machine().lower())
    return f"node-{system}-{machine}" if system and machine else None


def _folder() -> Path:
    return resources.cache_dir() / "node" / NODE


def _fetched() -> Path | None:
    package = _package()
    return None if package is None else _folder() / package / "bin" / "node"


def _knows_exceptions(node: Path) -> bool:
    return ask([str(node), "--eval", _PROBE]) == "true"
