"""The page of a repro, opened from disk as whoever gets it opens it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from labkit.exports import export
from labkit.record import load_repro
from tests.repros.conftest import packed


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_asks_nothing_runs_nothing_and_gives_back_the_file(
    browser: Browser, tmp_path: Path, theme: str
) -> None:
    repro = packed()
    named = msgspec.structs.replace(repro.scenario, title="<img src=x onerror=alert(1)> & co")
    repro = msgspec.structs.replace(repro, scenario=named)
    page = browser.new_page(color_scheme=theme, viewport={"width": 1000, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    address = export(repro, tmp_path / "mine.html").as_uri()
    page.goto(address)
    assert page.title() == "<img src=x onerror=alert(1)> & co"
    assert page.locator("svg[role=img]").get_attribute("aria-label").startswith("Timeline of 4 steps")
    text = page.inner_text("body")
    assert "Step 4 was refused because step 2" in text
    assert "Recorded under Wasmtime 50.0.1" in text
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    pictures = Path("artifacts/screenshots")
    pictures.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=pictures / f"repro-page-{theme}.png", full_page=True)
    with page.expect_download() as download:
        page.locator("a.file").first.click()
    download.value.save_as(tmp_path / "back.labkit")
    assert load_repro(tmp_path / "back.labkit") == repro
    assert (asked[:1], [url for url in asked[1:] if not url.startswith("data:")], said) == ([address], [], [])
    page.close()
