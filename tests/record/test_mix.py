"""Mixes of synchronous and asynchronous: which there are, what they are played as, and what mends them."""

import re

import pytest

from labkit.errors import ArgumentError
from labkit.record import Mix, read_scenario, scenario_of_mix, scenarios
from labkit.record.mix import every_mix

MIXES = every_mix()


def name(mix):
    return scenario_of_mix(mix).id.removeprefix("03-sync-and-async/mix-")


def test_each_is_a_scenario_of_its_own_that_can_be_read():
    made = [scenario_of_mix(mix) for mix in MIXES]
    assert len(made) == 2 * 2 * 2 * 7
    assert len({scenario.id for scenario in made} | scenarios().keys()) == len(made) + len(scenarios())
    assert len({scenario.title for scenario in made}) == len(made)
    assert [read_scenario(scenario.to_json()) for scenario in made] == made


def test_a_loop_runs_whatever_is_awaited():
    assert all(scenario_of_mix(mix).needs_loop for mix in MIXES)
    assert not scenario_of_mix(Mix()).awaits


def test_what_a_mix_is_played_as():
    scenario = scenario_of_mix(Mix("plain", "coroutine", "awaited", "sync", "thread"))
    assert scenario.title == (
        "A plain engine, a coroutine that has a thread blocked for 0.2 s, awaited instantiation, synchronous call"
    )
    assert scenario.id == "03-sync-and-async/mix-plain-coroutine-awaited-sync-thread"
    assert not scenario.engine.async_support
    (how,) = scenario.imports.values()
    assert (how.asynchronous, how.blocks, how.in_thread, how.sleeps) == (True, 0.2, True, None)
    assert [(step.do, step.export, step.asynchronous) for step in scenario.steps] == [
        ("instantiate", None, True),
        ("call", "run", False),
    ]


@pytest.mark.parametrize(
    ("link", "work", "sentence"),
    [
        ("plain", "sleeps",
         "A plain host function has no use for 'sleeps'; it can do: returns, blocks, asyncio.run."),
        ("plain", "thread",
         "A plain host function has no use for 'thread'; it can do: returns, blocks, asyncio.run."),
        ("coroutine", "asyncio.run",
         "A coroutine has no use for 'asyncio.run'; it can do: returns, sleeps, blocks, thread."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(link, work, sentence):
    with pytest.raises(ArgumentError, match=f"^{re.escape(sentence)}$"):
        Mix(link=link, work=work)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Mix(link="coroutine", work="sleeps"), Mix(link="plain", work="blocks")),
        (Mix(link="coroutine", work="thread"), Mix(link="plain", work="blocks")),
        (Mix(link="coroutine", work="blocks"), Mix(link="plain", work="blocks")),
        (Mix(link="plain", work="asyncio.run"), Mix(link="coroutine", work="sleeps")),
        (Mix(link="plain", work="blocks"), Mix(link="coroutine", work="blocks")),
    ],
)
def test_another_kind_of_function_does_what_is_nearest(before, after):
    assert before.linked(after.link) == after


def test_a_mended_mix_needs_no_mending_and_waits_where_the_other_did():
    for mix in MIXES:
        mended = mix.mended()
        assert mended.mended() == mended
        assert (mended.work == "returns") == (mix.work == "returns")
    assert {name(mix.mended()) for mix in MIXES} == {
        "plain-plain-sync-sync-returns",
        "async-plain-awaited-awaited-returns",
        "async-coroutine-awaited-awaited-returns",
        "async-coroutine-awaited-awaited-sleeps",
        "async-coroutine-awaited-awaited-thread",
    }


@pytest.mark.parametrize(
    ("mix", "mended"),
    [
        (Mix("async", "plain", "sync", "sync"), "plain-plain-sync-sync-returns"),
        (Mix("async", "plain", "awaited", "sync"), "async-plain-awaited-awaited-returns"),
        (Mix("plain", "plain", "sync", "awaited"), "plain-plain-sync-sync-returns"),
        (Mix("plain", "plain", "awaited", "awaited"), "async-plain-awaited-awaited-returns"),
    ],
)
def test_as_little_is_changed_as_possible(mix, mended):
    assert name(mix.mended()) == mended
