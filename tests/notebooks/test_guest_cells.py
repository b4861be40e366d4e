"""`%%guest`: a cell's Rust or WAT becomes a program and a variable."""

import nbformat
import pytest
from nbclient import NotebookClient

SEVEN = '%%guest tiny\n(module (func (export "seven") (result i32) i32.const 7))'
FROM_TEXT = "from labkit import Lab\nLab().store().instantiate(tiny).call('seven').unwrap()"


def run(*sources: str) -> list[nbformat.NotebookNode]:
    """The cells after a run in one kernel, errors and all."""
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext labkit", *sources)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    return notebook.cells[1:]


def test_a_cell_of_webassembly_text_is_a_program():
    _, called = run(SEVEN, FROM_TEXT)
    assert [output["data"]["text/plain"] for output in called.outputs] == ["7"]


def test_a_cell_that_does_not_parse_leaves_no_program_of_that_name():
    _, broken, used = run(SEVEN, "%%guest tiny\n(module (fun))", "tiny")
    assert (broken.outputs[-1].ename, len(broken.outputs[-1].traceback)) == ("ProgramError", 1)
    assert used.outputs[-1]["data"]["text/plain"] == (
        "The cell with %%guest tiny did not compile: mend it and run it again"
    )


def test_what_did_not_compile_is_no_answer_and_cannot_be_called():
    _, checked, called = run(
        "%%guest tiny\n(module (fun))",
        "from labkit import Lab, exercise\nexercise('01-mend-the-guest').check(tiny)",
        FROM_TEXT,
    )
    told = "The cell with %%guest tiny did not compile: mend it and run it again."
    assert checked.outputs[-1]["data"]["text/plain"] == f"Not yet\n{told}"
    assert called.outputs[-1].evalue == (f"A store instantiates a program, such as lab.build(…) gives, not {told}")


@pytest.mark.parametrize("line", ["%%guest", "%%guest one two"])
def test_a_cell_needs_one_name(line):
    (cell,) = run(f"{line}\n(module)")
    assert cell.outputs[-1].evalue.startswith("%%guest takes one name, ")


def test_the_compilers_line_numbers_are_the_cells():
    (cell,) = run("%%guest process-panic\nmod abi;\npub fn process_input(input: f64) -> f64 { input + }")
    assert "process-panic/src/lib.rs:3:" in "\n".join(cell.outputs[-1].traceback)
