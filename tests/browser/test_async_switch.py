"""The switch of synchronous and asynchronous in a real browser, by keyboard and by mouse."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lab_server import LabServer
from notebook_page import NotebookPage
from playwright.sync_api import Locator, expect

from labkit.runtimes import add_runtime

Ran = Callable[[str], NotebookPage]

NOTEBOOK = "async-switch.ipynb"
CELLS = {
    "begin": "%load_ext labkit\nfrom labkit import Lab\nlab = Lab()",
    "switch": 'lab.async_switch(["41.0.0", "42.0.0", "50.0.1"])',
}
LOOKS = "button => getComputedStyle(button).backgroundImage"


@pytest.fixture(scope="module")
def page(ran: Ran, lab_server: LabServer) -> NotebookPage:
    for version in ("41.0.0", "42.0.0"):
        add_runtime(version)
    lab_server.write(NOTEBOOK, CELLS)
    return ran(NOTEBOOK)


@pytest.fixture
def cell(page: NotebookPage) -> Locator:
    return page.cell("switch")


def button(cell: Locator, name: str) -> Locator:
    return cell.get_by_role("button", name=name, exact=True)


def stand(page: NotebookPage, cell: Locator, linker: str, entry: str, work: str) -> None:
    """Set the switches, whatever they were: both entries alike, the engine made for async."""
    for switch in (
        button(cell, "made for async"),
        button(cell, linker),
        button(cell, entry).nth(0),
        button(cell, entry).nth(1),
        button(cell, work),
    ):
        switch.click()
        page.wait_until_idle()
        expect(switch).to_have_class(re.compile("mod-active"))


def test_it_is_shown_once_and_filled(page: NotebookPage, cell: Locator) -> None:
    assert (page.cell_errors(), page.page_errors, page.console_errors) == ([], [], [])
    expect(button(cell, "made for async")).to_have_count(1)
    stand(page, cell, "a plain function", "synchronously", "returns at once")
    expect(cell).to_contain_text(
        "Up to 41.0.0 instantiating takes the whole process down; since 42.0.0 the call returns 7."
    )
    expect(cell).to_contain_text("Wasmtime 50.0.1, the release of this environment")


def test_by_keyboard(page: NotebookPage, cell: Locator) -> None:
    keyboard = page.page.keyboard
    stand(page, cell, "a plain function", "synchronously", "returns at once")
    button(cell, "plain").focus()
    keyboard.press("Tab")
    expect(button(cell, "made for async")).to_be_focused()
    keyboard.press("Tab")
    expect(button(cell, "a plain function")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(button(cell, "41.0.0: aborted instantiating")).to_be_visible()
    expect(button(cell, "42.0.0: refused instantiating, differs from 41.0.0")).to_be_visible()
    expect(button(cell, "a coroutine")).to_be_focused()
    # The host function's choices are those of a coroutine now.
    expect(button(cell, "sleeps 0.2 s")).to_be_visible()
    page.wait_until_idle()
    button(cell, "make this change").focus()
    keyboard.press("Enter")
    expect(cell).to_contain_text("Under each of these 3 releases the call returns 7.")
    expect(button(cell, "make this change")).to_be_hidden()
    expect(button(cell, "awaited").first).to_have_class(re.compile("mod-active"))


def test_the_newest_of_quick_clicks_counts(page: NotebookPage, cell: Locator) -> None:
    stand(page, cell, "a coroutine", "awaited", "returns at once")
    button(cell, "sleeps 0.2 s").click()
    button(cell, "blocks in a thread").click()
    button(cell, "blocks 0.2 s").click()
    expect(cell).to_contain_text("Under 50.0.1 the event loop stands still for ")
    expect(cell).to_contain_text("What to change: have a thread do the blocking, and await it.")
    page.wait_until_idle()
    expect(button(cell, "blocks 0.2 s")).to_have_class(re.compile("mod-active"))
    assert page.console_errors == []


def test_a_release_is_chosen_and_the_signs_follow_the_theme(page: NotebookPage, cell: Locator) -> None:
    stand(page, cell, "a plain function", "synchronously", "returns at once")
    expect(cell).to_contain_text("Up to 41.0.0 instantiating takes the whole process down")
    page.wait_until_idle()
    aborted = button(cell, "41.0.0: aborted instantiating")
    aborted.click()
    expect(cell).to_contain_text("Step 1 took the whole process down with SIGABRT")
    expect(aborted).to_have_class(re.compile("mod-active"))
    light = aborted.evaluate(LOOKS)
    assert light.startswith('url("data:image/svg+xml')
    page.use_theme("dark")
    assert aborted.evaluate(LOOKS) not in ("none", light)
    page.use_theme("light")
