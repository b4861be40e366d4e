"""Every exercise as shipped fails its check, and every solution passes; hints come after a try."""

import json
from types import SimpleNamespace

import nbformat
import pytest

from labkit import Wasi, resources
from labkit.errors import UnknownNameError
from labkit.magics import build_cell
from labkit.workshop import Progress, Task, exercises
from labkit.workshop.checks import check_for
from labkit.workshop.checks.every_job import ANSWERS

EXERCISES = exercises()


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "progress.json")


def answer(source: str) -> object:
    """What a cell with this source gives the check: a program for `%%guest`, what it checks, or the last name it
    defines."""
    if source.startswith("%%guest"):
        line, _, cell = source.partition("\n")
        return build_cell(line.removeprefix("%%guest"), cell)
    given: list[object] = []
    names: dict[str, object] = {"task": SimpleNamespace(check=given.append)}
    exec(source, names)
    return given[0] if given else list(names.values())[-1]


def shipped_answer(exercise_id: str) -> str:
    """The source of the cell that a trainee finds in the notebook."""
    path = resources.notebooks_dir() / f"{EXERCISES[exercise_id].notebook}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    (source,) = (c.source for c in cells if f"answer:{exercise_id}" in c.metadata.get("tags", []))
    return source


@pytest.mark.parametrize("name", EXERCISES)
def test_the_cell_as_shipped_does_not_pass(name):
    findings = check_for(EXERCISES[name].check)(answer(shipped_answer(name)))
    assert not all(finding.passed for finding in findings)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_passes(name):
    findings = check_for(EXERCISES[name].check)(answer(EXERCISES[name].solution.strip()))
    assert [finding.text for finding in findings if not finding.passed] == []


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_hints_an_explanation_and_a_notebook(name):
    exercise = EXERCISES[name]
    assert len(exercise.hints) >= 2
    assert exercise.explanation
    assert (resources.notebooks_dir() / f"{exercise.notebook}.ipynb").is_file()


def by_runner(lab, guest, inputs):
    with lab.runner(guest, "rebuild-on-trap") as runner:
        return [runner.call("process-input", number).value for number in inputs]


def by_fresh_store(lab, guest, inputs):
    return tuple(lab.store().instantiate(guest).call("process-input", number).value for number in inputs)


@pytest.mark.parametrize("serve", [by_runner, by_fresh_store])
def test_every_right_host_passes(serve):
    assert all(finding.passed for finding in check_for("surviving-host")(serve))


def by_new_instance(lab, guest, inputs):
    store = lab.store()
    return [store.instantiate(guest).call("process-input", number).value for number in inputs]


def by_recompiling(lab, guest, inputs):
    with lab.runner(guest, "recompile") as runner:
        return [runner.call("process-input", number).value for number in inputs]


def by_unwrapping(lab, guest, inputs):
    return [lab.store().instantiate(guest).call("process-input", number).unwrap() for number in inputs]


@pytest.mark.parametrize(
    ("serve", "finding"),
    [
        (by_new_instance, "Step 6 was refused because step 4 (`unreachable` in process-panic) poisoned store 1; "
                          "since Wasmtime 42 that holds for every instance in the store."),
        (by_recompiling, "It works, but the guest was compiled again, which a new store does not need."),
        (by_unwrapping, "Your function raised OutcomeError: expected a returned value, but the call trapped: "
                        "unreachable (panicked at process-panic/src/lib.rs:12:9: input too large: 101)."),
        (lambda lab, guest, inputs: None, "It should return a list of answers; it returned None."),
        (lambda lab, guest, inputs: [1.0], "5 inputs need 5 answers; there are 1."),
        (lambda lab, guest, inputs: [20.0, None, 40.0, None, 60.0],
         "No guest was called: use the `lab` and the `guest` you are given."),
        (7, "Give the check your function: `check(serve)`, without calling it."),
    ],
)  # fmt: skip
def test_a_wrong_host_is_told_what_is_wrong(serve, finding):
    findings = check_for("surviving-host")(serve)
    assert finding in [found.text for found in findings if not found.passed]


def test_a_guest_that_still_panics_is_told_for_which_number():
    findings = check_for("mended-guest")(
        build_cell("process-unwrap", shipped_answer("01-mend-the-guest").partition("\n")[2])
    )
    assert [found.passed for found in findings] == [False]
    assert findings[0].text.startswith("For 100.0 the guest should return 200.0; the call trapped: unreachable")


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
    (finding,) = check_for("telling-apart")(answer(EXERCISES["09-tell-them-apart"].solution.strip()))
    assert (finding.passed, finding.text) == (
        True,
        "Under 41.0.0 step 4 returned 20.0; under 42.0.0 it is refused: step 3 poisoned the store.",
    )


