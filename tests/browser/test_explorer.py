"""Notebook 07's bench, by mouse: a form, a stub, and a file of one's own that the browser sends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from notebook_page import ARTIFACTS, NotebookPage
from playwright.sync_api import Locator, expect

Ran = Callable[[str], NotebookPage]

OWN = b"""(component
  (type $shape' (variant (case "circle" f64) (case "nothing")))
  (import "shape" (type $shape (eq $shape')))
  (core module $m (func (export "area") (param i32 f64) (result f64) local.get 1))
  (core instance $i (instantiate $m))
  (func (export "area") (param "of" $shape) (result f64) (canon lift (core func $i "area"))))"""


@pytest.fixture
def bench(ran: Ran) -> Locator:
    cell = ran("07-your-own-component.ipynb").cell("bench-again")
    cell.get_by_role("button", name="reset", exact=True).click()
    expect(cell.get_by_role("button", name="reset", exact=True)).to_be_disabled()
    return cell


def test_a_form_is_filled_in_and_its_export_called(bench: Locator) -> None:
    bench.get_by_role("combobox", name="export").select_option("note")
    number = bench.get_by_role("textbox", name="arg1")
    number.fill("many")
    bench.get_by_role("button", name="call", exact=True).click()
    expect(bench.get_by_role("alert")).to_contain_text("a whole number is wanted. Nothing was called.")
    number.fill("7")
    number.press("Enter")
    expect(bench).to_contain_text("step 2: what changed in memory")
    bench.get_by_role("button", name="call again", exact=True).click()
    expect(bench).to_contain_text("step 3: what changed in memory")
    bench.scroll_into_view_if_needed()
    bench.page.screenshot(path=ARTIFACTS / "explorer.png")


def test_a_file_that_is_picked_is_examined_and_called(ran: Ran) -> None:
    cell = ran("07-your-own-component.ipynb").cell("pick")
    with cell.page.expect_file_chooser() as chooser:
        cell.get_by_role("button", name="pick a file").click()
    chooser.value.set_files({"name": "own.wat", "mimeType": "text/plain", "buffer": OWN})
    expect(cell).to_contain_text("area: func(of: variant { circle(f64), nothing }) -> f64")
    cell.get_by_role("textbox", name="circle").fill("2.5")
    cell.get_by_role("button", name="call", exact=True).click()
    expect(cell).to_contain_text("returned 2.5")
    cell.get_by_role("button", name="save as repro", exact=True).click()
    expect(cell).to_contain_text("labkit replay own.labkit")
    cell.page.screenshot(path=ARTIFACTS / "picker.png")
