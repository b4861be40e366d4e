"""Every mix of synchronous and asynchronous that a scenario shows, under releases old and new, against a table."""

from __future__ import annotations

import os
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from labkit.claims import Releases
from labkit.cli.load import program
from labkit.record import Step, scenarios
from labkit.runtimes import Cell, Nursery, add_runtime, play_cell, programs_of

VERSIONS = ("14.0.0", "20.0.0", "36.0.0", "39.0.0", "41.0.0", "42.0.0", "45.0.0", "50.0.1")
ROWS = tomllib.loads(Path(__file__).with_name("async_misuse.toml").read_text("utf-8"))["row"]
FAMILY = {name: scenario for name, scenario in scenarios().items() if scenario.family == "03-sync-and-async"}
# Under a policy, without async at all, or about WASI: told elsewhere.
ELSEWHERE = {
    "03-sync-and-async/sync-call",
    "03-sync-and-async/all-sync",
    *(name for name in FAMILY if "wasi" in name),
}


@pytest.fixture(scope="module")
def cells() -> dict[tuple[str, str], Cell]:
    """Every row under every release, each in a child of its own."""
    for version in VERSIONS:
        add_runtime(version)

    def played(cell: tuple[str, str]) -> Cell:
        scenario = FAMILY[cell[0]]
        programs = {name: program(name) for name in programs_of(scenario)}
        return play_cell(scenario, programs, cell[1], None, nursery=nursery, anew=True)

    wanted = [(row["scenario"], version) for row in ROWS for version in VERSIONS]
    with Nursery() as nursery, ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(wanted, pool.map(played, wanted), strict=True))


def specifics(step: Step) -> set[str]:
    """What a step's outcome names besides its kind."""
    outcome = step.outcome
    assert outcome is not None
    cause = outcome.cause.kind if outcome.cause else None
    return {name for name in (outcome.signal, outcome.code, outcome.raised, cause) if name}


def seen(cell: Cell, expected: dict[str, Any]) -> dict[str, Any]:
    """What came of a cell, as far as the table tells it; what is as expected in the table's own words."""
    if cell.trace is None:
        assert cell.problem is not None
        return {"problem": cell.problem}
    found: dict[str, Any] = {"steps": [step.outcome.kind for step in cell.trace if step.outcome]}
    for step in cell.trace:
        if step.outcome is not None and step.outcome.kind != "returned":
            what, words = expected.get("what"), expected.get("words")
            found["what"] = what if what in specifics(step) else specifics(step)
            if words is not None:
                message = step.outcome.message or ""
                found["words"] = words if words in message else message
            break
    return found


@pytest.mark.parametrize("row", ROWS, ids=[row["scenario"].partition("/")[2] or "main" for row in ROWS])
def test_each_release_does_what_the_table_says(cells: dict[tuple[str, str], Cell], row: dict[str, Any]) -> None:
    expected = {v: result for v in VERSIONS for span, result in row["under"].items() if v in Releases(span)}
    assert list(expected) == list(VERSIONS)
    assert {v: seen(cells[row["scenario"], v], expected[v]) for v in VERSIONS} == expected


def test_the_table_has_every_scenario_and_every_case() -> None:
    assert {row["scenario"] for row in ROWS} == FAMILY.keys() - ELSEWHERE
    cases = "a a2 a3 a4 b c c2 d d2 d3 d4 d5 e f1 f2 f3 f4 f5 f6 f7 f8 g g2 h h2 i j k l1 l2"
    assert sorted(case for row in ROWS for case in row["cases"]) == sorted(cases.split())


Cells = dict[tuple[str, str], Cell]


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
