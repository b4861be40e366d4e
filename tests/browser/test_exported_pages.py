"""Exported notebooks as a reader opens them: from disk, without network, light and dark, and on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from labkit.handouts import export_notebooks


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two notebooks as they are, and beside them the first one after a run."""
    folder = tmp_path_factory.mktemp("pages")
    assert export_notebooks(folder, ["0", "1"]).ok
    assert export_notebooks(folder / "executed", ["0"], variant="executed").ok
    return folder


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_ask_nothing_of_a_network_and_fit(browser: Browser, pages: Path, theme: str) -> None:
    page = browser.new_page(color_scheme=theme, viewport={"width": 1000, "height": 800})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    files = sorted(pages.rglob("*.html"))
    for file in files:
        page.goto(file.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, file.name
    assert ([url for url in asked if not url.startswith(("file:", "data:"))], said) == ([], [])
    page.goto((pages / "executed" / "00-start-here.html").as_uri())
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(255, 255, 255)" if theme == "light" else "rgb(17, 20, 24)")
    # A picture and a source have the page's ground and no other.
    for shown in ("svg.lk-figure", "#cell-id\\=timeline .output_html"):
        assert (
            page.locator(shown).first.evaluate(
                "shown => { for (let e = shown; e; e = e.parentElement) {"
                " const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c } }"
            )
            == ground
        )
    assert page.locator("svg[role=img]").get_attribute("aria-label").startswith("Timeline of 3 steps")
    pictures = Path("artifacts/screenshots")
    pictures.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=pictures / f"exported-{theme}.png", full_page=True)
    page.close()


def test_a_claim_leads_to_its_cell(browser: Browser, pages: Path) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.goto((pages / "index.html").as_uri())
    page.get_by_role("link", name="Start here").click()
    page.locator("summary", has_text="01-poisoned-component").click()
    page.get_by_role("link", name="Callers that share one instance all lose it").click()
    assert page.url.endswith("/01-poisoned-component.html#cell-id=callers")
    top = page.locator("#cell-id\\=callers").bounding_box()
    assert top is not None
    # A browser scrolls by whole pixels, and a cell may begin between two.
    assert -1 < top["y"] < 800
    page.close()


def test_on_paper_it_is_light_and_what_was_folded_is_open(browser: Browser, pages: Path) -> None:
    page = browser.new_page(color_scheme="dark", viewport={"width": 1000, "height": 800})
    page.goto((pages / "executed" / "00-start-here.html").as_uri())
    folded = page.locator("details pre").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 35, 40)"
    assert page.pdf().startswith(b"%PDF")
    page.close()
