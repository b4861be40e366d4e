"""Host functions: values out and in, exceptions, re-entrance, output."""

import pytest

from labkit.errors import ArgumentError, ProgramError
from labkit.host import Cause, Counter, Engine, EngineSettings, Outcome, Program, Store
from tests.host.wat import CALLS_HOST, CORE_CALLS_HOST, CORE_EXITS

asks = Program.from_wat("asks", CALLS_HOST)
core_asks = Program.from_wat("core-asks", CORE_CALLS_HOST)


def test_a_component_gets_what_the_host_function_returns(engine):
    with Store(engine, Counter(), imports={"ask": lambda: 42}) as store:
        assert store.instantiate(asks).call("go").unwrap() == 42


def test_a_core_module_passes_arguments_and_gets_the_result(engine):
    with Store(engine, Counter(), imports={"host#ask": lambda x: x + 1}) as store:
        assert store.instantiate(core_asks).call("go").unwrap() == 21


@pytest.mark.parametrize(("program", "path"), [(asks, "ask"), (core_asks, "host#ask")])
def test_an_exception_in_a_host_function_is_the_outcome(engine, program, path):
    def full(*_args):
        raise OSError("the disk is full")

    with Store(engine, Counter(), imports={path: full}) as store:
        instance = store.instantiate(program)
        stopped = instance.call("go")
        assert (stopped.kind, stopped.raised, stopped.message) == ("host-error", "OSError", "the disk is full")


def test_an_exception_in_a_host_function_poisons_the_store(engine):
    def full():
        raise OSError("the disk is full")

    with Store(engine, Counter(), imports={"ask": full}) as store:
        instance = store.instantiate(asks)
        instance.call("go")
        assert instance.call("ok").cause == Cause("poisoned", 2, "store")


def test_a_host_function_that_returns_the_wrong_type_is_named(engine):
    with Store(engine, Counter(), imports={"ask": lambda: "many"}) as store:
        outcome = store.instantiate(asks).call("go")
    assert (outcome.kind, outcome.raised) == ("host-error", "ArgumentError")
    assert outcome.message == "the result of host function ask takes u32, not 'many'."


def test_a_missing_import_is_one_sentence(engine):
    with (
        Store(engine, Counter()) as store,
        pytest.raises(ProgramError, match=r"asks imports ask, which nobody provides; pass Python functions with"),
    ):
        store.instantiate(asks)


def test_a_host_function_may_call_back_on_this_release(engine):
    inner = []
    imports = {"ask": lambda: inner.append(instance.call("ok")) or 5}
    with Store(engine, Counter(), imports=imports) as store:
        instance = store.instantiate(asks)
        assert instance.call("go").unwrap() == 5
    assert inner == [Outcome("returned", value=7, step=3)]


def test_a_store_cannot_be_closed_from_inside(engine):
    imports = {"ask": lambda: store.close() or 1}
    with Store(engine, Counter(), imports=imports) as store:
        outcome = store.instantiate(asks).call("go")
        assert (outcome.kind, outcome.raised) == ("host-error", "ClosedError")
        assert outcome.message == "Store 1 cannot be closed from a host function while step 2 is still inside it."
        assert not store.closed


def test_an_exit_is_an_outcome_with_its_status(engine):
    with Store(engine, Counter()) as store:
        instance = store.instantiate(Program.from_wat("exits", CORE_EXITS))
        quit_ = instance.call("quit")
        assert (quit_.kind, quit_.status) == ("exited", 3)


def test_a_wrong_argument_does_not_enter_the_guest(engine):
    with Store(engine, Counter(), imports={"ask": lambda: 1}) as store:
        instance = store.instantiate(asks)
        with pytest.raises(ArgumentError, match=r"go takes 0 arguments, not 1\."):
            instance.call("go", 1)
        assert instance.call("ok") == Outcome("returned", value=7, step=2)


