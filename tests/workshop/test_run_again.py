"""Answers to the exercise about commands that may be run again, right and wrong, and what each is told."""

import pytest

from labkit.workshop.checks import check_for


def in_one_store(lab, command):
    instance = lab.store().instantiate(command)
    first, second = (instance.call("wasi:cli/run") for _ in range(2))
    return first.ok and second.kind in ("returned", "guest-error")


def by_runner(lab, command):
    with lab.runner(command, "keep") as runner:
        return [runner.call("wasi:cli/run").ok for _ in range(3)][-1]


@pytest.mark.parametrize("answer", [in_one_store, by_runner])
def test_more_than_one_way_is_right(answer):
    assert [(found.passed, found.text) for found in check_for("runs-again")(answer)] == [
        (True, "All 4 commands are told apart, by what their second run came to.")
    ]


def twice(answer):
    """An answer that runs the command twice, and does not look."""

    def looks_away(lab, command):
        in_one_store(lab, command)
        return answer

    return looks_away


def only_success(lab, command):
    instance = lab.store().instantiate(command)
    return [instance.call("wasi:cli/run").kind for _ in range(2)][-1] == "returned"


def in_two_instances(lab, command):
    return [lab.store().instantiate(command).call("wasi:cli/run").ok for _ in range(2)][-1]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (twice(True), "For command-hello the answer is False: its second run traps. Yours was True."),
        (twice(False), "For command-export the answer is True: each of its runs returns. Yours was False."),
        (only_success, "For command-polite the answer is True: its second run is answered with an error of its "
                       "own. Yours was False."),
        (lambda lab, command: "hello" not in command.name,
         "Whether it may be run again shows in a second run, and you did not run command-hello."),
        (in_two_instances,
         "Whether it may be run again shows in a second run, and you ran no instance of command-hello twice."),
        (lambda lab, command: 1 / 0, "Your function raised ZeroDivisionError: division by zero."),
        (7, "Give the check your function: `check(runs_again)`, without calling it."),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_told_about_which_command(answer, told):
    assert [(found.passed, found.text) for found in check_for("runs-again")(answer)] == [(False, told)]
