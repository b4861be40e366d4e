"""Notebook 06: what its cells say of costs, by ratios and not by times."""

import pytest

from tests.notebooks.running import output

NAME = "06-instantiation-cost"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("measured", "wasmtime 50.0.1"),
        ("measured", "reuse          A call on average"),
        ("python-share", "is the way through Python"),
        ("policies", "rust-component: a fresh store costs"),
        ("phases", "the longest part is"),
        ("recompile-check", "times a fresh store"),
        ("touched", "that is written to costs"),
        ("traps", "they meet where"),
        ("reuse", "an instance used once costs"),
        ("pool", "With one instance half of the calls take at most"),
        ("workers", "beside one worker"),
        ("recording", "recorded of one-page"),
        ("explorer", "rebuild-on-trap costs"),
        ("exercise-crossover-answer", "the answer is 0.25; yours was 0.5."),
        ("exercise-cheap-answer", "; 1000 times less is asked for."),
        ("exercise-tail-answer", "is to blame, which trapped; you blamed None."),
    ],
)
def test_notebook_06_says_what_happened(ran, cell, text):
    assert text in output(ran(NAME), cell).replace("\u202f", " ")
