"""Notebook 02 shows its claims and edge cases, and says what happened."""

import nbformat
import pytest

from labkit import resources
from labkit.claims import find_claims
from tests.notebooks.running import output, run

NAME = "02-run-twice"
PATH = resources.notebooks_dir() / f"{NAME}.ipynb"


def test_it_shows_every_claim_and_every_edge_case():
    cells = nbformat.read(PATH, as_version=4).cells
    tags = {tag for cell in cells for tag in cell.metadata.get("tags", [])}
    run_claims = {claim.id.partition("/")[2] for claim in find_claims([NAME]) if not claim.waiting}
    assert {tag.removeprefix("claim:") for tag in tags if tag.startswith("claim:")} == run_claims
    assert {tag.removeprefix("edge:") for tag in tags if tag.startswith("edge:")} == {
        "any-unreachable",
        "output-per-run",
        "prepared-instances",
        "run-version",
    }


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("first-run", "run 1: Good morning, Ada\nstandard input: first line\nnotes.txt: one"),
        ("python-runs", "run 3: Hello, Ada\nstandard input: third"),
        (
            "exercise-again-answer",
            "Whether it may be run again shows in a second run, and you did not run command-",
        ),
        ("messages", "second: wasm trap: wasm `unreachable` instruction executed\nthird: wasm trap: cannot enter"),
        ("explain-second", "because step 2 had run this command already: an instance of a command runs once"),
        ("explain-third", "Step 3 ran a command that step 2 had run already: that was the mistake."),
        ("guard-runs", "run 2: trapped: unreachable\nrun 3: was refused: poisoned by step 7"),
        ("new-store", "job 3\nrun 1: Good morning, Ada\nstandard input: first line\nnotes.txt: one"),
        ("new-instance", "by mistake again: trapped: unreachable"),
        ("explain-instance", "a new instance does not help in the same store"),
        ("version-switch", "This is how it goes under 50.0.1"),
        ("shared-streams", "second run, same store\nrun 1: Good morning, Ada\nstandard input: second line"),
        ("other-arguments", "run 1: Hello, Ada\nrun 1: Hello, Grace"),
        ("globals-run", "run 3: Hello, Ada\nstandard input: c\nnotes.txt: three"),
        ("digests", " bytes  first run returned\ncommand-export "),
        ("exit-zero", "exit status 0 in command-hello"),
        ("exit-zero", "after the exit: a new instance does not help in the same store."),
        ("exit-status", "exit(3): the command exited with status 1"),
        ("service", "AS OFTEN AS YOU LIKE (3)"),
        ("service-misuse", "init      answered with its own error 'already-initialised'"),
        ("policy-matrix", "6 rows under 1 release."),
        ("matrix", "since 42.0.0 it is refused: step 5 poisoned the store."),
        ("prepared", "5 runs, 5 stores, 0 compiled again"),
        ("run-version", "wasi:cli/run@0.2.6      returned"),
        ("run-version", "There is no export of command-hello named 'wasi:cli/run@0.3.0'"),
        ("output-per-run", "second run, standard error:  ['there is nothing in /lab/notes.txt']"),
        ("any-unreachable", "unreachable and unreachable: one word, two reasons"),
        ("exercise-jobs-answer", "Step 3 trapped with `unreachable` because step 2 had run this command already"),
        ("exercise-guard-check", "A later run should answer `err`; it trapped: unreachable."),
        ("save-trace", "store 1 gave ('hello', 'Ada')"),
    ],
)
def test_it_says_what_happened(ran, cell, text):
    assert text in output(ran(NAME), cell)


def test_what_a_run_wrote_is_shown_without_being_asked_for(ran):
    assert "<details open><summary>standard output</summary>" in output(ran(NAME), "first-run")


def test_it_works_without_a_toolchain(tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    notebook = run(PATH, tmp_path)
    assert "prebuilt" in output(notebook, "build")
    assert "7 rows under 1 release." in output(notebook, "matrix")
