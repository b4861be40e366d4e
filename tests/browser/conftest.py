"""One JupyterLab and one browser for all browser tests; each notebook is run once and then looked at by many.

They end with the last of these tests: while Playwright lives, its event loop runs in the thread of all tests.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

# The helpers beside this file, by their own names.
sys.path.insert(0, str(Path(__file__).parent))

from lab_server import LabServer
from notebook_page import NotebookPage

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Quiet, and able to run as root in a container.
_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on PATH to look at the notebooks with")
    # A click may wait behind the kernel's last redraw, in which one policy compiles in every call.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS, headless=True)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with LabServer(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="package")
def ran(
    browser: Browser, lab_server: LabServer, played: dict[str, nbformat.NotebookNode]
) -> Iterator[Callable[[str], NotebookPage]]:
    """Gives a notebook after Run All; the same page to everybody who asks for the same notebook.

    What it put out is left to the tests of notebooks, which need not run it again.
    """
    pages: dict[str, NotebookPage] = {}

    def run(notebook: str) -> NotebookPage:
        if notebook not in pages:
            page = pages[notebook] = NotebookPage(lab_server, browser, notebook, width=1366, height=768)
            page.open()
            page.run_all()
            if not page.cell_errors():
                played[notebook.removesuffix(".ipynb")] = nbformat.from_dict(page.content())
        return pages[notebook]

    yield run
    for page in pages.values():
        page.close()