def test_a_name_is_no_program(engine):
    with (
        Store(engine, Counter()) as store,
        pytest.raises(ArgumentError, match=r"such as lab\.build\('process-panic'\) gives, not 'process-panic'\."),
    ):
        store.instantiate("process-panic")


WANTS_ASYNC = "store configuration requires that `*_async` functions are used instead"
plain = Program.from_wat("plain", '(module (func (export "ok") (result i32) i32.const 7))')


async def later(_number):
    raise AssertionError("a synchronous caller never comes here")


def test_since_an_async_function_is_linked_the_store_refuses_synchronous_calls(engine):
    with Store(engine, Counter(), imports={"host#ask": later}) as store:
        before = store.instantiate(plain)
        assert before.call("ok").unwrap() == 7
        linked = store.instantiate(core_asks)
        assert linked.outcome == Outcome(
            "refused", message=WANTS_ASYNC, cause=Cause("async-required", 3), step=linked.outcome.step
        )
        assert linked.outcome.describe() == "was refused: async-required since step 3"
        assert linked.call("ok").cause == Cause("no-instance", 3)
        refused = before.call("ok")
        assert (refused.kind, refused.message, refused.cause) == (
            "refused",
            WANTS_ASYNC,
            Cause("async-required", 3),
        )
        assert store.instantiate(plain).outcome.cause == Cause("async-required", 3)
        assert store.poisoned_by is None


def test_an_async_function_that_nobody_imports_changes_nothing(engine):
    with Store(engine, Counter(), imports={"host#ask": later}) as store:
        assert store.instantiate(plain).call("ok").unwrap() == 7


def test_the_same_program_is_linked_both_ways_in_one_engine(engine):
    with Store(engine, Counter(), imports={"host#ask": later}) as store:
        assert store.instantiate(core_asks).outcome.kind == "refused"
    with Store(engine, Counter(), imports={"host#ask": lambda x: x + 1}) as store:
        assert store.instantiate(core_asks).call("go").unwrap() == 21


def test_a_store_whose_epochs_yield_wants_asynchronous_calls_from_the_start():
    with Engine(EngineSettings(epoch_yield=True)) as engine, Store(engine, Counter()) as store:
        outcome = store.instantiate(plain).outcome
    assert (outcome.kind, outcome.message, outcome.cause) == ("refused", WANTS_ASYNC, Cause("async-required"))
    assert outcome.describe() == "was refused: async-required"


def test_a_guest_and_a_host_function_that_call_each_other_without_end(engine):
    with Store(engine, Counter(), imports={"host#ask": lambda _number: instance.call("go").unwrap()}) as store:
        instance = store.instantiate(core_asks)
        outcome = instance.call("go")
    assert (outcome.kind, outcome.raised) == ("host-error", "OutcomeError")
    assert (
        outcome.message.count("Guests and host functions have called each other 16 times without returning;") == 1
    )


NAMED_ODDLY = """(module
  (import "a#b" "c" (func $one (result i32)))
  (import "a#b" "c" (func $again (result i32)))
  (import "a" "two" (func $two (result i32 i32)))
  (func (export "go") (result i32) (i32.add (call $one) (call $again)))
  (func (export "both") (result i32) (i32.add (call $two))))"""


def test_an_import_may_be_named_oddly_and_be_there_twice(engine):
    imports = {"a#b#c": lambda: 4, "a#two": lambda: [20, 22]}
    with Store(engine, Counter(), imports=imports) as store:
        instance = store.instantiate(Program.from_wat("odd", NAMED_ODDLY))
        assert (instance.call("go").unwrap(), instance.call("both").unwrap()) == (8, 42)


def test_one_value_where_two_are_wanted_is_named(engine):
    with Store(engine, Counter(), imports={"a#b#c": int, "a#two": lambda: 7}) as store:
        outcome = store.instantiate(Program.from_wat("odd", NAMED_ODDLY)).call("both")
    assert (outcome.raised, outcome.message) == (
        "ArgumentError",
        "the result of host function a#two must be i32, i32, not 7.",
    )
