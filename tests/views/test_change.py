"""What a bisection found, on data."""

from __future__ import annotations

from labkit.host import Cause, Outcome
from labkit.runtimes import Change, Try
from labkit.views.change import change_html

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
    assert "Step 4 of 01-poisoned-component/new-instance: 5 releases, 4 runs" in html
    assert html.count('<th scope="row">') == 5
    assert html.count("not needed") == 1
    chosen = html.partition('aria-current="true"')[2].partition("</tr>")[0]
    assert ("42.0.0" in chosen, "refused" in chosen, '<td class="lk-number">4</td>' in chosen) == (
        True,
        True,
        True,
    )
