"""The matrix and the version switch in a real browser, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lab_server import LabServer
from notebook_page import NotebookPage
from playwright.sync_api import Locator, expect

from labkit.runtimes import add_runtime

Ran = Callable[[str], NotebookPage]

NOTEBOOK = "matrix-and-versions.ipynb"
CELLS = {
    "begin": "%load_ext labkit\nfrom labkit import Lab\nlab = Lab()",
    "matrix": 'lab.matrix("01-poisoned-component/new-instance", wasmtime=["41.0.0", "42.0.0", "50.0.1"])',
    "switch": 'lab.version_switch("01-poisoned-component/new-instance", wasmtime="41.0.0")',
    "scope": 'lab.poisoning_scope(["41.0.0", "42.0.0", "50.0.1"])',
}


@pytest.fixture(scope="module")
def page(ran: Ran, lab_server: LabServer) -> NotebookPage:
    for version in ("41.0.0", "42.0.0"):
        add_runtime(version)
    lab_server.write(NOTEBOOK, CELLS)
    return ran(NOTEBOOK)


def test_nothing_goes_wrong(page: NotebookPage) -> None:
    assert (page.cell_errors(), page.page_errors, page.console_errors) == ([], [], [])


def test_a_cell_of_the_matrix_shows_its_trace(page: NotebookPage) -> None:
    cell = page.cell("matrix")
    changed = cell.get_by_role("button", name="42.0.0: trapped, refused, differs from 41.0.0")
    expect(cell).to_contain_text("1 row under 3 releases: 1 differs between releases, at 42.0.0 (1).")
    cell.get_by_role("button", name="41.0.0: trapped, returned").click()
    expect(cell).to_contain_text("new-instance, Wasmtime 41.0.0")
    expect(_timeline(cell)).to_have_attribute("aria-label", re.compile("under Wasmtime 41.0.0"))
    changed.click()
    expect(cell).to_contain_text("Up to 41.0.0 step 4 returned 20.0; since 42.0.0 it is refused")
    expect(changed).to_have_class(re.compile("mod-active"))
    # The signs are drawn by a style sheet, in the colours of the theme.
    looks = "button => getComputedStyle(button).backgroundImage"
    light = changed.evaluate(looks)
    assert light.startswith('url("data:image/svg+xml')
    page.use_theme("dark")
    assert changed.evaluate(looks) not in ("none", light)
    page.use_theme("light")
    # It was shown once, although the cell both filled it and ended with it.
    expect(cell.get_by_role("button", name="≠ next difference")).to_have_count(1)


def test_the_matrix_by_keyboard(page: NotebookPage) -> None:
    cell = page.cell("matrix")
    keyboard = page.page.keyboard
    cell.get_by_role("button", name="41.0.0: trapped, returned").focus()
    keyboard.press("Tab")
    keyboard.press("Tab")
    own = cell.get_by_role("button", name="50.0.1: trapped, refused")
    expect(own).to_be_focused()
    keyboard.press("Enter")
    expect(cell).to_contain_text("new-instance, Wasmtime 50.0.1")
    expect(own).to_be_focused()
    keyboard.press("Tab")
    expect(cell.get_by_role("button", name="≠ next difference")).to_be_focused()
    keyboard.press("Space")
    expect(cell).to_contain_text("new-instance, Wasmtime 42.0.0")


def test_another_release_in_the_version_switch(page: NotebookPage) -> None:
    cell = page.cell("switch")
    cell.get_by_role("button", name="41.0.0", exact=True).click()
    expect(cell).to_contain_text("Under 41.0.0 step 4 returned 20.0; under 50.0.1 it is refused: step 2 poisoned")
    expect(_timeline(cell)).to_have_attribute("aria-label", re.compile("under Wasmtime 41.0.0"))


def test_a_release_is_added_by_keyboard(page: NotebookPage) -> None:
    cell = page.cell("switch")
    field = cell.get_by_role("textbox", name="another")
    # While the kernel is busy the page keeps back what is typed, but not the key that follows it.
    page.wait_until_idle()
    field.fill("new")
    page.wait_until_idle()
    field.press("Enter")
    expect(cell.get_by_role("alert")).to_have_text("'new' is no Wasmtime version; write it as 41.0.0.")
    page.wait_until_idle()
    field.fill("42")
    page.wait_until_idle()
    field.press("Enter")
    expect(cell.get_by_role("button", name="42.0.0", exact=True)).to_have_class(re.compile("mod-active"))
    expect(cell).to_contain_text("The same under both: every step went under 42.0.0 as it does under 50.0.1.")
    expect(field).to_have_value("")


def test_the_scope_of_a_poisoning(page: NotebookPage) -> None:
    grid = page.cell("scope").get_by_role("img")
    expect(grid).to_have_attribute("aria-label", re.compile("Rule before 42: since 42 a trap poisons the store"))


def _timeline(cell: Locator) -> Locator:
    return cell.get_by_role("img", name=re.compile("^Timeline"))
