"""Explanations of commands that run again: each sentence is asserted whole."""

import msgspec

from labkit import Lab, Wasi
from labkit.host import Program, Store
from labkit.record import explain
from tests.host.wat import COUNTER

counter = Program.from_wat("counter", COUNTER)


def commands(engine, recorder, *runs):
    """A trace in which a WAT command, guarded or not, is run so many times per instance."""
    with Store(engine, recorder) as store:
        for program, times in runs:
            instance = store.instantiate(program)
            for _ in range(times):
                instance.call("wasi:cli/run")
    return recorder.trace()


def command(body: str, name: str = "command") -> Program:
    return Program.from_wat(
        name,
        f"""(component
  (core module $m
    (global $runs (mut i32) (i32.const 0))
    {body})
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))""",
    )


GUARDED = """(func $_start (export "run") (result i32)
      (if (global.get $runs) (then unreachable))
      (global.set $runs (i32.const 1))
      (i32.const 0))"""
BUGGY = """(func $work (if (global.get $runs) (then unreachable)))
    (func $_start (export "run") (result i32)
      (call $work)
      (global.set $runs (i32.const 1))
      (i32.const 0))"""
RUN_TWICE = "https://github.com/bytecodealliance/wasmtime/issues/10219"


def test_a_second_run_of_a_command_is_explained_by_the_first(engine, recorder):
    found = explain(commands(engine, recorder, (command(GUARDED), 3)), 3)
    assert found.sentence == (
        "Step 3 trapped with `unreachable` because step 2 had run this command already: "
        "an instance of a command runs once."
    )
    assert found.because == (
        "It stopped in `_start`, before it had called or written anything.",
        "So does the start-up code of wasi-libc: the first run sets a flag, and where it is set, the next one "
        "reaches `unreachable` on purpose.",
        "Store 1 is poisoned from here on: no component in it can be called any more.",
    )
    assert found.advice == (
        "Compile once, and give every run a store and an instance of its own; a guest for many calls exports "
        "functions of its own instead of `run`."
    )
    assert found.sources[0] == RUN_TWICE


def test_a_third_run_is_refused_for_the_second(engine, recorder):
    found = explain(commands(engine, recorder, (command(GUARDED), 3)), 4)
    assert found.because[0] == "Step 3 ran a command that step 2 had run already: that was the mistake."


def test_a_first_run_in_a_used_store_is_no_second_run(engine, recorder):
    traps = command('(func $_start (export "run") (result i32) unreachable)', "traps")
    trace = commands(engine, recorder, (command(GUARDED), 1), (traps, 1))
    assert explain(trace, 4).sentence == "Step 4 trapped with `unreachable` in `_start` of traps."


def test_a_second_run_that_traps_deeper_down_is_not_put_down_to_the_guard(engine, recorder):
    found = explain(commands(engine, recorder, (command(BUGGY), 2)), 3)
    assert found.sentence == "Step 3 trapped with `unreachable` in `work` of command."
    assert RUN_TWICE not in found.sources


def test_a_second_run_that_had_written_something_is_not_put_down_to_the_guard(engine, recorder):
    trace = commands(engine, recorder, (command(GUARDED), 2))
    second = trace.step(3)
    wrote = msgspec.structs.replace(second, outcome=msgspec.structs.replace(second.outcome, stdout="run 2\n"))
    steps = tuple(wrote if step.n == 3 else step for step in trace)
    found = explain(msgspec.structs.replace(trace, steps=steps), 3)
    assert found.sentence == "Step 3 trapped with `unreachable` in `_start` of command."


def test_another_export_that_traps_the_second_time_is_no_command(engine, recorder):
    with Store(engine, recorder) as store:
        instance = store.instantiate(counter)
        instance.call("count")
        instance.call("crash")
    assert explain(recorder.trace(), 3).sentence == "Step 3 trapped with `unreachable` in `boom` of counter."


def test_who_is_refused_after_an_exit_is_told_of_the_exit():
    with Lab() as lab:
        command, store = lab.build("command-hello"), lab.store(wasi=Wasi(args=("hello", "Ada", "0")))
        beside = store.instantiate(command)
        assert store.instantiate(command).call("wasi:cli/run").kind == "exited"
        later = store.instantiate(command)
        refused = [instance.call("wasi:cli/run") for instance in (beside, later)]
        first, second = (explain(lab.trace, outcome.step) for outcome in refused)
    why = (
        "An exit stops a guest in the middle, whatever its status: for the runtime that is a trap, and it does "
        "not let the guest be entered again."
    )
    assert first.because == ("Instance 1 itself never exited; it shares the store with one that did.", why)
    assert second.because == (
        "Instance 3 was made in step 4, after the exit: a new instance does not help in the same store.",
        why,
    )


def test_an_error_without_a_payload_is_explained_without_one(engine, recorder):
    says_no = command('(func $_start (export "run") (result i32) (i32.const 1))', "says-no")
    trace = commands(engine, recorder, (says_no, 1))
    assert explain(trace, 2).sentence == (
        "Step 2 answered with the guest's own error: an ordinary value, no trap."
    )
