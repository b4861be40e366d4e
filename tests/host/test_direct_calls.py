"""Calls that go past wasmtime-py's conversions give what it gives, also when they lie within each other."""

import math
import signal

import pytest

from labkit.host import Counter, Program, Store

CORE = Program.from_wat(
    "core",
    """
    (module
      (import "host" "again" (func $again (param i32) (result i32)))
      (func $sum (export "sum") (param $n i32) (result i32)
        (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
        (i32.add (local.get $n) (call $again (i32.sub (local.get $n) (i32.const 1)))))
      (func (export "both") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
        local.get 3 local.get 2 local.get 1 local.get 0)
      (func (export "narrow") (param f32) (result f32) local.get 0)
      (func (export "same") (param externref) (result externref) local.get 0)
      (func (export "nothing"))
      (func (export "fails") unreachable))
    """,
)

# A guest whose function is called again by the host function that it calls, with a string each time.
COMPONENT = Program.from_wat(
    "component",
    """
    (component
      (import "again" (func $again (param "n" u32) (result u32)))
      (core func $again_core (canon lower (func $again)))
      (core module $m
        (import "" "again" (func $again (param i32) (result i32)))
        (func (export "sum") (param $n i32) (result i32)
          (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
          (i32.add (local.get $n) (call $again (i32.sub (local.get $n) (i32.const 1)))))
        (func (export "fails") unreachable))
      (core instance $i (instantiate $m (with "" (instance (export "again" (func $again_core))))))
      (func (export "sum") (param "n" u32) (result u32) (canon lift (core func $i "sum")))
      (func (export "fails") (canon lift (core func $i "fails"))))
    """,
)


@pytest.fixture
def core(engine):
    with Store(engine, Counter(), imports={"host#again": lambda n: inside.call("sum", n).unwrap()}) as store:
        inside = store.instantiate(CORE)
        yield inside


def test_a_call_inside_a_call_of_the_same_function_keeps_its_own_numbers(core):
    assert core.call("sum", 10).value == 55
    assert core.call("sum", 3).value == 6


def test_a_component_that_is_called_again_from_its_host_function(engine):
    with Store(engine, Counter(), imports={"again": lambda n: other.call("sum", n).unwrap()}) as store:
        # Of another instance: whether the same one may be entered again depends on the release.
        instance, other = (store.instantiate(COMPONENT) for _ in range(2))
        assert instance.call("sum", 1).value == 1
        assert instance.call("fails").code == "unreachable"
        assert instance.call("sum", 1).cause.kind == "poisoned"


def test_numbers_of_every_type_and_more_than_one_result(core):
    assert core.call("both", -1, 2**63, 0.5, 1e300).value == [1e300, 0.5, -(2**63), -1]
    assert core.call("nothing").value is None


def test_what_is_too_large_for_a_32_bit_float_becomes_infinite(core):
    assert core.call("narrow", 1e300).value == math.inf
    assert core.call("narrow", -1e300).value == -math.inf
    assert math.isnan(core.call("narrow", math.nan).value)


def test_references_are_left_to_wasmtime_py(core):
    thing = object()
    assert core.call("same", thing).value is thing


def test_a_trap_leaves_nothing_behind_for_the_next_call(core):
    for _ in range(3):
        assert core.call("fails").code == "unreachable"
        assert core.call("sum", 4).value == 10


def test_whoever_handled_interrupts_before_a_call_does_so_after_it(core):
    def mine(_number, _frame):
        raise AssertionError("nobody pressed anything")

    previous = signal.signal(signal.SIGINT, mine)
    try:
        core.call("sum", 3)
        core.call("fails")
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, previous)


def test_an_interrupt_before_the_guest_is_entered_leaves_no_entry_behind(core, engine):
    def interrupting(_event):
        signal.raise_signal(signal.SIGINT)

    begin = core.store.observer.begin
    core.store.observer.begin = lambda event: (interrupting(event), begin(event))[1]
    with pytest.raises(KeyboardInterrupt):
        core.call("sum", 1)
    core.store.observer.begin = begin
    assert engine.entries.stack == []
    assert core.call("sum", 2).value == 3
