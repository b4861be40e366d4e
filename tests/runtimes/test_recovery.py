"""Failure mode 5 under real releases: what a panic leaves behind, what a guest can catch, and what nothing can."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.record import explain, scenarios
from tests.runtimes.release_table import Cells, expected, play, rows, seen

VERSIONS = ("14.0.0", "39.0.0", "41.0.0", "46.0.1", "47.0.1", "50.0.1")
ROWS = rows("recovery.toml")
IDS = [row["scenario"].partition("/")[2] or "main" for row in ROWS]


@pytest.fixture(scope="module")
def cells() -> Cells:
    return play(ROWS, VERSIONS)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_each_release_does_what_the_table_says(cells: Cells, row: dict[str, Any]) -> None:
    wanted = expected(row, VERSIONS)
    assert {v: seen(cells[row["scenario"], v], wanted[v]) for v in VERSIONS} == wanted


def test_the_table_has_every_scenario() -> None:
    assert [row["scenario"] for row in ROWS] == [s.id for s in scenarios().values() if s.family == "05-recovery"]


@pytest.mark.parametrize("version", VERSIONS)
def test_memory_that_ran_out_is_explained_under_every_release(cells: Cells, version: str) -> None:
    trace = cells["05-recovery/out-of-memory-core", version].trace
    assert trace is not None
    said = explain(trace, 3).sentence
    assert said.startswith("Step 3 trapped because process-ledger ran out of its 32 MiB, of which it had 3")


def test_a_panic_is_the_same_value_under_every_release_that_can_catch_it(cells: Cells) -> None:
    traces = [cells["05-recovery/caught-panic", version].trace for version in VERSIONS[1:]]
    errors = [trace.steps[2].outcome.error for trace in traces if trace and trace.steps[2].outcome]
    assert errors == [
        {"message": "amount too large: 60", "file": "process-unwind/src/lib.rs", "line": 41, "column": 9}
    ] * len(VERSIONS[1:])
