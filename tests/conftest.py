"""Under CI=true nothing is skipped silently: a skip that is not on the list below is a failure."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from typing import Any

import pytest

# Test id → why CI may skip it. Every entry is something that CI does not check.
ALLOWED_SKIPS: dict[str, str] = {}

# Folders whose tests share something that takes seconds to make: with several workers, each goes to one of them.
TOGETHER = ("browser", "guests", "inspect", "notebooks", "repros", "runtimes")


def pytest_configure() -> None:
    # A job that a shell runs in the background ignores SIGINT, and so would everything that the tests start and
    # then interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.parent.name
        # Whatever else needs other releases shares them with the tests of those.
        if item.path.name in ("test_runtime_commands.py", "test_cluster.py") or folder == "claims":
            folder = "runtimes"
        if folder in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(folder))


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
