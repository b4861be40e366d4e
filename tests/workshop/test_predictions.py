"""Predictions, right and wrong: what each is told, and that the steps in words are the steps that are played."""

from functools import cache

import pytest

from labkit import resources
from labkit.views.words import what
from labkit.workshop import PredictionTask, Progress
from labkit.workshop.checks import check_of
from labkit.workshop.checks.predicted import compared, played
from labkit.workshop.prediction import NOT_REACHED, what_came
from tests.workshop.answers import EXERCISES, solved

STORE, RUNS, MIXES = "01-predict-the-store", "02-predict-the-runs", "03-predict-the-mixes"
START, BOOK = "04-predict-the-start", "05-predict-the-book"
PREDICTIONS = [name for name, exercise in EXERCISES.items() if exercise.plays]


@cache
def right(name):
    return tuple(solved(name))


def but(name, **said):
    """The right predictions, but for those at the given places (`p1` is the first)."""
    places = {int(place[1:]): prediction for place, prediction in said.items()}
    return [places.get(n, prediction) for n, prediction in enumerate(right(name), start=1)]


@cache
def traces(name):
    """What happens in an exercise; once, because it is the same for every answer."""
    return tuple(played(EXERCISES[name].plays))


def told(findings):
    """What is said of the first prediction that does not hold; everything before it holds."""
    *held, wrong = findings
    assert all(finding.passed for finding in held)
    assert not wrong.passed
    return wrong.text


@pytest.mark.parametrize(
    ("name", "said", "finding"),
    [
        (STORE, {"p1": "trapped", "p2": "refused"},
         "7 of 9 predictions hold. The first that does not: you said that step 2 of A would be `trapped`. Step"
         " 2 answered with the guest's own error 'input-too-large': an ordinary value, no trap."),
        (STORE, {"p3": "refused"},
         "8 of 9 predictions hold. The first that does not: you said that step 6 of A would be `refused`. Step"
         " 6 returned 1 although step 5 trapped in store 1: counter-core is a core module, and Wasmtime lets a"
         " core instance be called after a trap."),
        (STORE, {"p4": "returned", "p6": "returned"},
         "7 of 9 predictions hold. The first that does not: you said that step 7 of A would be `returned`. "
         "Step 7 was refused because step 5 (`unreachable` in counter-core) poisoned store 1; since Wasmtime "
         "42 that holds for every component in the store."),
        (STORE, {"p5": "refused"},
         "8 of 9 predictions hold. The first that does not: you said that step 8 of A would be `refused`. Step"
         " 8 made instance 3 in store 1, which step 5 had poisoned: instantiating succeeds and hides the "
         "mistake, the first call will be refused."),
        (STORE, {"p8": "refused"},
         "8 of 9 predictions hold. The first that does not: you said that step 7 of B would be `refused`. Step"
         " 7 returned 20.0: process-result answered as it should."),
        (RUNS, {"p1": "trapped"},
         "7 of 8 predictions hold. The first that does not: you said that step 4 would be `trapped`. Step 4 "
         "returned: command-hello answered as it should."),
        (RUNS, {"p4": "returned", "p5": "returned"},
         "6 of 8 predictions hold. The first that does not: you said that step 9 would be `returned`. Step 9 "
         "ended because command-hello exited with status 0."),
        (MIXES, {"p3": "returned"},
         "7 of 8 predictions hold. The first that does not: you said that step 2 of B would be `returned`. "
         "Step 2 was refused because store 1 wants asynchronous calls: step 1 linked an asynchronous host "
         "function into it."),
        (MIXES, {"p4": "refused"},
         "7 of 8 predictions hold. The first that does not: you said that step 3 of B would be `refused`. Step"
         " 3 returned 7: host-log answered as it should."),
        (MIXES, {"p8": "returned"},
         "7 of 8 predictions hold. The first that does not: you said that step 4 of D would be `returned`. "
         "Step 3 took the whole process down with SIGABRT: panicked at "
         "crates/wasmtime/src/runtime/func.rs:957:9: must use `call_async` when async support is enabled on "
         "the config. So step 4 was never taken."),
        (START, {"p2": "returned"},
         "7 of 8 predictions hold. The first that does not: you said that step 2 of A would be `returned`. "
         "Step 2 trapped with `cannot-block-sync-task` in `begin` of start-waits while its start function ran,"
         " so there is no instance."),
        (START, {"p5": "returned 0"},
         "7 of 8 predictions hold. The first that does not: you said that step 4 of B would be `returned 0`. "
         "Step 4 returned 7 although step 3 trapped in store 1: memory-keeper is a core module, and Wasmtime "
         "lets a core instance be called after a trap."),
        (START, {"p6": NOT_REACHED},
         "7 of 8 predictions hold. The first that does not: you said that nobody would come to step 1 of C. "
         "Step 1 trapped with “BUG: subtasks should only get subtask events, got None” in `ask` of "
         "start-awaits while its start function ran, so there is no instance."),
        (BOOK, {"p1": "returned 100"},
         "9 of 10 predictions hold. The first that does not: you said that step 3 of A would be `returned "
         "100`. Step 3 returned 40. The first account has given, the second has not got: the module answers, "
         "and lies."),
        (BOOK, {"p5": "returned 100", "p7": "returned 40"},
         "8 of 10 predictions hold. The first that does not: you said that step 3 of C would be `returned "
         "100`. Step 3 returned 40. The panic was caught, and what was half written stays: unwinding puts "
         "nothing back."),
        (BOOK, {"p9": "returned 40"},
         "9 of 10 predictions hold. The first that does not: you said that step 3 of D would be `returned 40`."
         " Step 3 was refused because step 2 (`unreachable` in process-ledger) ended instance 1, and its guard"
         " lets nobody in any more."),
    ],
)  # fmt: skip
def test_the_first_prediction_that_does_not_hold_is_told_by_what_happened(name, said, finding):
    assert told(compared(EXERCISES[name].plays, traces(name), but(name, **said))) == finding


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (["returned"], "8 steps want a prediction; there are 1."),
        ("returned", "Give the check a list of 8 predictions, in the order of the steps."),
        ([None] * 8, "There is no prediction for step 4 yet."),
        (["returned", "poisoned", *["returned"] * 6],
         "'poisoned' is no prediction for step 5: say one of 'returned', 'guest-error', 'trapped', 'refused', "
         "'exited'."),
    ],
)  # fmt: skip
def test_what_is_no_prediction_is_not_played(answer, finding):
    assert told(check_of(EXERCISES[RUNS])(answer)) == finding


