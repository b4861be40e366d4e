"""Notebook 03: every claim and every edge case has a cell, and the cells say what happened."""

import nbformat
import pytest

from labkit import resources
from labkit.claims import find_claims
from tests.notebooks.running import output

NAME = "03-sync-and-async"


def test_it_shows_every_claim_and_every_edge_case():
    notebook = nbformat.read(resources.notebooks_dir() / f"{NAME}.ipynb", as_version=4)
    tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    claims = find_claims([NAME])
    assert [claim.id for claim in claims if claim.waiting] == []
    assert {tag.removeprefix("claim:") for tag in tags if tag.startswith("claim:")} == {
        claim.id.partition("/")[2] for claim in claims
    }
    assert {tag.removeprefix("edge:") for tag in tags if tag.startswith("edge:")} == {
        "both-wasi",
        "cancelled",
        "loop-without-async",
        "mixed-wasi",
        "nested-loops",
        "state-across-await",
        "sync-exports-on-async-store",
        "version-differences",
    }


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("loop", "['a0', 'b0', 'a1', 'b1', 'a2', 'b2']"),
        ("plain", "returned 7"),
        ("loop-without-async", "41.0.0  returned 7, while the loop stood still for"),
        ("crash", "Step 1 aborted the whole process (SIGABRT)"),
        ("careful", "Step 1 aborted the whole process (SIGABRT)"),
        ("crash-words", "assertion failed: !store.0.async_support()"),
        (
            "last-words",
            "03-sync-and-async, step 1: SIGABRT\n  panicked at crates/wasmtime/src/runtime/instance.rs",
        ),
        ("last-words", "03-sync-and-async/async-host-function, step 3: SIGABRT\n  panicked at "),
        ("async-host-function", "wants asynchronous calls: this very step linked an asynchronous host function"),
        ("rule", "before:  returned 1"),
        ("rule", "after:   was refused: async-required since step"),
        ("rule", "awaited: returned 2"),
        ("timeline", "wants asynchronous calls since step 6"),
        ("matrix", "5 rows under 5 releases: 4 differ between releases, at 42.0.0 (4)."),
        ("bisect", "since 42.0.0 it is refused: the store wants asynchronous calls."),
        ("advice", "41.0.0  returned 7, after host functions ['host#log']"),
        ("names", "41.0.0  aborted  must use `call_async` when async support is enabled on the config"),
        ("names", "50.0.1  refused  store configuration requires that `*_async` functions are used instead"),
        ("names-library", "no   wasmtime_config_async_support_set"),
        ("heartbeats", "3 of 6 stop the event loop, for "),
        ("heartbeats", "stopped for 3"),
        ("nested", "nested-loop-running     RuntimeError: This event loop is already running"),
        ("nested", "nested-loop-threadsafe  TimeoutError: (no message)"),
        ("interleave", "([4, 6, 8],\n ['asked for "),
        ("cancelled", "component  endless: timed out: the call was cancelled"),
        ("cancelled", "(returned 1, was refused: poisoned by step "),
        ("mixed-wasi", "there is no reactor running"),
        ("wasi-both", "map entry `error` defined twice"),
        ("wasi-both", "the synchronous WASI and the asynchronous one define the same names."),
        ("lost-update", "{'balance': 93}"),
        ("lock", "{'balance': 86}"),
        ("held-lock", "ledger is locked"),
        ("claims", "15 claims tried under 5 Wasmtime releases: "),
        ("exercise-sort-answer", "You said 'fails' of `note`, and it is 'fine'"),
        ("exercise-host-answer", "something keeps the loop's own thread"),
    ],
)
def test_it_says_what_happened(ran, cell, text):
    assert text in output(ran(NAME), cell)
