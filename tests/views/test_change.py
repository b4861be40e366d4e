"""What a bisection found, on data."""

from __future__ import annotations

import re

from labkit.host import Cause, Outcome
from labkit.runtimes import Change, NoChange, Try
from labkit.views.change import change_html, no_change_html

BEFORE = Outcome("returned", value=20.0)
AFTER = Outcome("refused", cause=Cause("poisoned", 2, "store"))
CHANGE = Change(
    scenario="01-poisoned-component/new-instance",
    policy=None,
    step=4,
    last_before="41.0.0",
    first_after="42.0.0",
    before=BEFORE,
    after=AFTER,
    candidates=("39.0.0", "40.0.0", "41.0.0", "42.0.0", "43.0.0"),
    tries=(Try("39.0.0", BEFORE), Try("43.0.0", AFTER), Try("41.0.0", BEFORE), Try("42.0.0", AFTER)),
)


def test_the_sentence_stands_above_every_release_with_what_it_did_and_when_it_was_tried():
    html = change_html(CHANGE)
    assert "Up to 41.0.0 step 4 returned 20.0; since 42.0.0 it is refused: step 2 poisoned the store." in html
    assert "01-poisoned-component/new-instance: 5 releases, 4 runs" in html
    columns = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', html)
    assert columns == ["Wasmtime", *CHANGE.candidates]
    outcomes, runs = re.findall(r'<tr><th scope="row">.*?</tr>', html)
    assert re.findall(r'title="([^"]*)"', outcomes) == ["returned", "not needed", "returned", "refused", "refused"]
    assert re.findall(r'lk-muted">(\d?)<', runs) == ["1", "", "3", "4", "2"]


def test_where_nothing_changed_a_sentence_says_so():
    found = NoChange("mine", 2, "39.0.0", "50.0.1")
    assert not found
    assert "Step 2 of mine goes the same way under Wasmtime 39.0.0 and 50.0.1." in no_change_html(found)
