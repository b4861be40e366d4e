"""Under CI=true a skipped test is a failed one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_runs():
    pass

def test_skips():
    pytest.skip("no browser")

@pytest.mark.skip(reason="no compiler")
def test_marked():
    pass

@pytest.mark.xfail(reason="known")
def test_known():
    assert False
"""


def _run(folder: Path, ci: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, str(folder)],
        cwd=folder,
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(Path(__file__).parents[1] / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_some.py").write_text(TESTS)
    return tmp_path


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["in one process", "in two"])
def test_skips_fail_under_ci(folder: Path, options: tuple[str, ...]) -> None:
    done = _run(folder, "true", *options)
    assert done.returncode == 1
    assert "1 failed, 1 passed, 1 xfailed, 1 error" in done.stdout
    assert "this one was skipped. Skipped: no browser" in done.stdout
    assert "no compiler" in done.stdout


def test_a_whole_module_that_is_skipped_fails_under_ci(folder: Path) -> None:
    (folder / "test_some.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    done = _run(folder, "true")
    assert done.returncode != 0
    assert "this one was skipped" in done.stdout


def test_elsewhere_they_are_skips(folder: Path) -> None:
    done = _run(folder, "")
    assert done.returncode == 0
    assert "1 passed, 2 skipped, 1 xfailed" in done.stdout
