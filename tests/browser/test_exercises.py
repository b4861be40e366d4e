"""An exercise that asks for predictions, by keyboard alone, and the way from the start page to the exercises."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lab_server import LabServer
from notebook_page import NotebookPage
from playwright.sync_api import Browser, Locator, expect

CELLS = {
    "setup": "%load_ext labkit\nfrom labkit import exercise, overview",
    "predict": 'exercise("02-predict-the-runs")',
    "so-far": "overview()",
}
WRONG = {
    4: "returned",
    5: "trapped",
    7: "refused",
    9: "exited",
    11: "refused",
    14: "returned",
    16: "guest-error",
    17: "refused",
}


@pytest.fixture(scope="module")
def page(browser: Browser, lab_server: LabServer) -> Iterator[NotebookPage]:
    lab_server.write("exercises.ipynb", CELLS)
    page = NotebookPage(lab_server, browser, "exercises.ipynb", width=1366, height=900)
    page.open()
    page.run_all()
    yield page
    page.close()


def choices(cell: Locator, step: int) -> Locator:
    return cell.locator(".widget-toggle-buttons").filter(has_text=re.compile(rf"^step {step}\D"))


def press(button: Locator, *, key: str = "Tab") -> None:
    """Go to a button with Tab, or back with Shift+Tab, and press Enter."""
    keyboard = button.page.keyboard
    for _ in range(50):
        if button.evaluate("element => element === document.activeElement"):
            keyboard.press("Enter")
            return
        keyboard.press(key)
    pytest.fail(f"{key} does not reach {button}")


def test_predictions_are_made_and_played_by_keyboard(page: NotebookPage) -> None:
    cell = page.cell("predict")
    choices(cell, 4).get_by_role("button").first.focus()
    for step, prediction in WRONG.items():
        press(choices(cell, step).get_by_role("button", name=prediction, exact=True))
    play = cell.get_by_role("button", name="play it", exact=True)
    press(play)
    expect(cell.get_by_role("status")).to_contain_text("7 of 8 predictions hold.")
    expect(cell.get_by_role("status")).to_contain_text("Step 17 returned: reusable-runner answered as it should.")
    # Whoever has no mouse would have to begin from the top of the page again.
    expect(play).to_be_focused()
    press(choices(cell, 17).get_by_role("button", name="returned", exact=True), key="Shift+Tab")
    press(play)
    expect(cell.get_by_role("status")).to_contain_text("✔ Passed")
    assert (page.page_errors, page.console_errors) == ([], [])


def test_the_overview_leads_to_a_notebook_of_this_lab(page: NotebookPage) -> None:
    page.cell("so-far").get_by_role("link", name="02-run-twice").click()
    expect(page.page.get_by_role("tab", name="02-run-twice.ipynb")).to_be_visible()
    expect(page.page.get_by_role("heading", name="The same command, twice")).to_be_visible()
