"""Guests in Python: componentize-py puts the source, and Python itself, into a component of some 18 MB.

It is an optional part of labkit, and no such component is shipped: building takes some ten seconds, and two builds
of one source are not the same bytes (the interpreter inside is started and its memory kept, at addresses that
differ). So a build is kept, and its digest stands for that build and not for the source.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock

from labkit import resources
from labkit.errors import BuildError, ToolchainError
from labkit.guests import cache
from labkit.guests.artifact import Artifact, digest, digest_files
from labkit.guests.catalogue import Guest
from labkit.guests.process import Say, stream
from labkit.guests.workspace import one_at_a_time

PACKAGE = "componentize-py"
INSTALL = "pip install 'labkit[python-guests]'"

_MODULE = "guest"
# Its own entry point ends in a traceback through itself; what it says is the exception's message.
_RUN = "import sys, componentize_py\ntry: componentize_py.script()\nexcept AssertionError as e: sys.exit(str(e))"
_BACKTRACE = "Stack backtrace:"


def componentizer() -> str | None:
    """`componentize-py 0.25.1`; None where it is missing, or `LABKIT_TOOLCHAIN=none` hides every compiler."""
    if os.environ.get("LABKIT_TOOLCHAIN", "").lower() == "none":
        return None
    try:
        return f"{PACKAGE} {version(PACKAGE)}"
    except PackageNotFoundError:
        return None


def build_python(name: str, base: Guest, source: str | None, say: Say, timeout: float) -> Artifact:
    """The guest `base`, with another `source` if given, as a component called `name`.

    Raises `ToolchainError` where componentize-py is missing or takes longer than `timeout` seconds, `BuildError`
    with Python's own message when the source cannot be loaded.
    """
    began = time.perf_counter()
    tool = componentizer()
    if tool is None:
        raise ToolchainError(
            f"Building {name} needs {PACKAGE}, an optional part of labkit; `{INSTALL}` brings it."
        )
    files = python_files(base, source)
    source_digest = digest_files(files)
    key = digest(f"{base.name}\0{source_digest}\0{tool}".encode())

    def kept() -> Artifact | None:
        seconds = time.perf_counter() - began
        return cache.load(key, name=name, source_digest=source_digest, seconds=seconds)

    found = kept()
    if found is not None:
        return found
    folder = resources.cache_dir() / "builds"
    folder.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(FileLock(folder / "python.lock"), say, timeout):
        made_elsewhere = kept()
        if made_elsewhere is not None:
            return made_elsewhere
        say(f"{tool} takes some ten seconds: Python itself goes in.")
        wasm, log = _componentize(name, files, say, timeout)
        artifact = Artifact(
            name=name,
            wasm=wasm,
            digest=digest(wasm),
            size=len(wasm),
            how="compiled",
            toolchain=tool,
            seconds=time.perf_counter() - began,
            log=log,
            source_digest=source_digest,
        )
        cache.keep(key, artifact)
    return artifact


def python_files(base: Guest, source: str | None) -> dict[str, bytes]:
    """All that decides what it becomes, by path within its folder."""
    paths = [*base.path.glob("src/**/*.py"), *base.path.glob("wit/**/*.wit")]
    files = {path.relative_to(base.path).as_posix(): path.read_bytes() for path in paths}
    return files if source is None else files | {base.source_file: source.encode()}


def _componentize(name: str, files: dict[str, bytes], say: Say, timeout: float) -> tuple[bytes, str]:
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        if _BACKTRACE not in said:
            say(line)

    with tempfile.TemporaryDirectory(prefix="labkit-") as place:
        folder = Path(place)
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        command = [sys.executable, "-P", "-c", _RUN, "--wit-path", "wit", "componentize"]
        command += ["--python-path", "src", _MODULE, "--output", "guest.wasm"]
        # Whatever is set for this Python is not meant for the one that goes in.
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RUST_"))}
        status = stream(command, env=env, say=hear, timeout=timeout, cwd=folder)
        # Behind the message is where in componentize-py it arose, which helps nobody here.
        log = "\n".join(said).partition(_BACKTRACE)[0].strip()
        if status != 0:
            raise BuildError(f"{name} does not load: {_refusal(log)}", log)
        return (folder / "guest.wasm").read_bytes(), log


def _refusal(log: str) -> str:
    """The last line, which is Python's: `SyntaxError: invalid syntax (guest.py, line 1)`."""
    return log.rpartition("\n")[2].strip() or "see the messages of componentize-py"
