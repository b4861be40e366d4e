"""Notebook 04: what its cells show of start functions that wait."""

import nbformat
import pytest

from labkit import resources
from tests.notebooks.running import output

NAME = "04-start-function"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("instantiate", "cannot-block-sync-task"),
        ("call-nothing", "Step 2 was refused because step 1 failed to instantiate start-waits"),
        ("explain", "export the work as an async function and await it once there is an instance."),
        ("awaited", "cannot-block-sync-task"),
        ("timeline", "Step 1 trapped while its start function ran: there is no instance to call."),
        ("matrix", "4 rows under 5 releases: 2 differ between releases, at 49.0.0 (2)."),
        ("matrix", "Wasmtime 44.0.0 has no async functions of components; use 45.0.0 or later."),
        ("aborted", "Step 1 aborted the whole process (SIGABRT)"),
        ("spelling", "Wasmtime 45.0.0   older spelling: reads it  newer: –"),
        ("spelling", "Wasmtime 48.0.0   older spelling: reads it  newer: reads it"),
        ("spelling", "Wasmtime 50.0.1   older spelling: –         newer: reads it"),
        ("light", "heard while it was made: [1]"),
        ("slow", "10 times, "),
        ("heartbeats", "2 of 4 stop the event loop"),
        ("hidden-build", "the rates are not there yet"),
        ("hidden-frames", "set_up"),
        ("lock", "Step 3 was refused: step 2 made no instance."),
        ("nested", "asyncio.run() cannot be called from a running event loop; there is no instance."),
        ("writes-run", "stays done: instantiating is no transaction."),
        ("mark", "called twice; the host was asked for [3]"),
        ("init", "before init: returned 0\ninit:        returned 30\nafter init:  returned 30"),
        ("init-plain", "A plain export is a synchronous task and may not wait before it returns"),
        ("forgot", "49.0.0: aborted the process: SIGABRT"),
        ("forgot", "50.0.1: was refused: async-required"),
        ("exercise-guest-check", "Making the instance asked the host for key 3; leave that to `init`."),
        ("exercise-host-answer", "With a host that answers step 1 was refused: async-required"),
        ("claims", "13 claims tried under 5 Wasmtime releases"),
        ("regression", "1 question to the host, then: was refused: async-required"),
    ],
)
def test_notebook_04_says_what_happened(ran, cell, text):
    assert text in output(ran(NAME), cell)


def test_the_regression_test_is_the_last_cell():
    notebook = nbformat.read(resources.notebooks_dir() / f"{NAME}.ipynb", as_version=4)
    assert notebook.cells[-1].id == "regression"