@pytest.mark.parametrize("name", PREDICTIONS)
def test_no_constant_answer_is_right(name):
    questions = [play.choices_of(row) for play in EXERCISES[name].plays for row in play.asked]
    for word in {choice for choices in questions for choice in choices}:
        assert list(right(name)) != [word if word in choices else choices[0] for choices in questions]


@pytest.mark.parametrize("name", PREDICTIONS)
def test_the_steps_in_words_are_those_that_are_played(name):
    for play, trace in zip(EXERCISES[name].plays, traces(name), strict=True):
        does = {step.n: f"`{what(step)}`" for step in trace}
        for row in play.rows:
            assert does.get(row.step, "`") in row.does
        offered = [(what_came(trace, row, play.choices_of(row)), play.choices_of(row)) for row in play.asked]
        assert [came for came, choices in offered if came not in choices] == []


def test_what_was_said_of_a_release_that_is_not_here_is_not_judged(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "cache_dir", lambda: tmp_path)
    *judged, absent = check_of(EXERCISES[MIXES])(but(MIXES, p7="returned", p8="returned"))
    assert [finding.passed for finding in judged] == [True] * 6
    assert (absent.passed, absent.text) == (
        True,
        "What you said of Wasmtime 41.0.0 was not judged: that release is not on this machine, and "
        "`labkit runtimes add 41.0.0` fetches it.",
    )


@pytest.fixture
def task(tmp_path):
    return PredictionTask(EXERCISES[RUNS], Progress(tmp_path / "progress.json"))


def choose(task, predictions):
    for chooser, prediction in zip(task.table.choosers, predictions, strict=True):
        chooser.value = prediction
    task.table.button.click()


def test_predictions_are_chosen_in_a_table_and_played(task):
    table = task.table
    assert [chooser.description for chooser in table.choosers] == [
        f"step {n}" for n in (4, 5, 7, 9, 11, 14, 16, 17)
    ]
    table.button.click()
    assert "Choose a prediction for step 4 first." in table.problem.value
    assert task._progress.of(RUNS).tries == 0
    choose(task, but(RUNS, p8="refused"))
    assert "7 of 8 predictions hold." in table._result.value
    assert (task._progress.of(RUNS).tries, task.passed) == (1, False)
    assert "Hint 1 of 3" in repr(task.hint())
    table.choosers[-1].value = "returned"
    table.button.click()
    assert task.passed
    assert "Passed" in table._result.value


def test_the_table_tells_its_story_without_a_kernel(task):
    bundle = task._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"] == task.table.static()
    for text in ("Predict every run", "<table", "step 17", "<code>guest-error</code>"):
        assert text in bundle["text/html"]
    assert "  step 9: `wasi:cli/run()` of that instance [returned | guest-error |" in bundle["text/plain"]
    choose(task, right(RUNS))
    assert "Passed" in task.table.static()
    assert "Step 9 ended because command-hello exited with status 0." in task.table.told()
