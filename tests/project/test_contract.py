"""The import contract of pyproject.toml holds, and a wrong import breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        # -P keeps the folder of the tests out of the path; the copy is found first because it is where we are.
        [sys.executable, "-c", lint, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "labkit", tmp_path / "labkit", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_tree_keeps_the_contract(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("host/outcome.py", "import labkit.record"),
        ("record/trace.py", "from labkit.reuse import play"),
        ("host/program.py", "import labkit.guests"),
        ("guests/catalogue.py", "from labkit.host import Program"),
        ("reuse/runner.py", "import labkit.views"),
        ("reuse/runner.py", "import labkit.runtimes"),
        ("inspect/sizes.py", "import labkit.views"),
        ("runtimes/sweep.py", "import labkit.guests"),
        ("runtimes/sweep.py", "import labkit.lab"),
        ("javascript/play.py", "import labkit.guests"),
        ("claims/trial.py", "import labkit.views"),
        ("views/canvas.py", "import labkit.lab"),
        ("lab.py", "import labkit.cli"),
        ("errors.py", "import labkit.resources"),
        ("record/trace.py", "import matplotlib"),
    ],
)
def test_an_import_against_the_arrows_breaks_it(copy: Path, module: str, line: str) -> None:
    path = copy / "labkit" / module
    path.write_text(path.read_text() + f"\n{line}\n")
    done = _lint(copy)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout
