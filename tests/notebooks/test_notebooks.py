"""Every notebook runs from top to bottom in a fresh kernel, and shows what it promises."""

import nbformat
import pytest
from nbclient import NotebookClient

from labkit import resources
from labkit.claims import find_claims
from tests.notebooks.running import output, run

NOTEBOOKS = sorted(resources.notebooks_dir().glob("*.ipynb"))

every_notebook = pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])


@every_notebook
def test_a_notebook_runs_from_top_to_bottom(ran, name):
    notebook = ran(name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    # A cell in a sandbox may show the last words of the process that died.
    quiet = [cell for cell in code if "expects:stderr" not in cell.metadata.get("tags", [])]
    assert [o.text for c in quiet for o in c.outputs if o.output_type == "stream" and o.name == "stderr"] == []


@every_notebook
def test_every_widget_of_a_notebook_has_a_static_form(ran, name):
    for cell in ran(name).cells:
        for shown in cell.get("outputs", []):
            data = shown.get("data", {})
            if "application/vnd.jupyter.widget-view+json" in data:
                assert "<" in data["text/html"]
                assert len(data["text/plain"]) > 20


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_and_their_lines_are_short(path):
    notebook = nbformat.read(path, as_version=4)
    python = [c for c in notebook.cells if c.cell_type == "code" and not c.source.startswith("%%guest")]
    assert [cell.id for cell in python if len(cell.source.splitlines()) > 20] == []
    # What a laptop's window has room for, with the list of files open.
    assert [cell.id for cell in python if max(map(len, cell.source.splitlines()), default=0) > 92] == []


def test_notebook_01_shows_every_claim_and_every_edge_case():
    path = resources.notebooks_dir() / "01-poisoned-component.ipynb"
    notebook = nbformat.read(path, as_version=4)
    tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    run = {claim.id.partition("/")[2] for claim in find_claims([path.stem]) if not claim.waiting}
    assert {tag.removeprefix("claim:") for tag in tags if tag.startswith("claim:")} == run
    assert {tag.removeprefix("edge:") for tag in tags if tag.startswith("edge:")} == {
        "host-state",
        "hidden-panics",
        "held-resources",
        "retry",
        "two-callers",
        "user-errors",
    }


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("second-call", "input too large: 101"),
        ("explain-instance", "poisoned store 1"),
        ("new-instance", "refused"),
        ("blast", "the instance that failed"),
        ("runner", "101.0 → trapped: unreachable"),
        ("typed", "input-too-large"),
        ("waste", "drop on any error: True   stores made: 3  calls the guest remembers: 1 of 3"),
        ("hidden", "index out of bounds"),
        ("host-state", "the host's log has 3 entries, the guest remembers 1 call"),
        ("held", "buffer is locked"),
        ("callers", "was refused because step"),
        ("exercise-host-answer", "Not yet"),
        ("exercise-guest-check", "For 100.0 the guest should return 200.0"),
        ("save-trace", "my-poisoned-component.json: "),
        ("version-switch", "This is how it goes under 50.0.1"),
    ],
)
def test_notebook_01_says_what_happened(ran, cell, text):
    assert text in output(ran("01-poisoned-component"), cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("fetch", "aborts the process"),
        ("old", "Step 2 trapped, yet store 1 still answers: step 4 returned."),
        ("aborted", "Step 1 aborted the whole process (SIGABRT)"),
        ("sandbox-cell", "assertion failed: !store.0.async_support()"),
        ("alive", "the kernel lives, and the lab still has its 4 steps"),
        (
            "matrix",
            "4 rows under 5 releases: 3 differ between releases, at 42.0.0 (3), 45.0.0 (1) and 50.0.1 (1).",
        ),
        ("bisect", "Up to 41.0.0 step 4 returned 20.0; since 42.0.0 it is refused: step 2 poisoned the store."),
        ("bisect-between", "Up to 44.0.0 step 3 returned 0; since 45.0.0 it is refused"),
        ("claims", "Making a new instance of the component is enough to go on."),
        ("exercise-apart-answer", "All 3 steps go the same way under 41.0.0 and 42.0.0"),
    ],
)
def test_notebook_09_says_what_happened(ran, cell, text):
    assert text in output(ran("09-versions"), cell)


def test_notebook_01_works_without_a_toolchain_and_says_where_the_guests_come_from(tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    path = resources.notebooks_dir() / "01-poisoned-component.ipynb"
    notebook = run(path, tmp_path, tags_left_out=frozenset({"needs:toolchain"}))
    assert "prebuilt" in output(notebook, "build")


def test_an_edited_guest_without_a_toolchain_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    cells = ["%load_ext labkit", "%%guest process-panic\npub fn nothing() {}"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    (error,) = notebook.cells[1].outputs
    assert error.ename == "ToolchainError"
    assert len(error.traceback) == 1
    assert "labkit setup" in error.traceback[0]


def test_a_compile_error_in_a_cell_shows_the_compilers_message(tmp_path):
    cells = [
        "%load_ext labkit",
        "%%guest process-panic\nmod abi;\npub fn process_input(input: f64) -> f64 { input + }",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    error = notebook.cells[1].outputs[-1]
    assert error.ename == "BuildError"
    shown = "\n".join(error.traceback)
    assert "error: expected expression, found `}`" in shown
    assert "labkit/" not in shown
