"""Every shipped notebook in a real browser: Run All, how it looks, every widget by keyboard, and axe-core.

One page per notebook serves all of it, in the order of this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from accessible import violations
from keyboard_walk import walk
from layout import misfits
from notebook_page import NotebookPage

from labkit import resources

NOTEBOOKS = sorted(path.name for path in resources.notebooks_dir().glob("*.ipynb"))
Ran = Callable[[str], NotebookPage]

# A laptop as it comes, and a projector of 1280×720 at a zoom of 150 %, with the list of files closed.
LAPTOP = ("light", 1366, 768)
PROJECTOR = ("dark", 853, 480)
# What is the lab's on the page: texts and outputs. Around them is JupyterLab's: its menus, toolbars and side bars,
# the prompts and editors of cells, and the controls that it adds to each.
OURS = (".jp-RenderedMarkdown", ".jp-OutputArea-output")


@pytest.fixture(scope="module", params=NOTEBOOKS)
def page(ran: Ran, request: pytest.FixtureRequest) -> NotebookPage:
    return ran(request.param)


@pytest.fixture(scope="module", params=[LAPTOP, PROJECTOR], ids=["laptop", "projector"])
def look(page: NotebookPage, request: pytest.FixtureRequest) -> Iterator[str]:
    """The page as it looks there; the name of that."""
    page.look(*request.param)
    page.show_files(request.param == LAPTOP)
    theme, width, height = request.param
    yield f"{theme}-{width}x{height}"
    page.look(*LAPTOP)
    page.show_files(True)


def test_runs_from_top_to_bottom_without_an_error(page: NotebookPage) -> None:
    assert page.cell_errors() == []
    assert page.page_errors == []
    assert page.console_errors == []


def test_nothing_is_cut_off_or_drawn_over_something_else(page: NotebookPage, look: str) -> None:
    assert all(picture.stat().st_size > 0 for picture in page.screenshots(look))
    assert misfits(page.page) == []


def test_breaks_no_rule_of_accessibility(page: NotebookPage, look: str) -> None:
    with page.unrolled():
        assert violations(page.page, *OURS) == []


def test_every_control_is_reached_and_operated_by_keyboard_alone(page: NotebookPage) -> None:
    walked = walk(page)
    assert walked.problems == []
    assert (page.cell_errors(), page.page_errors, page.console_errors) == ([], [], [])
    assert page.cells_with_controls() <= walked.cells


def test_asks_nothing_of_the_internet(page: NotebookPage) -> None:
    assert page.outside_requests == []