def stores_per_job(lab, command, jobs):
    answers = []
    for job in jobs:
        outcome = lab.store(wasi=Wasi(args=("hello", *job))).instantiate(command).call("wasi:cli/run")
        answers.append([outcome.stdout.partition("\n")[0], outcome.kind == "returned" or outcome.status == 0])
    return answers


def test_every_right_way_to_run_the_jobs_passes():
    findings = check_for("every-job")(stores_per_job)
    assert [found.text for found in findings] == [
        "All 4 jobs were run, and the one that exited with status 1 is the one that failed.",
        "It took 4 stores for 4 runs.",
    ]
    assert all(found.passed for found in findings)


def jobs_in_one_instance(lab, command, jobs):
    instance = lab.store(wasi=Wasi(args=("hello", "Ada"))).instantiate(command)
    return [(instance.call("wasi:cli/run").stdout.partition("\n")[0], True) for _ in jobs]


def jobs_recompiled(lab, command, jobs):
    answers = []
    for job in jobs:
        with lab.runner(command, "recompile", wasi=Wasi(args=("hello", *job))) as runner:
            outcome = runner.call("wasi:cli/run")
        answers.append((outcome.stdout.partition("\n")[0], outcome.kind == "returned" or outcome.status == 0))
    return answers


def exits_taken_for_failures(lab, command, jobs):
    return [(line, line.endswith(("Ada", "Margaret"))) for line, _ in stores_per_job(lab, command, jobs)]


@pytest.mark.parametrize(
    ("run_jobs", "finding"),
    [
        (jobs_in_one_instance, "Step 3 trapped with `unreachable` because step 2 had run this command already: "
                               "an instance of a command runs once."),
        (jobs_recompiled, "It works, but the command was compiled again, which a new store does not need."),
        (exits_taken_for_failures, "For the job ['Linus', '0'] the answer is ('run 1: Hello, Linus', True); "
                                   "yours was ('run 1: Hello, Linus', False)."),
        (lambda lab, command, jobs: None,
         "It should return a list with a pair for every job; it returned None."),
        (lambda lab, command, jobs: [("run 1: Hello, Ada", True)], "4 jobs need 4 answers; there are 1."),
        (lambda lab, command, jobs: [1, 2, 3, 4],
         "For the job ['Ada'] the answer is ('run 1: Hello, Ada', True); yours was 1."),
        (lambda lab, command, jobs: list(ANSWERS),
         "No command was run: use the `lab` and the `command` you are given."),
        (lambda lab, command, jobs: 1 / 0, "Your function raised ZeroDivisionError: division by zero."),
        (7, "Give the check your function: `check(run_jobs)`, without calling it."),
    ],
)  # fmt: skip
def test_jobs_run_wrongly_are_told_what_is_wrong(run_jobs, finding):
    findings = check_for("every-job")(run_jobs)
    assert finding in [found.text for found in findings if not found.passed]


def guard(then: str, start: str = "(i32.const 0)") -> object:
    """The guard with another consequence, or another result of the first run."""
    source = EXERCISES["02-polite-guard"].solution.strip().partition("\n")[2]
    changed = source.replace("(return (i32.const 1))", then).replace("(i32.const 0)))\n\n", f"{start}))\n\n")
    return build_cell("command-guard", changed)


@pytest.mark.parametrize(
    ("program", "finding"),
    [
        (lambda: guard("unreachable"), "A later run should answer `err`; it trapped: unreachable."),
        (lambda: guard("(return (i32.const 0))"), "A later run should answer `err`; it returned."),
        (lambda: guard("unreachable", "(i32.const 1)"),
         "The first run should return; it answered with its own error."),
        (lambda: build_cell("command-guard", "(component)"),
         "There is no export of command-guard named 'wasi:cli/run'"),
        (lambda: "command-guard", "Give the check your program: the variable that the %%guest cell made."),
    ],
)  # fmt: skip
def test_a_guard_that_is_not_polite_is_told_so(program, finding):
    first_wrong = next(found for found in check_for("polite-guard")(program()) if not found.passed)
    assert first_wrong.text.startswith(finding)
