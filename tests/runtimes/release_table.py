"""A table of what becomes of scenarios, by release, and the plays that it is held against.

A row names a `scenario` and says, by spans of releases, what came of it: `steps` are the outcome kinds in order,
and `values` what the steps returned; of the first step that did not return, `what` is its signal, code, cause or
exception, and `words` occur in its message. `problem` occurs in the sentence of a play that could not begin.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from labkit.claims import Releases
from labkit.cli.load import program
from labkit.record import Step, find_scenario
from labkit.runtimes import Cell, Nursery, add_runtime, play_cell, programs_of

Row = dict[str, Any]
Cells = dict[tuple[str, str], Cell]


def rows(file: str) -> list[Row]:
    """The rows of a table beside this module."""
    found: list[Row] = tomllib.loads(Path(__file__).with_name(file).read_text("utf-8"))["row"]
    return found


def play(table: Sequence[Row], versions: Sequence[str]) -> Cells:
    """Every row under every release, each in a child of its own."""
    for version in versions:
        add_runtime(version)

    def played(cell: tuple[str, str]) -> Cell:
        scenario = find_scenario(cell[0])
        programs = {name: program(name) for name in programs_of(scenario)}
        return play_cell(scenario, programs, cell[1], None, nursery=nursery, anew=True)

    wanted = [(row["scenario"], version) for row in table for version in versions]
    with Nursery() as nursery, ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(wanted, pool.map(played, wanted), strict=True))


def expected(row: Row, versions: Sequence[str]) -> dict[str, Row]:
    """What a row says of each release, which has to be said once."""
    found = {v: result for v in versions for span, result in row["under"].items() if v in Releases(span)}
    assert list(found) == list(versions)
    return found


def seen(cell: Cell, expected: Row) -> Row:
    """What came of a cell, as far as the table tells it; what is as expected in the table's own words."""
    if cell.trace is None:
        assert cell.problem is not None
        return {"problem": _found(expected.get("problem"), cell.problem)}
    done = [step.outcome for step in cell.trace if step.outcome]
    found: Row = {"steps": [outcome.kind for outcome in done]}
    if "values" in expected:
        found["values"] = [outcome.value for outcome in done if outcome.value is not None]
    failed = next((step for step in cell.trace if step.outcome and step.outcome.kind != "returned"), None)
    if failed is not None and failed.outcome is not None:
        what, specific = expected.get("what"), specifics(failed)
        if what is not None or specific:
            found["what"] = what if what in specific else specific
        if "words" in expected:
            found["words"] = _found(expected["words"], failed.outcome.message or "")
    return found


def _found(words: str | None, text: str) -> str:
    return words if words and words in text else text


def specifics(step: Step) -> set[str]:
    """What a step's outcome names besides its kind."""
    outcome = step.outcome
    assert outcome is not None
    cause = outcome.cause.kind if outcome.cause else None
    return {name for name in (outcome.signal, outcome.code, outcome.raised, cause) if name}
