"""Every mix of synchronous and asynchronous that a scenario shows, under releases old and new, against a table."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest

from labkit.record import scenarios
from tests.runtimes.release_table import Cells, expected, play, rows, seen

VERSIONS = ("14.0.0", "20.0.0", "36.0.0", "39.0.0", "41.0.0", "42.0.0", "45.0.0", "50.0.1")
ROWS = rows("async_misuse.toml")
FAMILY = {name: scenario for name, scenario in scenarios().items() if scenario.family == "03-sync-and-async"}
# Under a policy, without async at all, or about WASI: told elsewhere.
ELSEWHERE = {
    "03-sync-and-async/sync-call",
    "03-sync-and-async/all-sync",
    *(name for name in FAMILY if "wasi" in name),
}


@pytest.fixture(scope="module")
def cells() -> Cells:
    return play(ROWS, VERSIONS)


@pytest.mark.parametrize("row", ROWS, ids=[row["scenario"].partition("/")[2] or "main" for row in ROWS])
def test_each_release_does_what_the_table_says(cells: Cells, row: dict[str, Any]) -> None:
    wanted = expected(row, VERSIONS)
    assert {v: seen(cells[row["scenario"], v], wanted[v]) for v in VERSIONS} == wanted


def test_the_table_has_every_scenario_and_every_case() -> None:
    assert {row["scenario"] for row in ROWS} == FAMILY.keys() - ELSEWHERE
    cases = "a a2 a3 a4 b c c2 d d2 d3 d4 d5 e f1 f2 f3 f4 f5 f6 f7 f8 g g2 h h2 i j k l1 l2"
    assert sorted(case for row in ROWS for case in row["cases"]) == sorted(cases.split())


def gap(cells: Cells, name: str, version: str) -> float:
    """The longest time in which nothing else ran during the last step."""
    trace = cells[f"03-sync-and-async/{name}", version].trace
    assert trace is not None
    assert trace.steps[-1].gap_ms is not None
    return trace.steps[-1].gap_ms


@pytest.mark.parametrize("version", VERSIONS)
def test_a_host_function_that_blocks_stops_the_loop(cells: Cells, version: str) -> None:
    assert gap(cells, "blocking-host-function", version) >= 295.0
    assert gap(cells, "nested-loop-threadsafe", version) >= 295.0


@pytest.mark.parametrize("name", ["sleeping-host-function", "blocking-in-a-thread"])
def test_one_that_is_awaited_or_waits_in_a_thread_does_not(cells: Cells, name: str) -> None:
    # Of all releases together: a busy machine stops for a moment now and then.
    free = median(gap(cells, name, version) for version in VERSIONS)
    assert 2 * free < min(gap(cells, "blocking-host-function", version) for version in VERSIONS)
