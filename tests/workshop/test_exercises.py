"""Every exercise as shipped fails its check, and every solution passes; hints come after a try."""

import asyncio
import contextlib
import json
import os
import re
import signal
import threading
import time
from types import SimpleNamespace

import nbformat
import pytest

from labkit import resources
from labkit.errors import UnknownNameError
from labkit.magics import build_cell
from labkit.workshop import Progress, Task, exercises
from labkit.workshop.checks import check_for
from labkit.workshop.checks.apart import run_apart
from labkit.workshop.checks.sorted_functions import FUNCTIONS

EXERCISES = exercises()


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "progress.json")


def answer(exercise_id: str, source: str) -> object:
    """What a cell with this source gives the check: a program for `%%guest`, what it checks, or the last name it
    defines. It finds what the notebook imports, and what the exercise gives it."""
    if source.startswith("%%guest"):
        line, _, cell = source.partition("\n")
        return build_cell(line.removeprefix("%%guest"), cell)
    checked: list[object] = []
    task = SimpleNamespace(check=checked.append)
    names: dict[str, object] = {"asyncio": asyncio, "time": time, "task": task, "host_task": task}
    exec("\n".join([*tagged(exercise_id, "given"), source]), names)
    return checked[0] if checked else list(names.values())[-1]


def tagged(exercise_id: str, what: str) -> list[str]:
    """The sources of the notebook's cells that are `what` to an exercise: its `answer`, or `given` to it."""
    path = resources.notebooks_dir() / f"{EXERCISES[exercise_id].notebook}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return [c.source for c in cells if f"{what}:{exercise_id}" in c.metadata.get("tags", [])]


def shipped_answer(exercise_id: str) -> str:
    """The source of the cell that a trainee finds in the notebook."""
    (source,) = tagged(exercise_id, "answer")
    return source


def solved(exercise_id: str) -> object:
    """What the shipped solution gives the check."""
    return answer(exercise_id, EXERCISES[exercise_id].solution.strip())


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
    (finding,) = check_for("telling-apart")(solved("09-tell-them-apart"))
    assert (finding.passed, finding.text) == (
        True,
        "Under 41.0.0 step 4 returned 20.0; under 42.0.0 it is refused: step 3 poisoned the store.",
    )


LOADS = """
(module (import "host" "fetch" (func $fetch (param i32) (result i32)))
  (global $value (mut i32) (i32.const 0))
  {}
  (func $load {} (global.set $value (call $fetch (i32.const {}))))
  (func (export "answer") (result i32) {} (global.get $value)))
"""


@pytest.mark.parametrize(
    ("guest", "finding"),
    [
        (LOADS.format("(start $load)", "", 3, ""),
         "Making the instance asked the host for key 3; leave that to `init`."),
        (LOADS.format("", "", 3, ""), "There is no exported function of start-loads named 'init'"),
        (LOADS.format("", '(export "init")', 4, ""),
         "`init` should ask the host for key 3, once; it asked for 4."),
        (LOADS.format("", '(export "init")', 3, "(call $load)"),
         "`answer` asked the host once more; what `init` has loaded is there already."),
        (LOADS.format("", '(export "init") unreachable', 3, ""),
         "`init` should load the value; the call trapped: unreachable."),
        ("(module)", "There is no exported function of start-loads named 'init'"),
    ],
)  # fmt: skip
def test_a_guest_that_still_asks_at_the_wrong_time_is_told_when(guest, finding):
    (found,) = check_for("moved-work")(build_cell("start-loads", guest))
    assert not found.passed
    assert found.text.startswith(finding)


async def waits_for_ever(lab, guest, fetch, seconds):
    instance = await lab.store({"fetch": fetch}).instantiate_async(guest)
    await instance.call_async("init")
    return (await instance.call_async("answer")).value


async def never_loads(lab, guest, fetch, seconds):
    return None


async def asks_after_giving_up(lab, guest, fetch, seconds):
    instance = await lab.store({"fetch": fetch}).instantiate_async(guest)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(instance.call_async("init"), seconds)
    return (await instance.call_async("answer")).value


@pytest.mark.parametrize(
    ("load", "finding"),
    [
        (waits_for_ever, "With a host that never answers your function still waits after 5 s; 0.5 s are enough."),
        (never_loads, "With a host that answers it returned None, not 30."),
        (asks_after_giving_up, "With a host that never answers step 6 was refused: poisoned by step 5."),
        (lambda lab, guest, fetch, seconds: 30,
         "With a host that answers your function raised TypeError: "
         "object int can't be used in 'await' expression."),
        (30, "Give the check your function: `check(load)`, without calling it."),
    ],
)  # fmt: skip
def test_a_host_that_does_not_load_in_time_is_told_with_which_host(load, finding):
    assert [found.text for found in check_for("loading-host")(load)] == [finding]


def functions() -> dict[str, object]:
    """The six host functions of the notebook."""
    names: dict[str, object] = {"asyncio": asyncio, "time": time}
    exec("\n".join(tagged("03-sort-the-host-functions", "given")), names)
    return {name: names[name] for name in FUNCTIONS}


RIGHT = {
    "note": "fine",
    "pause": "stops the loop",
    "ask": "fails",
    "wait": "fine",
    "hurry": "stops the loop",
    "hand_over": "fine",
}


