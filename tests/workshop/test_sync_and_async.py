"""Answers to the exercises of notebook 03, right and wrong, and what each is told."""

import asyncio
import os
import re
import signal
import threading
import time

import pytest

from labkit.magics import build_cell
from labkit.workshop.checks import check_for
from labkit.workshop.checks.apart import run_apart
from labkit.workshop.checks.sorted_functions import FUNCTIONS
from tests.workshop.answers import EXERCISES, shipped_answer, tagged


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
                      r"ms: something keeps the loop's own thread, a fetch or somebody who waits for threads\."),
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


async def gives_outcomes(lab, guest, numbers, fetch):
    instance = await lab.store(imports={"host#fetch": lambda number: number + 1}).instantiate_async(guest)
    return [await instance.call_async("ask", number) for number in numbers]


async def leaves(lab, guest, numbers, fetch):
    raise SystemExit(3)


async def is_cancelled(lab, guest, numbers, fetch):
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("serve", "finding"),
    [
        (gives_outcomes, "These are outcomes; the answers are their values: `outcome.unwrap()`."),
        (leaves, "Your function raised SystemExit: 3."),
        (is_cancelled, "Your function raised CancelledError."),
    ],
)
def test_a_host_that_ends_or_answers_oddly_is_told_so(serve, finding):
    assert [found.text for found in check_for("unhurried-host")(serve)] == [finding]


SPLIT = EXERCISES["03-split-the-guest"].solution.strip().partition("\n")[2]
GIVEN = shipped_answer("03-split-the-guest").partition("\n")[2]


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        (GIVEN, "It still imports `host#fetch`."),
        (SPLIT.replace("$host_fetch", '$host_fetch (import "host" "log" (func))'), "It still imports `host#log`."),
        (SPLIT.replace('"want"', '"wants"'),
         "There is no exported function of host-fetch named 'want'; did you mean wants?"),
        (SPLIT.replace("(local.get $number)", "(i32.const 3)"), "`want(8)` should return 8; it returned 3."),
        (SPLIT.replace("(i32.const 2)", "(i32.const 1)"), "`finish(17)` should return 34; it returned 17."),
        (SPLIT.replace("(i32.const 2)", "(i32.div_s (i32.const 34) (local.get $fetched))"),
         "`finish(-4)` should return -8; it returned 32."),
        (SPLIT.replace("(local.get $number)", "unreachable"),
         "`want(3)` should return 3; it trapped: unreachable."),
        (SPLIT.replace("(i32.const 1)", "(i32.const 0)"),
         "2 questions were asked and 1 answered: `answered` should return 1; it returned 0."),
        (SPLIT.replace("    (local.get $number)",
                       "    (global.set $answered (i32.add (global.get $answered) (i32.const 1)))\n"
                       "    (local.get $number)"),
         "2 questions were asked and 1 answered: `answered` should return 1; it returned 3."),
    ],
)  # fmt: skip
def test_a_guest_that_is_not_cut_where_it_waited_is_told_so(source, finding):
    (found,) = check_for("split-guest")(build_cell("host-fetch", source))
    assert (found.passed, found.text) == (False, finding)


def test_the_split_guest_is_wanted_as_a_program():
    (found,) = check_for("split-guest")(SPLIT)
    assert found.text == "Give the check your program: the variable that the %%guest cell made."
