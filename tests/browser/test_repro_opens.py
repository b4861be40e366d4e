"""A repro in the file browser: double-clicked, it opens in a notebook beside it, and is played when asked."""

from __future__ import annotations

from lab_server import LabServer
from notebook_page import ARTIFACTS, NotebookPage
from playwright.sync_api import Browser, expect

from tests.repros.conftest import packed


def test_a_double_click_shows_it_and_a_button_plays_it(browser: Browser, lab_server: LabServer) -> None:
    packed().save(lab_server.notebooks / "it's mine.labkit")
    page = NotebookPage(lab_server, browser, "00-start-here.ipynb", width=1366, height=900)
    try:
        page.open()
        page.page.locator(".jp-DirListing-item", has_text="it's mine.labkit").dblclick()
        expect(page.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) h1")).to_contain_text("it's mine")
        page.wait_until_idle()
        assert (lab_server.notebooks / "it's mine.ipynb").is_file()
        page.run_all()
        assert page.cell_errors() == []
        view = page.cell("open")
        expect(view).to_contain_text("Recorded under Wasmtime 50.0.1")
        view.get_by_role("button", name="replay").click()
        expect(view).to_contain_text("The same under Wasmtime 50.0.1: 4 steps, every one as it was recorded.")
        page.page.screenshot(path=ARTIFACTS / "repro-opened.png")
        assert (page.console_errors, page.page_errors, page.outside_requests) == ([], [], [])
    finally:
        page.close()
