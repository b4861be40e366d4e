"""The command line as a user meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkit import resources

# As it was when the tests started: other tests point labkit to empty caches, and every command would compile.
_ENVIRONMENT = dict(os.environ)


class Done:
    """A command that has ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        """What it printed, which must be JSON and nothing else."""
        return json.loads(self.out)


Labkit = Callable[..., Done]


@pytest.fixture
def labkit(tmp_path: Path) -> Labkit:
    """Run `labkit` with these arguments in a folder of the test's own."""

    def run(*args: str | Path, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "labkit", *map(str, args)],
            cwd=tmp_path,
            env=_ENVIRONMENT | {"LABKIT_STATE": str(tmp_path / "state")} | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def without_compiler() -> dict[str, str]:
    """The environment of a room that has none."""
    return {"LABKIT_TOOLCHAIN": "none"}


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Shipped notebooks that a test may change, in place of the real ones."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(resources, "notebooks_dir", lambda: folder)
    return folder
