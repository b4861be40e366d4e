"""The stop button of a real JupyterLab ends a runaway guest within a second, and the notebook goes on."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import nbformat
import pytest
from lab_server import LabServer
from notebook_page import NotebookPage
from playwright.sync_api import Browser, expect

SETUP = """
%load_ext labkit
import time

from labkit import Lab

lab = Lab(seconds=None)
instance = lab.store().instantiate(lab.build({guest!r}))
"""
RUNAWAY = """
print("entering the guest")
try:
    instance.call("spin")
finally:
    ended = time.time()
"""
AFTER = """
print(f"stopped at {ended}")
again = lab.store().instantiate(instance.program).call("count")
print(f"{lab.trace.step(2).outcome.message}, then {again.describe()}")
"""


@pytest.fixture(params=["counter-component", "counter-core"])
def page(browser: Browser, lab_server: LabServer, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    """A notebook with a guest that never returns, its set-up cell run."""
    cells = [
        nbformat.v4.new_code_cell(code.strip()) for code in (SETUP.format(guest=request.param), RUNAWAY, AFTER)
    ]
    for cell, name in zip(cells, ("setup", "runaway", "after"), strict=True):
        cell["id"] = name
    # Without a kernel's name JupyterLab asks for one.
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    name = f"runaway-{request.param}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), lab_server.notebooks / name)
    page = NotebookPage(lab_server, browser, name, width=1366, height=768)
    page.open()
    run(page, "setup")
    page.wait_until_idle()
    yield page
    page.close()


def run(page: NotebookPage, cell_id: str) -> None:
    """Run one cell as Shift+Enter does, without waiting for its end."""
    page.cell(cell_id)
    page.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell') }")


def test_the_stop_button_ends_a_runaway_guest_and_the_notebook_goes_on(page: NotebookPage) -> None:
    run(page, "runaway")
    # Its output, not its source, which says the same before anything runs.
    shown = page.cell("runaway").locator(".jp-OutputArea-output")
    expect(shown).to_contain_text("entering the guest")
    pressed = time.time()
    page.page.get_by_role("button", name=re.compile("^Interrupt the kernel")).click()
    expect(shown.last).to_contain_text("KeyboardInterrupt")
    page.wait_until_idle()
    assert page.cell_errors() == ["runaway: KeyboardInterrupt: "]

    run(page, "after")
    after = page.cell("after")
    expect(after).to_contain_text("interrupted, then returned 1")
    stopped = re.search(r"stopped at ([\d.]+)", after.inner_text())
    assert stopped is not None
    # By the clock of the cell: what the page takes to show it is not the guest's doing.
    assert float(stopped[1]) - pressed < 1
