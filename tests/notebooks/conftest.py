"""Notebooks after a run; each is run once for all tests of this folder and of the browser."""

from collections.abc import Callable
from functools import cache

import nbformat
import pytest

from labkit import resources
from tests.notebooks.running import run


@pytest.fixture(scope="session")
def ran(played, tmp_path_factory) -> Callable[[str], nbformat.NotebookNode]:
    """Gives a notebook after a run: the one in the browser, where that was before."""
    return cache(
        lambda name: (
            played.get(name)
            or run(resources.notebooks_dir() / f"{name}.ipynb", tmp_path_factory.mktemp("notebook"))
        )
    )
