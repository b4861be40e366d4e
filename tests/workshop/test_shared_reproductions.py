"""Answers to the exercise of notebook 08, right and wrong, and what each is told."""

import pytest

from labkit.workshop.checks import check_for
from tests.workshop.answers import solved


def panics(lab, guest):
    lab.store().instantiate(guest).call("process-input", 101.0)


def another_input(lab, guest):
    instance = lab.store().instantiate(guest)
    instance.call("process-input", 101.0)
    instance.call("process-input", 10.0)
    lab.store().instantiate(guest).call("process-input", 11.0)


def too_long(lab, guest):
    instance = lab.store().instantiate(guest)
    for value in (1.0, 2.0, 101.0, 10.0):
        instance.call("process-input", value)
    lab.store().instantiate(guest).call("process-input", 10.0)


@pytest.mark.parametrize(
    ("prove", "finding"),
    [
        (lambda lab, guest: None, "Nothing has happened in this lab yet; call a guest first."),
        (panics, "No call was refused, so there is no failure to see."),
        (another_input, "Step 3 is refused, and the same call is never answered afterwards."),
        (too_long, "It takes 7 steps; 6 are enough."),
        (lambda lab, guest: 1 / 0, "Your function raised ZeroDivisionError: division by zero."),
        (7, "Give the check your function: `check(prove)`, without calling it."),
    ],
)
def test_what_proves_nothing_is_told_why(prove, finding):
    assert [found.text for found in check_for("proving-repro")(prove) if not found.passed] == [finding]


def test_a_failure_and_its_fix_in_one_file():
    assert [found.text for found in check_for("proving-repro")(solved("08-prove-it"))] == [
        "Step 3 is refused, and step 5, the same call, answers.",
        "It takes 5 steps; 6 are enough.",
        "Replayed: The same under Wasmtime 50.0.1: 5 steps, every one as it was recorded.",
    ]
