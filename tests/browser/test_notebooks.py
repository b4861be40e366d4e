"""Every shipped notebook in a real browser: Run All, no error anywhere, pictures of every part of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from notebook_page import NotebookPage

from labkit import resources

NOTEBOOKS = sorted(path.name for path in resources.notebooks_dir().glob("*.ipynb"))
Ran = Callable[[str], NotebookPage]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_runs_from_top_to_bottom_without_an_error(ran: Ran, notebook: str) -> None:
    page = ran(notebook)
    assert page.cell_errors() == []
    assert page.page_errors == []
    assert page.console_errors == []


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_asks_nothing_of_the_internet(ran: Ran, notebook: str) -> None:
    assert ran(notebook).outside_requests == []


@pytest.mark.parametrize("notebook", NOTEBOOKS)
@pytest.mark.parametrize(("theme", "width", "height"), [("light", 1366, 768), ("dark", 1280, 720)])
def test_fits_its_window(ran: Ran, notebook: str, theme: str, width: int, height: int) -> None:
    page = ran(notebook)
    page.page.set_viewport_size({"width": width, "height": height})
    page.use_theme(theme)
    pictures = page.screenshots(f"{theme}-{width}x{height}")
    assert all(Path(picture).stat().st_size > 0 for picture in pictures)
    too_wide = page.page.evaluate(
        "() => [...document.querySelectorAll('.jp-OutputArea-output')]"
        ".filter(output => output.scrollWidth > output.clientWidth + 1)"
        ".map(output => output.textContent.slice(0, 80))"
    )
    assert too_wide == []
