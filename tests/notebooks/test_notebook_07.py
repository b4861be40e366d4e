"""Notebook 07: what its cells show of a file that nobody knows."""

import pytest

from tests.notebooks.running import output

NAME = "07-your-own-component"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("look", "needs host#now, which nobody provides"),
        ("does-not-fit", "note: `arg1` takes i32, not 'seven': a whole number is wanted."),
        ("trap", "What happens: it returns 3."),
        ("memory-note", "1 byte changed in 1 place, on 1 of 1 page."),
        ("policy", "['returned 1', 'returned 1', 'trapped: unreachable', 'returned 1']"),
        ("stub-missing", "UnmetImportError: host#now was called, and nobody provides it"),
        ("stub", "returned 1700000000"),
        ("health", "It keeps state: equal calls of one instance answered 1 and then 2"),
        ("health-warnings", "Each call takes another page of memory"),
        ("save", "The same under Wasmtime 50.0.1: 6 steps, every one as it was recorded."),
        ("component", "was refused: poisoned by step 2"),
        ("strangers", "cut is damaged at byte "),
        ("newer", "newer uses custom page sizes, which Wasmtime 50.0.1 can be told to take"),
        ("exercise-choose-answer", "process-panic, process-input: yours chose 'keep'"),
    ],
)
def test_notebook_07_says_what_happened(ran, cell, text):
    assert text in output(ran(NAME), cell)
