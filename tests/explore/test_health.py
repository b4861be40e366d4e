"""What a health check says of programs that behave in known ways, and on what it rests."""

import pytest

from labkit.errors import ProgramError
from labkit.explore import check_health, profile_of
from labkit.explore.health import POLICIES
from labkit.host import Program
from labkit.programs import build_program
from labkit.views import health_html, health_page, health_text

METER = """(module
  (import "host" "now" (func $now (result i64)))
  (memory (export "memory") 1)
  (global $noted (mut i32) (i32.const 0))
  (func (export "note") (param i32) (result i32)
    (if (i32.gt_s (local.get 0) (i32.const 1000)) (then unreachable))
    (global.set $noted (i32.add (global.get $noted) (i32.const 1))) global.get $noted)
  (func (export "stamp") (result i64) call $now)
  (func (export "spare") (result i32) (memory.grow (i32.const 1)))
  (func (export "refer") (param externref)))"""

BUSY = """(module (import "env" "log" (func $log (param i32)))
  (func $begin (call $log (i32.const 1))) (start $begin) (func (export "f")))"""

STILL = '(module (global $n (mut i32) (i32.const 0)) (func $begin (global.set $n (i32.const 1))) (start $begin)\
 (func (export "f")))'


@pytest.fixture(scope="module")
def checked(nursery):
    def check(program):
        return check_health(program, profile_of(program, nursery=nursery), nursery=nursery)

    return check


@pytest.fixture(scope="module")
def meter(checked):
    return checked(Program.from_wat("meter", METER))


def verdicts(health, export):
    (found,) = [one for one in health.exports if one.export == export]
    return {verdict.about: (verdict.level, verdict.sentence) for verdict in found.verdicts}


def test_a_function_that_traps_and_keeps_state(meter):
    assert verdicts(meter, "note") == {
        "answers": (
            "beware",
            "Called with 6 lists of arguments, it returned 4 times and trapped twice. The first that failed: "
            "(10000) trapped: unreachable.",
        ),
        "reuse": ("good", "One instance answered twice in a row: it can be reused."),
        "state": (
            "note",
            "It keeps state: equal calls of one instance answered 1 and then 2, of fresh ones the same each time. "
            "A policy that makes new instances loses it.",
        ),
        "after a failure": (
            "note",
            "After a failure the next call was answered under every policy tried: keep, fresh-instance, "
            "rebuild-on-trap, fresh-store and pool. An instance that was kept may be damaged all the same: "
            "Wasmtime lets core modules go on.",
        ),
        "memory": ("good", "Its memory stayed at 65,536 bytes."),
    }


def test_a_function_that_takes_more_memory_with_each_call(meter):
    assert verdicts(meter, "spare")["memory"] == (
        "beware",
        "Its memory grew from 131,072 to 393,216 bytes in 4 calls: 65,536 each.",
    )


def test_a_function_whose_import_nobody_provides(meter):
    found = verdicts(meter, "stamp")
    assert found["answers"][1] == (
        "Called without arguments, it was stopped by the host once. The first that failed: () stopped on a host "
        "exception: UnmetImportError: host#now was called, and nobody provides it."
    )
    assert found["reuse"] == ("unknown", "No call was answered, so nothing is known of a second one.")


def test_what_cannot_be_called_is_named(meter):
    assert meter.left_out == {"refer": "it takes what only a guest can give, such as a resource"}


def test_the_evidence_is_in_the_traces(meter):
    (note,) = [one for one in meter.exports if one.export == "note"]
    assert set(note.trials) == set(POLICIES)
    traces = {"probe": note.probe.trace, **{policy: trial.trace for policy, trial in note.trials.items()}}
    for verdict in note.verdicts:
        assert verdict.evidence
        assert all(traces[where].step(n).do == "call" for where, n in verdict.evidence)
    (answers,) = [verdict for verdict in note.verdicts if verdict.about == "answers"]
    failing = [traces[where].step(n).outcome.kind for where, n in answers.evidence]
    assert failing == ["trapped", "trapped"]


def test_a_component_is_closed_by_a_trap(checked, lab_guest):
    found = verdicts(checked(lab_guest), "process-input")
    assert found["after a failure"] == (
        "beware",
        "After a failure, keep and fresh-instance go on failing (was refused: poisoned by step 4); "
        "rebuild-on-trap, fresh-store and pool answered the next call.",
    )
    assert found["memory"][0] == "unknown"


