"""The shipped ledger, tried once under real releases for all tests of this folder."""

from __future__ import annotations

import pytest

from labkit.claims import Report, check, find_claims
from labkit.cli.load import program
from labkit.runtimes import add_runtime

RELEASES = ("39.0.0", "41.0.0", "42.0.0", "45.0.0", "50.0.1")
CORE_ONLY = ("20.0.0", "36.0.0")
CORE_CLAIMS = ("05-recovery/core-stays-callable", "05-recovery/core-survives-interruption")


@pytest.fixture(scope="session")
def report() -> Report:
    """Every claim under the releases that run components; others are fetched once per machine."""
    for version in RELEASES + CORE_ONLY:
        add_runtime(version)
    return check(find_claims([]), RELEASES, program)
