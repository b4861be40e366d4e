"""The personal copy of the notebooks: nothing of the user's is lost, nothing of ours grows old."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labkit import resources
from labkit.copies import MARK, refresh
from labkit.errors import LabkitError
from tests.cli.conftest import Labkit


def _notebook(path: Path, source: str, outputs: list[str] | None = None) -> None:
    cell = {"cell_type": "code", "source": source, "outputs": outputs or [], "metadata": {}}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def _source(path: Path) -> str:
    return str(json.loads(path.read_text())["cells"][0]["source"])


def test_new_twice(labkit: Labkit, tmp_path: Path) -> None:
    shipped = sorted(path.name for path in resources.notebooks_dir().glob("*.ipynb"))
    first = labkit("new", "mine", "--json")
    assert (first.status, first.json["added"]) == (0, shipped)
    assert sorted(path.name for path in (tmp_path / "mine").glob("*.ipynb")) == shipped
    second = labkit("new", "mine", "--json")
    assert (second.status, second.json["added"], second.json["unchanged"]) == (0, [], shipped)


def test_new_says_where_to_go_on(labkit: Labkit) -> None:
    assert labkit("new", "mine").out.endswith(
        "The notebooks are in mine; `labkit lab --folder mine` opens them.\n"
    )


def test_a_folder_with_other_files_is_left_alone(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    done = labkit("new", "full")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("labkit: full holds other files;")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert labkit("new", "file").err == "labkit: file is a file; name a folder.\n"


def test_a_newer_notebook_replaces_one_that_was_only_run(notebooks: Path, tmp_path: Path) -> None:
    _notebook(notebooks / "a.ipynb", "old")
    refresh(tmp_path / "mine")
    _notebook(tmp_path / "mine" / "a.ipynb", "old", outputs=["of a run"])
    _notebook(notebooks / "a.ipynb", "new")
    assert refresh(tmp_path / "mine").updated == ("a.ipynb",)
    assert _source(tmp_path / "mine" / "a.ipynb") == "new"


def test_what_the_user_changed_is_kept(notebooks: Path, tmp_path: Path) -> None:
    _notebook(notebooks / "a.ipynb", "old")
    refresh(tmp_path / "mine")
    _notebook(tmp_path / "mine" / "a.ipynb", "the user's own")
    assert refresh(tmp_path / "mine").unchanged == ("a.ipynb",)
    _notebook(notebooks / "a.ipynb", "new")
    assert refresh(tmp_path / "mine").kept == ("a.ipynb",)
    # And the next time too: having said it once changes nothing.
    assert refresh(tmp_path / "mine").kept == ("a.ipynb",)
    assert _source(tmp_path / "mine" / "a.ipynb") == "the user's own"


def test_a_deleted_notebook_comes_back(notebooks: Path, tmp_path: Path) -> None:
    _notebook(notebooks / "a.ipynb", "x")
    refresh(tmp_path / "mine")
    (tmp_path / "mine" / "a.ipynb").unlink()
    assert refresh(tmp_path / "mine").added == ("a.ipynb",)


def test_without_its_memory_nothing_is_overwritten(notebooks: Path, tmp_path: Path) -> None:
    _notebook(notebooks / "a.ipynb", "old")
    refresh(tmp_path / "mine")
    (tmp_path / "mine" / MARK).write_text("{")
    _notebook(notebooks / "a.ipynb", "new")
    assert refresh(tmp_path / "mine").kept == ("a.ipynb",)
    assert _source(tmp_path / "mine" / "a.ipynb") == "old"


def test_the_shipped_folder_is_no_personal_copy() -> None:
    with pytest.raises(LabkitError, match="holds other files"):
        refresh(resources.notebooks_dir())


def test_a_package_without_notebooks_says_so(notebooks: Path, tmp_path: Path) -> None:
    with pytest.raises(LabkitError, match="carries no notebooks"):
        refresh(tmp_path / "mine")
