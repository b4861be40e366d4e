"""Notebook 05: what its cells show of panics, of what nothing catches, and of what is kept."""

import pytest

from labkit import resources
from tests.notebooks.running import output, run

NAME = "05-recovery"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("build", "wasm32-wasip2, build-std, panic=unwind"),
        ("lie", "Step 4 returned 40 although step 3 trapped in store 1"),
        ("damage", "Of 14 calls after a first panic 8 failed, and 2 answered wrongly without a word."),
        ("refused", "Step 7 was refused because step 6 (`unreachable` in process-abort) poisoned store 2"),
        ("ends", "out-of-fuel        trapped     then: was refused: poisoned by step 2"),
        ("ends", "core-endless-loop  timed-out   then: returned 2"),
        ("policies", "rebuild-on-trap  answers [20.0, 'trapped', 20.0, 20.0], remembers 2"),
        ("caught", "'message': 'amount too large: 60'"),
        ("explain-caught", "panicked at process-unwind/src/lib.rs:41:9 and answered with that"),
        ("panic-error", "'amount too large: 60' in line 41 of process-unwind/src/lib.rs"),
        (
            "python-errors",
            "note   [60]  answered with a panic it had caught: amount too large: 60 (/0/guest.py:14:9)",
        ),
        (
            "python-errors",
            "escape [60]  trapped: unreachable (raised at /0/guest.py:14: ValueError: amount too large",
        ),
        ("python-traceback", 'File "/0/guest.py", line 42, in escape'),
        ("python-traceback", "Raised as `Err(…)` it would be an answer."),
        ("costs-check", "nothing thrown: "),
        ("rights", "Of 6 calls after a first panic 3 failed, and 1 answered wrongly without a word."),
        ("escape", "escape: thrown Wasm exception"),
        ("escape", "panic in a function that cannot unwind"),
        ("releases", "process-unwind is rejected by the runtime: exceptions proposal not enabled"),
        ("costs-plot", "A caught panic costs "),
        ("hard-run", "recurse  trapped: stack-overflow    then: refused"),
        ("oom", "process-ledger ran out of its 32 MiB, of which it had 31"),
        ("guard-abort", "what the hooks raised: [OSError('the disk for dumps is full')]"),
        ("guard-abort", "ended instance 5, and its guard lets nobody in any more."),
        ("javascript-panic", "7 steps, and each ends in the same way on both sides."),
        ("javascript-panic-error", "JavaScript:  PanicError: amount too large: 60"),
        ("javascript-abort", "6 steps, of which numbers 5 and 6 end differently."),
        ("javascript-reinit", "6 steps, of which number 6 ends differently."),
        ("javascript-tell-first", "Error: Module terminated since step 3"),
        ("javascript-text-first", "RuntimeError: memory access out of bounds"),
        ("javascript-no-panic", "RangeError: Maximum call stack size exceeded"),
        ("service-run", "“keep” answers 40 of 10 000 requests"),
        ("service-check", "state lost 221 times without unwinding, 16 times with it"),
        (
            "exercise-guest-check",
            "transfer(60) was refused, and the accounts should hold 60 and 40; they hold 0 and",
        ),
        ("exercise-names-answer", "Frame 0 of process-panic is "),
        ("exercise-host-answer", "Call 2, note(60), should give 'amount too large: 60'; yours gave None."),
    ],
)
def test_notebook_05_says_what_happened(ran, cell, text):
    assert text in output(ran(NAME), cell).replace("\u202f", " ")


@pytest.mark.parametrize(
    ("name", "cells", "told"),
    [
        ("02-run-twice", ["setup", "python-runs"], "run 3: Hello, Ada\nstandard input: third"),
        (NAME, ["setup", "python-errors", "python-traceback"], "escape [60]  trapped: unreachable (raised at "),
    ],
)
def test_where_no_python_guest_can_be_built_a_recording_is_shown_and_said_to_be_one(
    tmp_path, monkeypatch, name, cells, told
):
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    notebook = run(resources.notebooks_dir() / f"{name}.ipynb", tmp_path, only=frozenset(cells))
    shown = output(notebook, cells[1])
    assert "needs componentize-py, an optional part of labkit; `pip install 'labkit[python-guests]'`" in shown
    assert "This was recorded:" in shown
    assert told in shown