def sorting(**said):
    """What the check says of the first one that is wrong."""
    given = functions()
    findings = check_for("sorted-functions")({given[name]: answer for name, answer in (RIGHT | said).items()})
    assert [found.passed for found in findings] == [False]
    return findings[0].text


@pytest.mark.parametrize(
    ("name", "said", "finding"),
    [
        ("note", "fails", r"You said 'fails' of `note`, and it is 'fine': the call took \d+ ms, and the event "
                          r"loop went on: \d+ ms between two beats at most\."),
        ("pause", "fine", r"You said 'fine' of `pause`, and it is 'stops the loop': the call took \d+ ms, and "
                          r"the event loop stood still for \d+ ms\."),
        ("ask", "stops the loop", r"You said 'stops the loop' of `ask`, and it is 'fails': the call ended in "
                                  r"RuntimeError: asyncio\.run\(\) cannot be called from a running event loop\."),
        ("hurry", "fine", r"You said 'fine' of `hurry`, and it is 'stops the loop': "),
        ("wait", "slow", r"'slow' is no answer for `wait`: say 'fine', 'stops the loop', 'fails'\."),
    ],
)  # fmt: skip
def test_a_wrong_sorting_is_told_what_was_measured(name, said, finding):
    assert re.match(finding, sorting(**{name: said}))


def test_a_sorting_has_to_name_every_function_itself():
    give = "Give the check a dict that maps each of the six functions to one of your answers."
    check = check_for("sorted-functions")
    assert [found.text for found in check(RIGHT)] == [give]
    assert [found.text for found in check(7)] == [give]
    assert [found.text for found in check({functions()["note"]: "fine"})] == [
        f"Nothing is said about `pause`. {give}"
    ]


async def one_after_another(lab, guest, numbers, fetch):
    async def ask_host(number):
        return await asyncio.to_thread(fetch, number)

    answers = []
    for number in numbers:
        instance = await lab.store(imports={"host#fetch": ask_host}).instantiate_async(guest)
        answers.append((await instance.call_async("ask", number)).unwrap())
    return answers


async def in_one_store(lab, guest, numbers, fetch):
    async def ask_host(number):
        return await asyncio.to_thread(fetch, number)

    instance = await lab.store(imports={"host#fetch": ask_host}).instantiate_async(guest)
    outcomes = await asyncio.gather(*(instance.call_async("ask", number) for number in numbers))
    return [outcome.unwrap() for outcome in outcomes]


async def on_the_loop(lab, guest, numbers, fetch):
    async def one(number):
        instance = await lab.store(imports={"host#fetch": fetch}).instantiate_async(guest)
        return (await instance.call_async("ask", number)).unwrap()

    return await asyncio.gather(*(one(number) for number in numbers))


async def without_a_guest(lab, guest, numbers, fetch):
    return [2 * (number + 1) for number in numbers]


async def forgetting_to_await(lab, guest, numbers, fetch):
    async def ask_host(number):
        return await asyncio.to_thread(fetch, number)

    return [
        lab.store(imports={"host#fetch": ask_host}).instantiate(guest).call("ask", number).unwrap()
        for number in numbers
    ]


@pytest.mark.parametrize(
    ("serve", "finding"),
    [
        (one_after_another, r"\d+ ms of fetching took \d+ ms: the guests were asked one after another\."),
        (in_one_store, r"\d+ ms of fetching took \d+ ms: .* share a store, in which calls take turns\?"),
        (on_the_loop, r"The loop stood still for \d+ ms while guests were asked, and one fetch takes \d+ "
                      r"ms: somebody fetches on the loop's own thread\."),
        (without_a_guest, r"No guest was asked: use the `lab` and the `guest` you are given\."),
        (forgetting_to_await, r"Your function raised OutcomeError: expected a returned value, but the call was "
                              r"refused: no-instance by step 1\."),
        (lambda lab, guest, numbers, fetch: 7, r"It should return a list of answers; it returned 7\."),
        (lambda lab, guest, numbers, fetch: [1], r"\[3, 1, 4, 1, 5, 9\] should give .*; yours were \[1\]\."),
        (7, r"Give the check your function: `check\(serve\)`, without calling it\."),
    ],
)  # fmt: skip
def test_a_host_that_stops_its_loop_or_dawdles_is_told_by_how_much(serve, finding):
    findings = check_for("unhurried-host")(serve)
    assert any(re.match(finding, found.text) for found in findings if not found.passed), findings


async def by_threads(lab, guest, numbers, fetch):
    def one(number):
        return lab.store(imports={"host#fetch": fetch}).instantiate(guest).call("ask", number).unwrap()

    return await asyncio.gather(*(asyncio.to_thread(one, number) for number in numbers))


def test_plain_calls_in_threads_are_right_too():
    assert all(found.passed for found in check_for("unhurried-host")(by_threads))


def test_a_loop_that_waits_for_itself_is_given_up():
    async def wait_for_oneself():
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), asyncio.get_running_loop()).result(3)

    assert run_apart(wait_for_oneself, seconds=0.2) is False


def test_an_interrupt_ends_what_is_checked():
    ended = threading.Event()

    async def endless():
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(KeyboardInterrupt):
        run_apart(endless)
    assert ended.wait(5)
