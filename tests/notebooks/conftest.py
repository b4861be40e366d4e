"""Notebooks after a run; each is run once for all tests of this folder."""

from collections.abc import Callable
from functools import cache

import nbformat
import pytest

from labkit import resources
from tests.notebooks.running import run


@pytest.fixture(scope="session")
def ran(tmp_path_factory) -> Callable[[str], nbformat.NotebookNode]:
    """Gives a notebook after a run."""
    return cache(
        lambda name: run(resources.notebooks_dir() / f"{name}.ipynb", tmp_path_factory.mktemp("notebook"))
    )
