"""The pages of a repro and of a health report, opened from disk as whoever gets them opens them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from accessible import violations
from notebook_page import ARTIFACTS
from playwright.sync_api import Browser

from labkit.explore import check_health, profile_of
from labkit.exports import export
from labkit.host import Program
from labkit.record import load_repro
from labkit.views import health_page
from tests.repros.conftest import packed

in_both_themes = pytest.mark.parametrize("theme", ["light", "dark"])


@in_both_themes
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
    assert violations(page) == []
    page.screenshot(path=ARTIFACTS / f"repro-page-{theme}.png", full_page=True)
    with page.expect_download() as download:
        page.locator("a.file").first.click()
    download.value.save_as(tmp_path / "back.labkit")
    assert load_repro(tmp_path / "back.labkit") == repro
    assert (asked[:1], [url for url in asked[1:] if not url.startswith("data:")], said) == ([address], [], [])
    page.close()


@pytest.fixture(scope="module")
def health_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `labkit check --page` writes about a program that traps where it divides by zero."""
    divides = '(func (export "divide") (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s)'
    program = Program.from_wat("divides", f"(module {divides})")
    file = tmp_path_factory.mktemp("health") / "health.html"
    file.write_text(health_page(check_health(program, profile_of(program))), "utf-8")
    return file


@in_both_themes
def test_a_health_report_asks_nothing_and_breaks_no_rule_of_accessibility(
    browser: Browser, health_file: Path, theme: str
) -> None:
    page = browser.new_page(color_scheme=theme, viewport={"width": 1000, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(health_file.as_uri())
    assert page.title() == "divides: health report"
    page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true })")
    page.screenshot(path=ARTIFACTS / f"health-page-{theme}.png", full_page=True)
    assert violations(page) == []
    assert asked == [health_file.as_uri()]
    page.close()
