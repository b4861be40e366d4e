"""The board in a browser: it follows the room without being loaded anew, and asks nobody else."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from labkit.hub.board.kept import Shelf
from labkit.workshop.catalogue import exercises
from labkit.workshop.report import Report, Standing
from tests.board.hub import ADMIN, ADMIN_PASSWORD, Hub

SCREENSHOTS = Path(__file__).parents[2] / "artifacts" / "screenshots"
NASTY = "<img src=x onerror=alert(1)>"
NAMES = [f"attendee-{n:02}" for n in range(1, 30)]


def _a_busy_room(shelf: Shelf) -> None:
    """Thirty people, the further down the list the further on, in different states of the next exercise."""
    ids = list(exercises())
    for i, name in enumerate([*NAMES, NASTY]):
        far = 1 + i * (len(ids) - 2) // 30
        standings = {name: Standing(tries=1 + i % 3, passed=True) for name in ids[:far]}
        standings[ids[far]] = Standing(tries=1 + i % 12, hints=i % 3, gave_up=i % 5 == 4)
        shelf.keep(name, Report(standings, ids[far]), time.time() - 60 * (i % 13))


def _log_in(page: Page, hub: Hub) -> None:
    page.goto(hub.board)
    page.get_by_label("Username").fill(ADMIN)
    page.get_by_label("Password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("table")).to_be_visible()


@pytest.fixture
def browser() -> Iterator[Browser]:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("there is no Chromium on PATH to look at the board with")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=["--headless=new", "--no-sandbox"])


def _fits(page: Page, scheme: Literal["light", "dark"], width: int, height: int) -> bool:
    """Whether thirty attendees are on the screen at once, and nothing beside it; leaves a picture."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"board-{scheme}.png")
    last = page.get_by_role("row", name="attendee-29").bounding_box()
    assert last is not None
    return last["y"] + last["height"] < height and page.evaluate("document.documentElement.scrollWidth") == width


def test_the_page_follows_the_room(hub: Hub, browser: Browser) -> None:
    shelf = Shelf(hub.home / "board")
    _a_busy_room(shelf)
    page = browser.new_page()
    complaints: list[str] = []
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    _log_in(page, hub)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.reload()
    assert _fits(page, "light", 1366, 768)
    assert _fits(page, "dark", 1280, 720)
    expect(page.get_by_role("rowheader", name=NASTY)).to_be_visible()

    head = page.get_by_role("heading", level=1)
    shelf.clear()
    shelf.keep("Nadia", Report({"01-write-the-host": Standing(tries=2)}, "01-write-the-host"), time.time())
    told = re.compile(r"1 of 1 is at 01\.\d “Write the host that survives this guest”, which 0 passed\.")
    expect(head).to_have_text(told, timeout=15_000)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first.get_by_title("trying, 2 tries; here now")).to_have_count(1)

    page.get_by_text("New session").click()
    page.get_by_role("button", name="Clear the board").click()
    nobody = "Nobody shows where they are yet. In a notebook, `share_progress()` from labkit does so."
    expect(head).to_have_text(nobody)
    assert (asked, complaints) == ({urlsplit(hub.url).netloc}, [])
