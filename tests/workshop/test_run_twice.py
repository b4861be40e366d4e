"""Answers to the exercises of notebook 02, right and wrong, and what each is told."""

import pytest

from labkit import Wasi
from labkit.magics import build_cell
from labkit.workshop.checks import check_for
from labkit.workshop.checks.every_job import ANSWERS
from tests.workshop.answers import EXERCISES


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
        (lambda lab, command, jobs: lab.store(wasi=jobs[0]),
         "Your function raised ArgumentError: `wasi=` takes a `Wasi(args=[…])`; you gave a list."),
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
