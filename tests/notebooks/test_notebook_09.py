"""Notebook 09's workers: without Dask, and who can reach them with it."""

from __future__ import annotations

from pathlib import Path

import nbformat

from labkit import resources
from tests.notebooks.running import output, run

_WITHOUT_DASK = """
import sys

sys.modules["distributed"] = None
releases = ["39.0.0", "41.0.0", "42.0.0", "45.0.0", lab.runtime]
"""
_LISTENERS = """
import psutil


def listening(process):
    return {found.laddr[0] for found in process.net_connections() if found.status == "LISTEN"}


with two_workers() as executor:
    me = psutil.Process()
    workers = {executor.submit(psutil.os.getpid).result()}
    print(sorted(set().union(*map(listening, [me, *me.children(recursive=True)]))), me.pid in workers)
"""


def ran(folder: Path, *cells: str) -> nbformat.NotebookNode:
    """The notebook's cells of these ids, or other code, in this order."""
    notebook = nbformat.read(resources.notebooks_dir() / "09-versions.ipynb", as_version=4)
    known = {cell.id: cell for cell in notebook.cells}
    notebook.cells = [
        known.get(cell) or nbformat.v4.new_code_cell(cell, id=f"extra-{n}") for n, cell in enumerate(cells)
    ]
    path = folder / "workers.ipynb"
    nbformat.write(notebook, path)
    return run(path, folder)


def test_without_dask_two_processes_play_and_measure(tmp_path: Path) -> None:
    done = ran(tmp_path, "setup", _WITHOUT_DASK, "workers", "workers-matrix", "workers-bench")
    assert "1 row under 5 releases: 1 differs between releases, at 42.0.0 (1)." in output(done, "workers-matrix")
    lines = output(done, "workers-bench").splitlines()
    assert [line.split()[0] for line in lines if " rows from " in line] == ["reuse", "instantiation"]
    assert not [out for cell in done.cells for out in cell.outputs if out.get("name") == "stderr"]


def test_nobody_outside_reaches_the_cluster(tmp_path: Path) -> None:
    # The kernel and the workers alike.
    assert output(ran(tmp_path, "workers", _LISTENERS), "extra-1") == "['127.0.0.1'] False\n"
