"""Answers to the exercise about stripped guests, right and wrong, and what each is told."""

import pytest

from labkit import LabkitError
from labkit.inspect import symbolize
from labkit.workshop.checks import check_for


def by_lab(lab, trace, symbols):
    try:
        return [frame.func for frame in lab.symbolize(trace, symbols).steps[-1].outcome.frames]
    except LabkitError:
        return None


def test_the_names_of_both_builds_pass():
    assert [(found.passed, found.text) for found in check_for("blaming")(by_lab)] == [
        (True, "Every frame of both traps has the name that its own build knows."),
        (True, "Symbols of another build name nothing."),
    ]


def only_the_innermost(lab, trace, symbols):
    return (by_lab(lab, trace, symbols) or [])[:1]


def backwards(lab, trace, symbols):
    return list(reversed(by_lab(lab, trace, symbols) or []))


def unnamed(lab, trace, symbols):
    return [frame.func for frame in trace.steps[-1].outcome.frames]


def never_none(lab, trace, symbols):
    return by_lab(lab, trace, symbols) or []


def unguarded(lab, trace, symbols):
    return [frame.func for frame in symbolize(trace, symbols, []).steps[-1].outcome.frames]


@pytest.mark.parametrize(
    ("blame", "told"),
    [
        (unnamed, "Frame 0 of process-panic is '"),
        (backwards, "Frame 0 of process-panic is '"),
        (only_the_innermost, "The trap of process-panic has "),
        (never_none, "Symbols of another build than process-panic should give None; yours gave []."),
        (unguarded, "Your function raised LabkitError: "),
        (lambda lab, trace, symbols: "process-input",
         "For process-panic and its own symbols there should be a list of names; yours was 'process-input'."),
        (None, "Give the check your function: `check(blame)`, without calling it."),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_told_where(blame, told):
    (found,) = check_for("blaming")(blame)
    assert not found.passed
    assert found.text.startswith(told)
