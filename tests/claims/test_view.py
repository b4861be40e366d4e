"""The ledger in a notebook: the table, the filters, the evidence, and all of it without a kernel."""

from __future__ import annotations

import re

import msgspec
import pytest

from labkit import Lab
from labkit.claims import Claim, Report, check, find_claims
from labkit.cli.load import program
from labkit.views import ClaimsView

REINSTANTIATE = "01-poisoned-component/reinstantiate-is-enough"


def plain(html: str) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html).split())


def rows(view: ClaimsView) -> int:
    return str(view.table.value).count('<th scope="row">')


@pytest.fixture
def view(report: Report) -> ClaimsView:
    return ClaimsView(report)


def test_the_table_says_it_without_colour_or_sight(view: ClaimsView) -> None:
    said = plain(view.table.value)
    assert re.match(r"\d+ claims tried under 5 Wasmtime releases: \d+ hold everywhere, \d+ depend on the", said)
    assert "claim said by 39 41 42 45 50 verdict" in said
    assert (
        "Making a new instance of the component is enough to go on. advice ✓ holds ✓ holds "
        "✗ does not hold ✗ does not hold ✗ does not hold Held up to 41;"
    ) in said
    assert 'href="https://github.com/bytecodealliance/wasmtime/issues/11086"' in view.table.value
    assert 'class="lk-problem"' not in view.table.value


def test_it_begins_with_a_claim_that_changed(view: ClaimsView) -> None:
    assert view.claim.value == REINSTANTIATE
    assert plain(view.evidence.value) == (
        "Making a new instance of the component is enough to go on. "
        "popular advice; run as 01-poisoned-component/new-instance "
        "What decided it Wasmtime the claim what was seen 39–41 ✓ holds step 4 returned 20.0 "
        "42–50 ✗ does not hold step 4 was refused: step 2 poisoned the store"
    )


def test_filters_narrow_the_table_and_the_choice(view: ClaimsView) -> None:
    whole = rows(view)
    assert whole == len(view.report.checked)
    view.only_changed.value = True
    assert 0 < rows(view) == len(view.claim.options) < whole
    view.family.value = "09-versions"
    assert [checked.claim.id for checked in view.shown] == [
        "09-versions/store-closes-after-a-trap",
        "09-versions/host-may-call-back",
        "09-versions/one-text-two-causes",
        "09-versions/post-return-is-owed",
    ]
    assert view.claim.value == "09-versions/store-closes-after-a-trap"
    view.says.value = "upstream"
    assert rows(view) == 1
    view.family.value = "06-instantiation-cost"
    assert plain(view.table.value) == "No claim that was run passes these filters."
    assert (view.claim.value, view.evidence.value) == (None, "")


def test_claims_that_wait_are_named() -> None:
    waits = Claim("09-versions/not-yet", "Something.", "lab", waits_for="09-versions/later")
    view = ClaimsView(check([*find_claims([REINSTANTIATE]), waits], ["41.0.0"], program))
    assert plain(view.waiting.value).startswith("not run yet: 1 claim ")
    assert view.waiting.value in view.static()


def test_another_claim_shows_its_evidence(view: ClaimsView) -> None:
    view.claim.value = "01-poisoned-component/own-errors-need-no-rebuild"
    assert "under rebuild-on-trap, dropped on any error" in plain(view.evidence.value)
    assert "39–50 ✓ holds step 6 returned 1 (run “dropped”)" in plain(view.evidence.value)
    chosen = re.search(r'<tr class="lk-chosen" aria-current="true">.*?</tr>', view.table.value)
    assert chosen is not None
    assert "Dropping the instance" in chosen[0]
    view.only_changed.value = True
    assert view.claim.value == REINSTANTIATE


def test_static_form_and_text_hold_what_is_shown(view: ClaimsView) -> None:
    view.family.value = "09-versions"
    bundle = view._repr_mimebundle_()
    assert bundle["text/html"] == view.static()
    for part in (view.table.value, view.evidence.value, view.waiting.value):
        assert part in view.static()
    assert "<select" not in view.static()
    assert bundle["text/plain"].splitlines()[0] == (
        "4 claims tried under 5 Wasmtime releases: 4 depend on the release."
    )
    assert "  ✗ 39–41  ✓ 42  ✗ 45  ✓ 50  A host function may call back" in bundle["text/plain"]


def test_a_disagreement_and_a_failure_come_first() -> None:
    (claim,) = find_claims([REINSTANTIATE])
    changed = msgspec.structs.replace(claim, holds="none")
    view = ClaimsView(check([changed], ["41.0.0", "42.0.0", "43.9.9"], program))
    said = plain(view.table.value)
    assert said.startswith(
        f"{REINSTANTIATE}: the ledger says it holds nowhere; under 41.0.0 it did: step 4 returned 20.0. "
        "Wasmtime 43.9.9 is not on this machine;"
    )
    assert "✓ ≠ holds, not as the ledger says ✗ does not hold ? could not be tried" in said
    assert "1 claim tried under 3 Wasmtime releases: 1 depends on the release; 1 not as the ledger says." in said


def test_a_lab_tries_the_releases_it_is_asked_for() -> None:
    with Lab() as lab:
        view = lab.claims("41,42", "09-versions/host-may-call-back")
        assert view.told() == (
            "1 claim tried under 2 Wasmtime releases: 1 depends on the release.\n"
            "  ✗ 41  ✓ 42  A host function may call back into the component that is calling it. Depends on the "
            "release: allowed from 42 to 44 and since 49, refused up to 41 and from 45 to 48."
        )
        assert lab.runtime in lab.claims(family="05-recovery/core-stays-callable").report.runtimes


def test_a_filter_with_one_choice_is_not_offered(report: Report) -> None:
    whole = ClaimsView(report)
    assert (whole.family.layout.display, whole.says.layout.display) == (None, None)
    kept = tuple(checked for checked in report.checked if checked.claim.family == "09-versions")
    narrow = ClaimsView(msgspec.structs.replace(report, checked=kept, waiting=()))
    assert narrow.family.layout.display == "none"
    assert len(narrow.shown) == len(kept)
