"""The ledger against real releases: what it says is what they do, and a wrong statement is found out."""

from __future__ import annotations

import msgspec
import pytest

from labkit.claims import Claim, Report, Run, check, compressed, find_claims
from labkit.cli.load import program
from labkit.errors import ArgumentError, RuntimeMissingError
from labkit.guests import componentize
from tests.claims.conftest import CORE_CLAIMS, CORE_ONLY, RELEASES


def where(report: Report, name: str) -> list[tuple[bool | None, str]]:
    """In which releases a claim was seen to hold."""
    (checked,) = [one for one in report.checked if one.claim.id == name]
    return compressed({finding.runtime: finding.holds for finding in checked.findings})


def test_the_ledger_agrees_with_every_release(report: Report) -> None:
    assert (report.disagreements, report.problems) == ((), ())
    assert {finding.state for checked in report.checked for finding in checked.findings} == {
        "holds",
        "does-not-hold",
        "cannot-run",
    }
    assert report.runtimes == RELEASES


@pytest.mark.parametrize(
    ("claim", "answers"),
    [
        ("01-poisoned-component/later-calls-fail", [(True, "39–50")]),
        ("01-poisoned-component/reinstantiate-is-enough", [(True, "39–41"), (False, "42–50")]),
        ("01-poisoned-component/store-must-go", [(False, "39–41"), (True, "42–50")]),
        ("06-instantiation-cost/recompiling-is-fine", [(False, "39–50")]),
        (
            "09-versions/host-may-call-back",
            [(False, "39–41"), (True, "42"), (False, "45"), (True, "50")],
        ),
        ("03-sync-and-async/mixed-wasi", [(None, "39–42"), (True, "45–50")]),
        ("03-sync-and-async/awaiting-frees-the-loop", [(None, "39–42"), (False, "45–50")]),
        ("03-sync-and-async/names-changed", [(True, "39–41"), (False, "42–50")]),
        ("03-sync-and-async/rule-of-the-store", [(False, "39–41"), (True, "42–50")]),
        ("02-run-twice/python-runs-again", [(None, "39–42"), (True, "45–50")]),
        ("05-recovery/exceptions-are-cheap", [(True, "39–50")]),
        ("05-recovery/guards-and-abort-hooks", [(True, "39–50")]),
        ("05-recovery/backtraces-cost", [(True, "39–50")]),
        ("05-recovery/lines-cost-at-every-trap", [(True, "39–50")]),
        ("05-recovery/python-exceptions-trap", [(None, "39–42"), (True, "45–50")]),
        ("09-versions/post-return-is-owed", [(True, "39–41"), (False, "42–50")]),
    ],
)
def test_claims_hold_everywhere_nowhere_or_by_release(
    report: Report, claim: str, answers: list[tuple[bool | None, str]]
) -> None:
    assert where(report, claim) == answers


def test_the_evidence_names_the_deciding_step(report: Report) -> None:
    (checked,) = [c for c in report.checked if c.claim.id == "01-poisoned-component/reinstantiate-is-enough"]
    deciding = [finding.deciding for finding in checked.findings]
    assert [one.seen for one in deciding if one] == [
        *["step 4 returned 20.0"] * 2,
        *["step 4 was refused: step 2 poisoned the store"] * 3,
    ]
    assert [one.outcome.kind for one in deciding if one and one.outcome] == ["returned"] * 2 + ["refused"] * 3
    assert [finding.traces["again"].runtime for finding in checked.findings] == list(RELEASES)


def test_core_modules_are_tried_where_there_are_no_components_yet() -> None:
    asked = [*CORE_CLAIMS, "01-poisoned-component/later-calls-fail"]
    found = check(find_claims(asked), CORE_ONLY, program)
    assert [where(found, name) for name in CORE_CLAIMS] == [[(True, "20–36")]] * 2
    later = next(checked for checked in found.checked if checked.claim.id not in CORE_CLAIMS)
    assert [(finding.state, finding.problem) for finding in later.findings] == [
        ("cannot-run", "wasmtime-py runs components since 39.0.0")
    ] * 2
    assert found.disagreements == found.problems == ()


