"""A repro played again: the same verdict on the same release, a precise difference on another."""

from __future__ import annotations

import msgspec
import pytest

from labkit import Lab
from labkit.errors import ArgumentError, LabkitError, ProgramError
from labkit.record import load_repro
from labkit.repros import replay
from labkit.runtimes import ChildLimits, Runtime
from tests.repros.conftest import packed

ASKS = '(module (import "host" "next" (func $n (result f64))) (func (export "ask") (result f64) (call $n)))'
TAKES = '(module (func (export "go") (param f64) (result f64) local.get 0))'


def test_the_same_release_gives_the_same_verdict(new_instance):
    again = replay(new_instance, Runtime("50.0.1"))
    assert again.same
    assert again.sentence == "The same under Wasmtime 50.0.1: 4 steps, every one as it was recorded."


def test_another_release_gives_the_step_and_both_outcomes(new_instance):
    before = replay(new_instance, Runtime("41.0.0"))
    assert (before.same, before.step, before.expected.kind, before.got.value) == (False, 4, "refused", 20.0)
    assert before.sentence == (
        "Different at step 4: recorded under Wasmtime 50.0.1, it was refused: step 2 poisoned the store; "
        "now, under 41.0.0, it returned 20.0."
    )
    since = replay(new_instance, Runtime("42.0.0"))
    assert since.sentence == (
        "The same under Wasmtime 42.0.0, recorded under 50.0.1: 4 steps, every one as it was recorded."
    )


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("01-poisoned-component/re-entrance", None),
        ("01-poisoned-component/out-of-fuel", None),
        ("01-poisoned-component/lock-lent", None),
        ("02-run-twice", "fresh-store"),
        ("03-sync-and-async", None),
        ("04-start-function", None),
    ],
)
def test_policies_knobs_engines_and_host_functions_come_along(name, policy):
    assert replay(packed(name, policy), Runtime("50.0.1")).same


def test_a_release_that_cannot_play_it_says_why(new_instance):
    with pytest.raises(
        ProgramError, match=r"^process-panic is a component, and Wasmtime 36\.0\.0 runs core modules"
    ):
        replay(new_instance, Runtime("36.0.0"))


def test_a_child_that_asks_too_much_is_a_difference():
    endless = packed("01-poisoned-component/endless-loop")
    found = replay(endless, Runtime("50.0.1"), limits=ChildLimits(output=1))
    assert found.sentence.startswith("Different at step ")


def test_what_was_done_in_a_lab_is_saved_and_replayed(lab, tmp_path):
    store = lab.store()
    guest = lab.build("process-panic")
    store.instantiate(guest).call("process-input", 101.0)
    store.instantiate(guest).call("process-input", 10.0)
    path = lab.save(tmp_path / "mine.labkit", title="A new instance does not help")
    repro = load_repro(path)
    assert (repro.title, repro.scenario.id) == ("A new instance does not help", "mine")
    assert repro.scenario.limits.memory == 2**30
    assert lab.replay(path).same
    assert lab.replay(path, "41.0.0").sentence.startswith("Different at step 4: recorded under Wasmtime 50.0.1")
    assert lab.bisect(repro, wasmtime=["41.0.0", "42.0.0"]).step == 4
    assert lab.matrix([repro], wasmtime=["41.0.0", "42.0.0"]).matrix.rows[0].changed == ("42.0.0",)


def test_host_functions_answer_call_by_call_and_raise_what_they_raised(lab, tmp_path):
    answers = iter([1.0, float("nan"), KeyError("gone"), -0.5])

    def following() -> float:
        value = next(answers)
        if isinstance(value, Exception):
            raise value
        return value

    asks = lab.store({"host#next": following}).instantiate(lab.program(ASKS, name="asks"))
    for _ in range(4):
        asks.call("ask")
    repro = load_repro(lab.save(tmp_path / "answers.labkit"))
    assert "| `answers one after the other: 1.0, 'nan', raises \"'gone'\", -0.5` |" in repro.report
    again = lab.replay(repro)
    assert again.same
    outcomes = [step.outcome for step in again.trace][1:]
    assert [outcome.value or outcome.raised for outcome in outcomes] == [1.0, "nan", "KeyError", -0.5]
    assert outcomes[2].message == "'gone'"
    assert lab.replay(repro, "41.0.0").same


def test_arguments_that_json_has_no_sign_for(lab, tmp_path):
    takes = lab.store().instantiate(lab.program(TAKES, name="takes"))
    takes.call("go", float("inf"))
    takes.call("go", float("-inf"))
    repro = load_repro(lab.save(tmp_path / "floats.labkit"))
    assert [step.args for step in repro.scenario.steps] == [(), ("inf",), ("-inf",)]
    assert lab.replay(repro).same


