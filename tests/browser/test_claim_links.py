"""The start page's links to claims go to the very cell, in a real JupyterLab."""

from __future__ import annotations

from lab_server import LabServer
from notebook_page import NotebookPage
from playwright.sync_api import Browser

_ACTIVE = """wanted => {
  const panel = window.jupyterapp.shell.currentWidget;
  return panel?.content?.activeCell && `${panel.context.path} ${panel.content.activeCell.model.id}` === wanted;
}"""


def test_a_link_opens_the_notebook_at_the_cell_that_shows_the_claim(
    browser: Browser, lab_server: LabServer
) -> None:
    page = NotebookPage(lab_server, browser, "00-start-here.ipynb", width=1366, height=768)
    page.open()
    cell = page.cell("claims-and-cells")
    fold = cell.locator("summary", has_text="01-poisoned-component: 15 claims")
    # Folded, so that the page stays short for whoever passes by.
    link = cell.get_by_role("link", name="Callers that share one instance all lose it")
    assert not link.is_visible()
    fold.click()
    link.click()
    page.page.wait_for_function(_ACTIVE, arg="01-poisoned-component.ipynb callers", timeout=60_000)
    shown = page.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active")
    shown.wait_for()
    box = shown.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 768
    assert page.page_errors == page.outside_requests == []
    page.close()