def test_a_command_is_single_shot(checked):
    health = checked(build_program("command-hello"))
    (one,) = health.exports
    assert verdicts(health, one.export)["reuse"] == (
        "beware",
        "It is single-shot: the second call of one instance trapped: unreachable. Give each call a store of its "
        "own.",
    )
    assert health.level == "beware"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (BUSY, ("beware", "Instantiating it stopped on a host exception: UnmetImportError: env#log was called, "
                          "and nobody provides it, in 13 of 13 tries.")),
        (STILL, ("note", "It has a start function, which calls no host function and writes nothing.")),
        ("(module (func (export \"f\")))", ("good", "It has no start function: being instantiated runs none of "
                                                    "its code.")),
    ],
)  # fmt: skip
def test_what_being_instantiated_does(checked, text, verdict):
    start, _ = checked(Program.from_wat("starting", text)).verdicts
    assert (start.level, start.sentence) == verdict


def test_a_program_of_which_no_instance_can_be_made_is_told_why(checked):
    _, made = checked(Program.from_wat("starting", BUSY)).verdicts
    assert (made.level, made.sentence) == (
        "unknown",
        "No instance could be made: it stopped on a host exception: UnmetImportError: env#log was called, and "
        "nobody provides it.",
    )


def test_a_sound_program_is_called_sound(checked):
    health = checked(Program.from_wat("sound", '(module (func (export "f") (result i32) i32.const 1))'))
    assert health.level == "sound"
    assert health_text(health).splitlines()[0] == (
        "sound: in 26 calls of 1 export nothing showed that a host has to beware of."
    )


def test_a_program_that_cannot_be_made_has_no_health(nursery):
    program = Program.from_wat("set", "(module (type (shared (func))))")
    with pytest.raises(ProgramError, match="shared-everything-threads"):
        check_health(program, profile_of(program, nursery=nursery), nursery=nursery)


def test_the_page_has_every_call_and_nothing_that_a_program_may_say_runs(checked):
    health = checked(Program.from_wat("<script>alert(1)</script>", '(module (func (export "<b>") unreachable))'))
    page = health_page(health)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<script" not in page
    assert "<b>" not in page
    assert page.count("policy keep") == 1
    assert health_html(health) in page


STACK = """(module (global $depth (mut i32) (i32.const 0))
  (func (export "push") (param i32) (global.set $depth (i32.add (global.get $depth) (i32.const 1))))
  (func (export "depth") (result i32) global.get $depth)
  (func (export "double") (param i32) (result i32) local.get 0 i32.const 2 i32.mul))"""


def test_state_that_another_export_made(checked):
    found = checked(Program.from_wat("stack", STACK))
    said = {one.export: one.verdicts[-1] for one in found.exports}
    assert {verdict.about for verdict in said.values()} == {"state across exports"}
    assert (said["double"].level, said["double"].sentence) == (
        "good",
        "Its answer stayed the same after a call of each of 2 others, with the calls tried.",
    )
    assert (said["depth"].level, said["depth"].sentence) == (
        "note",
        "It shows what another export did: 0 before a call of push and 1 after it, of fresh instances the same "
        "each time. A policy that makes new instances loses that.",
    )
    # Both are right of a function that another call changes the answer of.
    assert verdicts(found, "depth")["state"] == (
        "good",
        "Equal calls in a row had equal answers: calling it does not change what it answers.",
    )
    (depth,) = (one for one in found.exports if one.export == "depth")
    steps = {step.n: step for step in depth.across.trace}
    assert [(steps[n].export, steps[n].outcome.value) for _, n in said["depth"].evidence] == [
        ("depth", 0), ("push", None), ("depth", 1),
    ]  # fmt: skip
    assert "with other exports in between" in health_html(found)


def test_an_export_that_is_alone_is_not_compared(checked):
    alone = checked(Program.from_wat("alone", '(module (func (export "f") (result i32) i32.const 1))'))
    assert [verdict.about for verdict in alone.exports[0].verdicts] == ["answers", "reuse", "state", "memory"]
    assert alone.exports[0].across is None
