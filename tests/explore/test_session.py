"""Calls of programs that nobody here wrote, with what their host gives them."""

import pytest

from labkit.errors import ArgumentError, ProgramError, UnknownNameError
from labkit.explore import Session, profile_of
from labkit.host import Program, Wasi


def outcomes(played):
    return [step.outcome.describe() for step in played.trace if step.do == "call"]


def calls(session, *texts):
    return session.then(*map(session.call, texts))


def test_an_import_that_nobody_provides_stops_the_guest_that_calls_it(session, nursery):
    played = calls(session("ENV"), "count", "read(8)", "ask(7)", "count()").play(nursery=nursery)
    assert outcomes(played) == [
        "returned 1",
        "returned 0",
        "stopped on a host exception: UnmetImportError: env#log was called, and nobody provides it",
        "returned 2",
    ]
    (asked,) = played.trace.steps[3].host_calls
    assert (asked.name, asked.args, asked.raised) == ("env#log", (7,), "UnmetImportError")


def test_a_stub_returns_its_value_and_the_call_is_recorded(session, nursery):
    played = calls(session("ENV").with_stubs({"env#log": "-3"}), "ask(7)").play(nursery=nursery)
    (asked,) = played.trace.steps[1].host_calls
    assert (outcomes(played), asked.args, asked.returned) == (["returned -3"], (7,), -3)


def test_an_imported_resource_keeps_nobody_from_calling_the_rest(session, nursery):
    played = calls(session("RESOURCES"), "answer").play(nursery=nursery)
    assert outcomes(played) == ["returned 42"]


@pytest.mark.parametrize(
    ("stubs", "error", "sentence"),
    [
        (
            {"env#lag": "1"},
            UnknownNameError,
            "There is no import of env to stub named 'env#lag'; did you mean env#log?",
        ),
        ({"env#log": "x"}, ArgumentError, "the result of env#log takes i32, not 'x': a whole number is wanted."),
    ],
)
def test_a_stub_that_does_not_fit(session, stubs, error, sentence):
    with pytest.raises(error) as refused:
        session("ENV").with_stubs(stubs)
    assert str(refused.value) == sentence


def test_a_stub_for_what_imports_nothing(session):
    with pytest.raises(ArgumentError, match=r"^cell has no import that needs a stub\.$"):
        session("CELL").with_stubs({"foo": "1"})


def test_a_call_that_does_not_fit(session):
    with pytest.raises(UnknownNameError, match=r"There is no export of cell named 'gorw'; did you mean grow"):
        session("CELL").call("gorw()")
    with pytest.raises(ArgumentError, match=r"put takes 2 arguments, not 1"):
        session("CELL").call("put(1)")


def test_what_each_step_changes_in_memory_is_seen(session, nursery):
    played = calls(session("CELL"), "put(16, 7)", "grow", "crash").play(nursery=nursery)
    assert outcomes(played) == ["returned", "returned 1", "trapped: unreachable"]
    diffs = played.memories
    assert [(n, diff.changed, diff.size_after - diff.size_before) for n, diff in diffs.items()] == [
        (2, 1, 0), (3, 0, 65536), (4, 0, 0)
    ]  # fmt: skip
    assert (diffs[2].changes[0].address, diffs[2].changes[0].hint) == (16, "0 → 7")


@pytest.mark.parametrize(
    ("policy", "counts"),
    [("keep", ["returned 1", "returned 2"]), ("fresh-store", ["returned 1", "returned 1"])],
)
def test_any_policy(session, nursery, policy, counts):
    assert outcomes(calls(session("ENV", policy=policy), "count", "count").play(nursery=nursery)) == counts


def test_another_release(session):
    played = calls(session("CELL"), "crash", "put(0, 1)").play(wasmtime="41.0.0")
    assert (played.trace.runtime, outcomes(played)) == ("41.0.0", ["trapped: unreachable", "returned"])


def test_a_release_that_cannot_make_up_a_memory_says_so(session):
    with pytest.raises(ProgramError) as refused:
        calls(session("ENV"), "count").play(wasmtime="41.0.0")
    assert str(refused.value) == (
        "env imports env#memory, a memory, and Wasmtime 41.0.0 cannot make one up; that came with 45.0.0."
    )


def test_a_component_under_a_release_that_has_none(lab_guest, nursery):
    assert profile_of(lab_guest, wasmtime="36.0.0", nursery=nursery).problem == (
        "process-panic is a component, and Wasmtime 36.0.0 runs core modules only from Python; components came "
        "with 39.0.0."
    )


def test_a_command_finds_what_it_is_given(nursery):
    from labkit.programs import build_program

    program = build_program("command-hello")
    found = Session(program, profile_of(program, nursery=nursery), wasi=Wasi(args=("hello", "Ada")))
    played = found.then(found.call("wasi:cli/run()")).play(nursery=nursery)
    assert "Ada" in played.trace.steps[1].outcome.stdout


def test_a_program_that_cannot_be_made_cannot_be_called(nursery):
    program = Program.from_wat("set", '(module (type (shared (func))) (func (export "f")))')
    found = Session(program, profile_of(program, nursery=nursery))
    with pytest.raises(ProgramError, match="shared-everything-threads"):
        found.call("f()")
