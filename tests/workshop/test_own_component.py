"""Answers to the exercise of notebook 07, wrong ones, and what each is told."""

import pytest

from labkit.explore import check_health, profile_of
from labkit.programs import build_program
from labkit.runtimes import Nursery
from labkit.workshop.checks import check_for
from labkit.workshop.checks.chosen_policies import judged_policies


@pytest.fixture(scope="module")
def health():
    """The report that the check shows first; once, because it takes long."""
    program = build_program("process-panic")
    with Nursery() as nursery:
        return check_health(program, profile_of(program, nursery=nursery), nursery=nursery)


def always(policy):
    return lambda health: {one.export: policy for one in health.exports}


ONCE_IT_FAILS = "one instance answers again and again until a call fails; then it has to be replaced."
KEPT = "nothing failed and one instance answered again, so keeping it is cheapest."


@pytest.mark.parametrize(
    ("choose", "told"),
    [
        (always("keep"), [f"process-panic, process-input: yours chose 'keep', and {ONCE_IT_FAILS}"]),
        (always("rebuild-on-trap"), [f"process-panic, calls: yours chose 'rebuild-on-trap', and {KEPT}"]),
        (always("fresh-store"),
         [f"process-panic, process-input: yours chose 'fresh-store', and {ONCE_IT_FAILS}",
          f"process-panic, calls: yours chose 'fresh-store', and {KEPT}"]),
        (lambda health: {health.exports[0].export: "rebuild-on-trap"},
         ["For process-panic it should return a dict with 'process-input', 'calls' as its keys."]),
        (lambda health: "keep",
         ["For process-panic it should return a dict with 'process-input', 'calls' as its keys."]),
        (lambda health: 1 / 0, ["Your function raised ZeroDivisionError: division by zero."]),
    ],
)  # fmt: skip
def test_a_policy_that_does_not_fit_is_told_for_which_export(choose, told, health):
    findings = judged_policies(choose, "process-panic", health)
    assert [found.text for found in findings if not found.passed] == told


def test_the_function_is_wanted_and_not_what_it_returns():
    (found,) = check_for("chosen-policies")({"calls": "keep"})
    assert (found.passed, found.text) == (
        False,
        "Give the check your function: `check(choose)`, without calling it.",
    )
