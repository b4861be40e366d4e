"""Answers to the exercise of notebook 09, right and wrong, and what each is told."""

import pytest

from labkit.workshop.checks import check_for
from tests.workshop.answers import solved


@pytest.mark.parametrize(
    ("steps", "finding"),
    [
        (lambda lab, guest: None, "Nothing was done: use the `lab` and the `guest` you are given."),
        (lambda lab, guest: lab.store().instantiate(guest),
         "Its one step goes the same way under 41.0.0 and 42.0.0; the last one returned."),
        (lambda lab, guest: 1 / 0, "Your function raised ZeroDivisionError: division by zero."),
        (7, "Give the check your function: `check(steps)`, without calling it."),
    ],
)  # fmt: skip
def test_steps_that_tell_nothing_apart_are_told_why(steps, finding):
    assert [found.text for found in check_for("telling-apart")(steps)] == [finding]


def test_steps_that_tell_two_releases_apart_are_told_how_they_differ():
    (finding,) = check_for("telling-apart")(solved("09-tell-them-apart"))
    assert (finding.passed, finding.text) == (
        True,
        "Under 41.0.0 step 4 returned 20.0; under 42.0.0 it is refused: step 3 poisoned the store.",
    )
