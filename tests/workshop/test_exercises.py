"""Every exercise as shipped fails its check, and every solution passes; hints come after a try."""

import json

import nbformat
import pytest

from labkit import resources
from labkit.errors import UnknownNameError
from labkit.workshop import Progress, Task
from labkit.workshop.checks import check_of
from tests.workshop.answers import EXERCISES, answer_as_shipped, solved, tagged
from tests.workshop.test_poisoned_component import by_new_instance, by_runner


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "progress.json")


@pytest.mark.parametrize("name", EXERCISES)
def test_the_answer_as_shipped_does_not_pass(name):
    findings = check_of(EXERCISES[name])(answer_as_shipped(name))
    assert not all(finding.passed for finding in findings)
    assert all(finding.text for finding in findings)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_passes(name):
    findings = check_of(EXERCISES[name])(solved(name))
    assert [finding.text for finding in findings if not finding.passed] == []
    assert findings


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_all_it_needs_and_a_place_in_its_notebook(name):
    exercise = EXERCISES[name]
    assert len(exercise.hints) >= 2
    assert all(text.strip() for text in (exercise.title, exercise.task, exercise.explanation, *exercise.hints))
    assert max(map(len, exercise.solution.splitlines())) <= 92
    # A release that is not here is not judged, so that something else has to be.
    assert not exercise.plays or any(play.runtime is None for play in exercise.plays)
    # Where the answer is written, or where it is chosen.
    place = "widget" if exercise.plays else "answer"
    assert len(tagged(name, place)) == 1
    assert len(tagged(name, "answer") + tagged(name, "widget")) == 1


def test_each_failure_mode_has_a_prediction_a_host_and_a_guest():
    kinds = {exercise.notebook: set() for exercise in EXERCISES.values()}
    for exercise in EXERCISES.values():
        start = exercise.solution.strip().partition("\n")[0]
        kind = "predict" if exercise.plays else "guest" if start.startswith("%%guest") else "host"
        kinds[exercise.notebook].add(kind)
    modes = [notebook for notebook in kinds if notebook[:2] in ("01", "02", "03", "04", "05")]
    assert len(modes) == 5
    assert [kinds[mode] for mode in modes] == [{"predict", "host", "guest"}] * 5


@pytest.mark.parametrize("notebook", list(dict.fromkeys(one.notebook for one in EXERCISES.values())))
def test_each_notebook_says_how_far_one_is(notebook):
    cells = nbformat.read(resources.notebooks_dir() / f"{notebook}.ipynb", as_version=4).cells
    turn = next(n for n, cell in enumerate(cells) if cell.source.startswith("## Your turn"))
    assert cells[turn + 1].source == f'overview("{notebook[:2]}")'


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


def test_an_unknown_exercise_suggests_near_ones():
    from labkit.workshop import exercise

    with pytest.raises(UnknownNameError, match="did you mean 01-write-the-host"):
        exercise("01-write-a-host")


def test_progress_is_plain_json(progress, tmp_path):
    progress.update("a", tries=1, passed=True)
    assert json.loads((tmp_path / "progress.json").read_text()) == {"a": {"tries": 1, "passed": True}}