def test_a_claim_whose_guest_cannot_be_built_here_says_so_and_spares_the_others(monkeypatch) -> None:
    monkeypatch.setattr(componentize, "PACKAGE", "componentize-py-that-nobody-has")
    found = check(
        find_claims(["02-run-twice/python-runs-again", "02-run-twice/statuses-are-lost"]), ["50.0.1"], program
    )
    states = {one.claim.id: [finding.state for finding in one.findings] for one in found.checked}
    assert states == {
        "02-run-twice/statuses-are-lost": ["does-not-hold"],
        "02-run-twice/python-runs-again": ["failed"],
    }
    assert found.problems == (
        "Building command-python needs componentize-py-that-nobody-has, an optional part of labkit; "
        "`pip install 'labkit[python-guests]'` brings it.",
    )


def test_components_are_not_awaited_where_that_came_later() -> None:
    found = check(
        find_claims(["03-sync-and-async/mixed-wasi", "03-sync-and-async/awaiting-frees-the-loop"]), ["44"], program
    )
    assert [(f.state, f.problem) for checked in found.checked for f in checked.findings] == [
        ("cannot-run", "components have an asynchronous WASI since 45.0.0"),
        ("cannot-run", "components are called asynchronously since 45.0.0"),
    ]
    assert found.disagreements == found.problems == ()


def wrong(name: str, **changes: object) -> Claim:
    """A claim of the ledger with something else stated."""
    (claim,) = find_claims([name])
    return msgspec.structs.replace(claim, **changes)


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (
            wrong("01-poisoned-component/reinstantiate-is-enough", holds="39-42"),
            "01-poisoned-component/reinstantiate-is-enough: the ledger says it holds up to 42; "
            "under 42.0.0 it did not: step 4 was refused: step 2 poisoned the store.",
        ),
        (
            wrong("09-versions/host-may-call-back", holds="49-"),
            "09-versions/host-may-call-back: the ledger says it holds since 49; "
            "under 42.0.0 it did: step 2 returned 20.0.",
        ),
        (
            wrong(
                "01-poisoned-component/rebuild-works", runs={"keep": Run("01-poisoned-component/story", "keep")}
            ),
            "01-poisoned-component/rebuild-works: the ledger says it holds everywhere; "
            "under 42.0.0 it did not: step 5 was refused: step 3 poisoned the store.",
        ),
    ],
)
def test_a_wrong_statement_is_named_in_words(claim: Claim, sentence: str) -> None:
    assert check([claim], ["42.0.0"], program).disagreements == (sentence,)


def test_a_release_that_is_not_here_is_a_problem_and_no_verdict() -> None:
    found = check(find_claims([CORE_CLAIMS[0]]), ["43.9.9"], program)
    assert found.problems == ("Wasmtime 43.9.9 is not on this machine; `labkit runtimes add 43.9.9` fetches it.",)
    assert found.disagreements == ()


def test_claims_that_wait_are_not_run() -> None:
    waits = Claim("09-x/c", "Somebody says so.", "advice", waits_for="09-x/not-written-yet")
    found = check([waits], ["50.0.1"], program)
    assert (found.checked, found.waiting) == ((), (waits,))


def test_nothing_to_try_them_under() -> None:
    with pytest.raises(ArgumentError, match=r"^A claim needs at least one Wasmtime release to be tried under\.$"):
        check(find_claims([]), [], program)
    with pytest.raises(RuntimeMissingError, match=r"^'new' is no Wasmtime version; write it as 41\.0\.0\.$"):
        check(find_claims([]), ["new"], program)


def test_progress_counts_every_run_once() -> None:
    seen: list[tuple[int, int]] = []
    check(
        find_claims(["05-recovery/pool-recovers", "06-instantiation-cost"]),
        ["50.0.1"],
        program,
        on_cell=lambda _cell, done, total: seen.append((done, total)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
