"""Every exercise as shipped fails its check, and every solution passes; hints come after a try."""

import json

import pytest

from labkit import resources
from labkit.errors import UnknownNameError
from labkit.workshop import Progress, Task
from labkit.workshop.checks import check_for
from tests.workshop.answers import EXERCISES, answer, shipped_answer, solved
from tests.workshop.test_poisoned_component import by_new_instance, by_runner


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "progress.json")


@pytest.mark.parametrize("name", EXERCISES)
def test_the_cell_as_shipped_does_not_pass(name):
    findings = check_for(EXERCISES[name].check)(answer(name, shipped_answer(name)))
    assert not all(finding.passed for finding in findings)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_passes(name):
    findings = check_for(EXERCISES[name].check)(solved(name))
    assert [finding.text for finding in findings if not finding.passed] == []


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_hints_an_explanation_and_a_notebook(name):
    exercise = EXERCISES[name]
    assert len(exercise.hints) >= 2
    assert exercise.explanation
    assert (resources.notebooks_dir() / f"{exercise.notebook}.ipynb").is_file()


def test_hints_come_one_by_one_after_a_try(progress):
    task = Task(EXERCISES["01-write-the-host"], progress)
    assert "Try it first" in repr(task.hint())
    task.check(by_new_instance)
    assert ["Hint 1 of 3" in repr(task.hint()), "Hint 2 of 3" in repr(task.hint())] == [True, True]
    assert "Hint 3 of 3" in repr(task.hint())
    assert "Hint 3 of 3" in repr(task.hint())


def test_the_solution_shows_after_passing_or_asking(progress):
    task = Task(EXERCISES["01-write-the-host"], progress)
    assert "def serve" not in repr(task.solution())
    assert "def serve" in repr(task.solution(give_up=True))
    task.reset()
    assert "def serve" not in repr(task.solution())
    assert "✔" in task.check(by_runner)._repr_html_()
    assert "def serve" in repr(task.solution())


def test_progress_survives_a_restart_and_a_later_failure(progress, tmp_path):
    task = Task(EXERCISES["01-write-the-host"], progress)
    task.check(by_runner)
    task.check(by_new_instance)
    again = Progress(tmp_path / "progress.json")
    assert (again.of("01-write-the-host").passed, again.of("01-write-the-host").tries) == (True, 2)
    again.reset()
    assert again.all() == {}


def test_a_damaged_progress_file_is_set_aside(tmp_path):
    file = tmp_path / "progress.json"
    file.write_text("{not json")
    assert Progress(file).all() == {}
    assert (tmp_path / "progress.damaged").read_text() == "{not json"


def test_an_unknown_exercise_suggests_near_ones():
    from labkit.workshop import exercise

    with pytest.raises(UnknownNameError, match="did you mean 01-write-the-host"):
        exercise("01-write-a-host")


def test_progress_is_plain_json(progress, tmp_path):
    progress.update("a", tries=1, passed=True)
    assert json.loads((tmp_path / "progress.json").read_text()) == {"a": {"tries": 1, "passed": True}}
