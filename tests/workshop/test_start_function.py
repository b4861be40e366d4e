"""Answers to the exercises of notebook 04, right and wrong, and what each is told."""

import asyncio
import contextlib

import pytest

from labkit.magics import build_cell
from labkit.workshop.checks import check_for

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