async def _awaited(lab: Lab) -> None:
    async def following() -> float:
        return 2.5

    asks = await lab.store({"host#next": following}).instantiate_async(lab.program(ASKS, name="asks"))
    await asks.call_async("ask")
    asks.call("ask")


def test_coroutines_are_linked_as_coroutines_again(lab, tmp_path):
    import asyncio

    asyncio.run(_awaited(lab))
    repro = load_repro(lab.save(tmp_path / "awaited.labkit"))
    assert repro.scenario.imports["host#next"].asynchronous
    assert [step.outcome.kind for step in lab.replay(repro).trace] == ["returned", "returned", "refused"]


def test_what_no_file_can_carry_is_said(lab, tmp_path):
    program = lab.program(ASKS, name="asks")

    def again() -> float:
        asks.call("ask") if len(lab.trace) < 3 else None
        return 1.0

    asks = lab.store({"host#next": again}).instantiate(program)
    asks.call("ask")
    with pytest.raises(
        LabkitError, match=r"^Step 3 was made by a host function, and Python code cannot be played"
    ):
        lab.save(tmp_path / "inside.labkit")
    assert list(tmp_path.iterdir()) == []


def test_what_goes_otherwise_a_second_time_is_not_written_unasked(lab, tmp_path):
    guard = lab.guarded(lab.build("process-panic"))
    guard.call("process-input", 101.0)
    guard.call("process-input", 10.0)
    with pytest.raises(LabkitError) as raised:
        lab.save(tmp_path / "guarded.labkit")
    assert str(raised.value) == (
        "Played again, step 3 was refused: step 2 poisoned the store, where it was refused: step 2 ended it, and "
        "its guard lets nobody in: what made the difference is in no file, such as time, threads, or a guard in "
        "Python; check=False saves it all the same."
    )
    assert load_repro(lab.save(tmp_path / "guarded.labkit", check=False)).title == "What was done in guarded"


def test_an_empty_lab_has_nothing_to_save(lab, tmp_path):
    with pytest.raises(LabkitError, match=r"^Nothing has happened in this lab yet; call a guest first\.$"):
        lab.save(tmp_path / "empty.labkit")


def test_a_trace_of_another_release_and_a_scenario_can_be_saved_too(lab, tmp_path):
    trace = lab.run("01-poisoned-component/new-instance", runtime="41.0.0")
    repro = load_repro(lab.save(tmp_path / "old.labkit", trace))
    assert repro.trace.runtime == "41.0.0"
    assert lab.replay(repro, "41.0.0").same
    assert not lab.replay(repro).same
    shipped = load_repro(lab.save(tmp_path / "shipped.labkit", "01-poisoned-component"))
    assert shipped.scenario.id == "01-poisoned-component"


def test_a_repro_runs_in_a_child_even_where_a_scenario_would_not(lab, new_instance, monkeypatch):
    monkeypatch.setattr("labkit.lab.play", lambda *args, **more: pytest.fail("played in this process"))
    assert lab.run(new_instance).steps[3].outcome.kind == "refused"


def test_looking_at_a_repro_runs_nothing_until_the_button_is_pressed(lab, new_instance):
    view = lab.open(new_instance)
    assert view.replay is None
    assert "Recorded under Wasmtime 50.0.1 on" in view.told()
    assert "process-panic" in view.static()
    view.release.value = "41.0.0"
    view.replay_button.click()
    assert view.verdict.value.count("Different at step 4") == 1
    assert view.played.selected == 4
    assert view.played.layout.display is None
    view.release.value = "42"
    view.replay_button.click()
    assert "The same under Wasmtime 42.0.0" in view.told()
    assert view.played.layout.display == "none"
    view.release.value = "fifty"
    view.replay_button.click()
    assert "is no Wasmtime version; write it as 41.0.0." in view.problem.value


def test_repros_of_one_name_with_other_programs_are_told_apart(lab, new_instance):
    other = lab.program('(module (func (export "process-input") (param f64)))', name="other")
    same_name = msgspec.structs.replace(new_instance, programs={"process-panic": other})
    for wanted in ([new_instance, same_name], ["01-poisoned-component/new-instance", same_name]):
        with pytest.raises(
            ArgumentError, match=r"^Two different scenarios are called 01-.*; rename one of them\.$"
        ):
            lab.matrix(wanted, wasmtime="50.0.1")
