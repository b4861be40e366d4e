"""Under CI=true nothing is skipped silently: a skip that is not on the list below is a failure."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from pathlib import PurePosixPath
from typing import Any

import nbformat
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Test id → why CI may skip it. Every entry is something that CI does not check.
ALLOWED_SKIPS: dict[str, str] = {}

# Folders whose tests share something that takes seconds to make: with several workers, each goes to one of them.
TOGETHER = ("board", "deploy", "guests", "hub", "inspect", "notebooks", "repros", "runtimes")


def pytest_configure() -> None:
    # A job that a shell runs in the background ignores SIGINT, and so would everything that the tests start and
    # then interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


class ByWhatTheyShare(LoadScopeScheduling):
    """Every test goes to whichever worker is free, those that share something all to the same one.

    The marks of `--dist loadgroup` say the same, but under pytest 9.2 xdist 3.8 passes over them without a word.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        folder = path.parent.name
        # Whatever else needs other releases shares them with the tests of those.
        # What a notebook puts out in the browser is looked at by the tests of notebooks as well.
        if folder == "browser":
            folder = "notebooks"
        if path.name in ("test_runtime_commands.py", "test_cluster.py") or folder == "claims":
            folder = "runtimes"
        return folder if folder in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByWhatTheyShare:
    return ByWhatTheyShare(config, log)


def _refuse(report: Any) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and report.nodeid not in ALLOWED_SKIPS:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Under CI=true every test has to run, and this one was skipped. {why}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    if os.environ.get("CI") == "true":
        _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    if os.environ.get("CI") == "true":
        _refuse(report)
    return report


@pytest.fixture(scope="session")
def played() -> dict[str, nbformat.NotebookNode]:
    """Notebooks by name, with what they put out when a test ran them in the browser."""
    return {}
