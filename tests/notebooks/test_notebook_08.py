"""Notebook 08: what its cells show of files that are made, replayed, reduced, exported, imported and refused."""

import pytest

from tests.notebooks.running import output

NAME = "08-shared-reproductions"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("save", "mine.labkit"),
        ("look", "process-panic: component"),
        ("report", "# A new instance does not help"),
        ("replay", "The same under Wasmtime 50.0.1: 6 steps, every one as it was recorded."),
        ("replay-older", "now, under 41.0.0, it returned 127.0."),
        ("open", "Recorded under Wasmtime 50.0.1 on"),
        ("reduce", "call process-input [101.0]\ncall process-input [0.0]"),
        ("reduce", "3 of 6 steps are left"),
        ("script", "step 3: process-input(0.0): refused: cannot enter component instance\nthe same"),
        ("wast", "integer-division-by-zero"),
        ("wast-back", '(assert_trap (invoke $i1 "div" (i32.const 7) (i32.const 0)) "integer divide by zero")'),
        ("changed", "changed.labkit: This is no labkit repro: the archive is damaged (Bad CRC-32 for file"),
        (
            "lying",
            "Different at step 6: recorded under Wasmtime 50.0.1, it returned 127.0; now, under 50.0.1, it was",
        ),
        ("harm", "Different at step 4"),
        ("exercise-fix-answer", "Step 3 is refused, and the same call is never answered afterwards."),
    ],
)
def test_notebook_08_says_what_happened(ran, cell, text):
    assert text in output(ran(NAME), cell)
