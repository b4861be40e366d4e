"""Guests in Python as a lab plays them: an error that is an answer, an exception that is a trap, recordings."""

import pytest

from labkit import Lab, explain
from labkit.errors import ToolchainError, UnknownNameError
from labkit.guests import componentize
from labkit.record import find_scenario, recordings
from labkit.runtimes.difference import first_difference

ERRORS = "05-recovery/shared-error-python"


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def errors(lab):
    return lab.run(ERRORS)


def test_what_is_raised_as_an_error_is_the_record_of_the_other_languages(errors):
    answered = errors.step(3).outcome
    assert answered.error == {
        "message": "amount too large: 60", "file": "/0/guest.py", "line": 14, "column": 9,
    }  # fmt: skip
    assert answered.caught_panic.place == "/0/guest.py:14:9"
    assert errors.step(4).outcome.value == 2


def test_any_other_exception_is_a_trap_with_the_traceback(errors):
    trapped, refused = errors.step(5).outcome, errors.step(6).outcome
    assert (trapped.kind, trapped.code, refused.cause.step) == ("trapped", "unreachable", 5)
    assert trapped.panic == "raised at /0/guest.py:14: ValueError: amount too large: 60"
    assert trapped.stderr.startswith(
        "Traceback (most recent call last):\n"
        '  File "/0/guest.py", line 42, in escape\n'
        '  File "/0/guest.py", line 18, in keep\n'
        '  File "/0/guest.py", line 14, in refuse_above_50\n'
        "ValueError: amount too large: 60\n"
    )
    explained = explain(errors, 5)
    assert explained.because[:2] == (
        "The guest's last words: raised at /0/guest.py:14: ValueError: amount too large: 60",
        "An exception that no Python code catches reaches the Rust around the interpreter, which panics: "
        "`unreachable`. Raised as `Err(…)` it would be an answer.",
    )


@pytest.mark.parametrize("name", recordings())
def test_a_recording_is_what_a_run_shows(lab, name):
    recorded, live = lab.recorded(name), lab.run(name)
    assert recorded.runtime == lab.runtime
    assert first_difference(recorded, live) is None
    assert [(step.outcome.stdout, step.outcome.panic) for step in recorded] == [
        (step.outcome.stdout, step.outcome.panic) for step in live
    ]


def test_every_scenario_whose_guest_may_be_missing_has_a_recording():
    assert set(recordings()) == {"02-run-twice/python", ERRORS}
    assert {find_scenario(name).guest for name in recordings()} == {"command-python", "notes-python"}
    with Lab() as lab, pytest.raises(UnknownNameError, match="There is no recording named '02-run-twice'"):
        lab.recorded("02-run-twice")


def test_a_matrix_plays_the_others_where_a_guest_cannot_be_built(monkeypatch):
    monkeypatch.setattr(componentize, "PACKAGE", "componentize-py-that-nobody-has")
    with Lab() as lab:
        with pytest.raises(ToolchainError, match=r"needs componentize-py-that-nobody-has, an optional part"):
            lab.run("02-run-twice/python")
        view = lab.matrix(["02-run-twice/guard", "02-run-twice/python"], lab.runtime)
        text = repr(view)
    assert "brings it" in text
