"""The policy switcher of notebook 01, by mouse and by keyboard: another policy, another timeline and table row."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from notebook_page import NotebookPage
from playwright.sync_api import Locator, expect

Ran = Callable[[str], NotebookPage]


@pytest.fixture
def switcher(ran: Ran) -> Locator:
    cell = ran("01-poisoned-component.ipynb").cell("switcher")
    # Another test may have left the table of steps open.
    if (shown := cell.get_by_role("button", name="hide the steps")).count():
        shown.click()
    cell.get_by_role("button", name="reset", exact=True).click()
    cell.get_by_role("button", name="keep", exact=True).click()
    expect(cell).to_contain_text("one live instance for every call")
    # While the kernel draws, the page keeps what is typed back, but not the key that follows it.
    expect(cell).not_to_contain_text("running …")
    return cell


def _chosen_row(switcher: Locator) -> Locator:
    return switcher.get_by_role("row").and_(switcher.locator("[aria-current=true]"))


def test_another_policy_gives_another_timeline_and_table_row(switcher: Locator) -> None:
    timeline = switcher.get_by_role("img").first
    switcher.get_by_role("button", name=re.compile("^play the story")).click()
    expect(_chosen_row(switcher)).to_contain_text("refused")
    expect(timeline).to_have_attribute("aria-label", re.compile("refused"))
    kept = timeline.get_attribute("aria-label")

    switcher.get_by_role("button", name="fresh-store", exact=True).click()
    expect(timeline).not_to_have_attribute("aria-label", kept or "")
    expect(_chosen_row(switcher)).to_contain_text("fresh-store")
    expect(_chosen_row(switcher)).not_to_contain_text("refused")
    expect(switcher.get_by_role("row")).to_have_count(7)


def test_a_number_of_ones_own(switcher: Locator) -> None:
    switcher.get_by_role("textbox", name="input").fill("7")
    switcher.get_by_role("button", name="call", exact=True).click()
    expect(_chosen_row(switcher)).to_contain_text("14.0")


def test_enter_calls_with_the_number_too(switcher: Locator) -> None:
    field = switcher.get_by_role("textbox", name="input")
    field.fill("8")
    field.press("Enter")
    expect(_chosen_row(switcher)).to_contain_text("16.0")


def test_everything_by_keyboard(switcher: Locator) -> None:
    keyboard = switcher.page.keyboard

    def tab_to(button: Locator) -> None:
        for _ in range(20):
            if button.evaluate("element => element === document.activeElement"):
                return
            keyboard.press("Tab")
        pytest.fail(f"Tab does not reach {button}")

    switcher.get_by_role("button", name="keep", exact=True).focus()
    rebuild = switcher.get_by_role("button", name="rebuild-on-trap", exact=True)
    tab_to(rebuild)
    keyboard.press("Enter")
    expect(switcher).to_contain_text("after a trap a new store")
    # The page was redrawn under the focus, which has to stay where it was.
    expect(rebuild).to_be_focused()
    tab_to(switcher.get_by_role("button", name=re.compile("^play the story")))
    keyboard.press("Enter")
    expect(_chosen_row(switcher)).to_contain_text("2 of 4 calls counted")
    tab_to(switcher.get_by_role("button", name="◀ earlier"))
    keyboard.press("Enter")
    expect(switcher).to_contain_text("Step")
