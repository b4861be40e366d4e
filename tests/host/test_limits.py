"""A runaway guest ends: by its time limit, by the interrupt button, by fuel."""

import os
import signal
import threading
import time

import pytest

from labkit.host import Cause, Counter, Engine, EngineSettings, Limits, Program, Store
from tests.host.wat import CALLS_HOST, CORE_COUNTER, COUNTER

component = Program.from_wat("counter", COUNTER)
core = Program.from_wat("core-counter", CORE_COUNTER)


@pytest.mark.parametrize("program", [component, core], ids=["component", "core"])
def test_a_call_over_its_time_limit_is_stopped(engine, program):
    with Store(engine, Counter(), limits=Limits(seconds=0.2)) as store:
        outcome = store.instantiate(program).call("spin")
    assert (outcome.kind, outcome.code) == ("timed-out", "interrupt")
    assert outcome.message == "the call ran longer than its limit of 0.2 s"


@pytest.mark.parametrize("program", [component, core], ids=["component", "core"])
def test_the_interrupt_button_stops_a_runaway_guest_within_a_second(engine, program):
    with Store(engine, Counter(), limits=Limits(seconds=30)) as store:
        instance = store.instantiate(program)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            instance.call("spin")
        assert time.monotonic() - started < 1.2


def test_after_an_interrupt_a_component_is_refused_and_a_core_instance_answers(engine):
    with Store(engine, Counter(), limits=Limits(seconds=0.1)) as store:
        in_component, in_core = store.instantiate(component), store.instantiate(core)
        in_component.call("spin")
        assert in_component.call("count").cause == Cause("poisoned", 3, "store")
        assert in_core.call("count").unwrap() == 1


def test_a_guest_in_another_thread_is_stopped_too(engine):
    outcomes = []
    with Store(engine, Counter(), limits=Limits(seconds=0.2)) as store:
        instance = store.instantiate(component)
        thread = threading.Thread(target=lambda: outcomes.append(instance.call("spin")))
        thread.start()
        thread.join(5)
    assert [outcome.kind for outcome in outcomes] == ["timed-out"]


def test_fuel_runs_out_as_a_trap():
    with Engine(EngineSettings(fuel=True)) as engine, Store(engine, Counter(), limits=Limits(fuel=1000)) as store:
        outcome = store.instantiate(component).call("spin")
    assert (outcome.kind, outcome.code, outcome.message) == (
        "trapped",
        "out-of-fuel",
        "wasm trap: all fuel consumed by WebAssembly",
    )


def test_the_ticker_sleeps_when_nobody_calls_and_wakes_again(engine):
    with Store(engine, Counter(), limits=Limits(seconds=0.2)) as store:
        instance = store.instantiate(core)
        instance.call("count")
        time.sleep(1.3)
        assert instance.call("spin").kind == "timed-out"


GROWS = """(module (memory (export "memory") 1)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"""


def test_a_memory_grows_up_to_its_limit_and_no_further(engine):
    with Store(engine, Counter(), limits=Limits(memory=10 * 65536)) as store:
        instance = store.instantiate(Program.from_wat("grows", GROWS))
        assert instance.call("grow", 9).unwrap() == 1
        assert instance.call("grow", 1).unwrap() == -1


def test_a_program_that_begins_over_the_limit_is_refused_and_poisons_nothing(engine):
    with Store(engine, Counter(), limits=Limits(memory=65536)) as store:
        small = store.instantiate(component)
        big = store.instantiate(Program.from_wat("big", "(module (memory 3))"))
        assert (big.outcome.kind, big.outcome.cause) == ("refused", Cause("limit"))
        assert big.outcome.message == "memory minimum size of 3 pages exceeds memory limits"
        assert small.call("count").unwrap() == 1


def test_one_store_has_room_for_ten_thousand_instances(engine):
    empty = Program.from_wat("empty", "(module)")
    with Store(engine, Counter()) as store:
        assert {store.instantiate(empty).outcome.kind for _ in range(10_000)} == {"returned"}
        outcome = store.instantiate(empty).outcome
    assert (outcome.kind, outcome.cause) == ("refused", Cause("limit"))
    assert outcome.message == "resource limit exceeded: instance count too high at 10001"


def test_the_interrupt_button_reaches_a_host_function_that_waits(engine):
    asks = Program.from_wat("asks", CALLS_HOST)
    with Store(engine, Counter(), imports={"ask": lambda: threading.Event().wait(30)}) as store:
        instance = store.instantiate(asks)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            instance.call("go")
        assert time.monotonic() - started < 1.2
        assert instance.call("ok").cause == Cause("poisoned", 2, "store")
