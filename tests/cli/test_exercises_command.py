"""`labkit exercises`: what was tried and passed, and starting over."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.workshop import Progress, exercises
from tests.cli.conftest import Labkit


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    """What the commands of a test see."""
    made = Progress(tmp_path / "state" / "progress.json")
    made.update("01-write-the-host", tries=3, hints=1, passed=True)
    made.update("05-go-on", tries=2)
    return made


def test_it_lists_what_was_tried_and_passed(labkit: Labkit, progress: Progress) -> None:
    everything = labkit("exercises")
    assert everything.status == 0
    for name in exercises():
        assert name in everything.out
    assert "tried twice" in everything.out


def test_one_exercise_is_forgotten(labkit: Labkit, progress: Progress) -> None:
    done = labkit("exercises", "1", "--reset", "05-go-on", "--json")
    assert (done.status, set(progress.all())) == (0, {"01-write-the-host"})
    assert done.json["exercises"][1] == {
        "id": "01-write-the-host",
        "notebook": "01-poisoned-component",
        "title": "Write the host that survives this guest",
        "state": "passed",
        "tries": 3,
        "hints": 1,
        "solution_seen": False,
    }


def test_all_are_forgotten_only_by_somebody_who_says_yes(labkit: Labkit, progress: Progress) -> None:
    unanswered = labkit("exercises", "--reset-all")
    assert unanswered.status == 130
    assert "Forget what was tried and passed in all exercises?" in unanswered.err
    assert len(progress.all()) == 2
    assert labkit("exercises", "--reset-all", "--yes").status == 0
    assert progress.all() == {}


def test_an_unknown_exercise_is_told_so(labkit: Labkit) -> None:
    misspelt = labkit("exercises", "--reset", "05-go-onn")
    assert misspelt.status == 2
    assert misspelt.err.startswith("labkit: There is no exercise named '05-go-onn'; did you mean 05-go-on")
