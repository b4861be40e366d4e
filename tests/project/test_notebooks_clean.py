"""Notebooks are committed as they were written, and the check that says so finds what is not."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from tests.project import notebooks


@pytest.mark.parametrize("path", notebooks.shipped(), ids=lambda path: path.name)
def test_shipped_without_outputs(path: Path) -> None:
    assert notebooks.problems(path) == []


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    made = nbformat.v4.new_notebook(
        metadata=notebooks.METADATA, cells=[nbformat.v4.new_code_cell("1 + 1", id="sum")]
    )
    path = tmp_path / "one.ipynb"
    path.write_text(notebooks.cleaned(nbformat.writes(made)))
    assert notebooks.problems(path) == []
    return path


def _change(path: Path, **cell: object) -> None:
    made = nbformat.read(path, as_version=4)
    made.cells[0].update(cell)
    path.write_text(nbformat.writes(made) + "\n")


def test_outputs_are_found_and_removed(notebook: Path) -> None:
    clean = notebook.read_text()
    output = nbformat.v4.new_output("stream", text="2\n")
    _change(notebook, outputs=[output], execution_count=3)
    assert notebooks.problems(notebook) == ["one.ipynb has outputs in cell 1."]
    notebook.write_text(notebooks.cleaned(notebook.read_text()))
    assert notebook.read_text() == clean


def test_metadata_of_a_run_is_found_and_tags_stay(notebook: Path) -> None:
    _change(notebook, metadata={"tags": ["solution"]})
    assert notebooks.problems(notebook) == []
    _change(notebook, metadata={"tags": ["solution"], "execution": {"iopub.execute_input": "2026"}})
    assert "metadata of whoever ran it last" in notebooks.problems(notebook)[0]
    assert nbformat.reads(notebooks.cleaned(notebook.read_text()), 4).cells[0].metadata == {"tags": ["solution"]}


def test_ids_are_kept_and_must_differ(notebook: Path) -> None:
    assert nbformat.reads(notebooks.cleaned(notebook.read_text()), 4).cells[0].id == "sum"
    made = json.loads(notebook.read_text())
    made["cells"] *= 2
    notebook.write_text(json.dumps(made))
    assert notebooks.problems(notebook) == ["one.ipynb has cells without an id of their own."]


def test_what_is_no_notebook(tmp_path: Path) -> None:
    (tmp_path / "bad.ipynb").write_text("{")
    assert notebooks.problems(tmp_path / "bad.ipynb")[0].startswith("bad.ipynb is no valid notebook")
