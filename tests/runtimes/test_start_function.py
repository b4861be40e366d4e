"""Failure mode 4 under real releases: start functions that wait, those that do not, and what is done instead."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.cli.load import program
from labkit.record import Step, find_scenario, scenarios
from labkit.runtimes import find_change
from tests.runtimes.release_table import Cells, expected, play, rows, seen

VERSIONS = ("14.0.0", "36.0.0", "41.0.0", "44.0.0", "45.0.0", "46.0.1", "48.0.0", "49.0.0", "50.0.1")
ROWS = rows("start_function.toml")
FAMILY = "04-start-function"
IDS = [row["scenario"].partition("/")[2] or "main" for row in ROWS]


@pytest.fixture(scope="module")
def cells() -> Cells:
    return play(ROWS, VERSIONS)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_each_release_does_what_the_table_says(cells: Cells, row: dict[str, Any]) -> None:
    wanted = expected(row, VERSIONS)
    assert {v: seen(cells[row["scenario"], v], wanted[v]) for v in VERSIONS} == wanted


def test_the_table_has_every_scenario() -> None:
    assert [row["scenario"] for row in ROWS] == [s.id for s in scenarios().values() if s.family == FAMILY]


def steps(cells: Cells, name: str, version: str) -> tuple[Step, ...]:
    trace = cells[f"{FAMILY}/{name}", version].trace
    assert trace is not None
    return trace.steps


def gap_share(step: Step) -> float:
    """The longest gap of the event loop during a step, as a share of the step's own time."""
    assert step.gap_ms is not None
    assert step.us is not None
    return step.gap_ms * 1000 / step.us


@pytest.mark.parametrize("version", ["14.0.0", "41.0.0", "50.0.1"])
def test_a_host_function_that_blocks_keeps_the_loop_for_the_whole_instantiation(cells, version):
    assert gap_share(steps(cells, "blocking-host-call", version)[0]) >= 0.9


def test_so_does_a_constructor_that_nobody_called(cells):
    assert gap_share(steps(cells, "indirect", "50.0.1")[0]) >= 0.9


@pytest.mark.parametrize("version", ["14.0.0", "41.0.0", "50.0.1"])
def test_a_note_is_made_without_the_host_and_the_first_call_asks_it(cells, version):
    asked = [[call.name for call in step.host_calls] for step in steps(cells, "deferred", version)]
    assert asked == [[], ["host#fetch"], []]


def test_a_backtrace_names_the_constructor_that_asked(cells):
    outcome = steps(cells, "indirect-failure", "50.0.1")[0].outcome
    assert outcome is not None
    first, *others = (frame.func for frame in outcome.frames)
    assert "set_up" in (first or "")
    assert others[:2] == ["__wasm_call_ctors", "_initialize"]


def test_a_bisection_looks_only_where_the_scenario_can_be_run():
    change = find_change(find_scenario(f"{FAMILY}/subtask"), program)
    assert change is not None
    assert change.candidates[0] == "45.0.0"
    assert change.sentence == (
        "Up to 48.0.0 step 1 aborted the process with SIGABRT (panicked at "
        "crates/wasmtime/src/runtime/fiber.rs:218:70: called `Option::unwrap()` on a `None` value); since 49.0.0 "
        "it traps with BUG: Instance::start_call called without a running event loop."
    )
