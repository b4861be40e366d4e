"""Scenarios in a child process: the same trace as here, and an outcome whatever happens to the child."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from labkit import Lab, find_scenario
from labkit.errors import ArgumentError, ChildError, ProgramError, UnknownNameError
from labkit.host import Cause, Limits, Outcome, Program
from labkit.record import Trace
from labkit.runtimes import ChildLimits, Nursery, Runtime, run_in_child
from labkit.runtimes.last_words import last_words
from tests.runtimes.conftest import PROGRAMS, story

CANNOT_ENTER = "wasm trap: cannot enter component instance"
NOT_A_NUMBER = '(module (func (export "nan") (result f64) (f64.div (f64.const 0) (f64.const 0))))'
NEW_INSTANCE = "01-poisoned-component/new-instance"


def outcomes(trace: Trace) -> list[str]:
    return [step.outcome.kind for step in trace if step.outcome]


@pytest.fixture(params=["plain", "warm"])
def nursery(request):
    """Children in both ways there are."""
    if request.param == "plain":
        yield None
        return
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def run(nursery):
    """Calls exports of one live instance in a child."""

    def run(exports: str, version: str = "50.0.1", guest: str = "counter", **more: object) -> Trace:
        programs = {guest: PROGRAMS[guest]}
        return run_in_child(story(guest, *exports.split()), programs, Runtime(version), nursery=nursery, **more)  # type: ignore[arg-type]  # options

    return run


def left_by(token: str) -> list[psutil.Process]:
    """Processes that inherited a test's own token."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("LABKIT_TEST") == token and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def strays(token: str) -> list[psutil.Process]:
    """The same without prepared processes, which stay in the root folder; a child has a folder of its own."""
    found = []
    for process in left_by(token):
        with contextlib.suppress(psutil.Error):
            if process.cwd() != "/":
                found.append(process)
    return found


@pytest.fixture
def token(monkeypatch):
    """What every process of this test's children inherits, and no other."""
    mark = secrets.token_hex(8)
    monkeypatch.setenv("LABKIT_TEST", mark)
    return mark


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


def test_up_to_41_a_new_instance_in_the_same_store_answers(lab):
    trace = lab.run(NEW_INSTANCE, runtime="41.0.0")
    assert trace.runtime == "41.0.0"
    assert outcomes(trace) == ["returned", "trapped", "returned", "returned"]
    assert trace.steps[-1].outcome == Outcome("returned", value=20.0)


@pytest.mark.parametrize("version", ["42.0.0", "45.0.0", "50.0.1"])
def test_since_42_it_is_refused(lab, version):
    trace = lab.run(NEW_INSTANCE, runtime=version)
    assert trace.steps[-1].outcome == Outcome(
        "refused", code="cannot-enter-component", message=CANNOT_ENTER, cause=Cause("poisoned", 2, "store")
    )


def test_the_trace_is_the_one_that_is_made_here(lab):
    here, there = lab.run("01-poisoned-component/story"), lab.run("01-poisoned-component/story", runtime="50.0.1")

    def comparable(trace: Trace) -> Trace:
        return msgspec.structs.replace(
            trace, steps=tuple(msgspec.structs.replace(step, us=None) for step in trace.steps)
        )

    assert comparable(here) == comparable(there)


def test_policies_and_knobs_reach_the_child(lab):
    trace = lab.run("01-poisoned-component/typed-error", "pool", runtime="41.0.0", pool_size=2, max_reuse=1)
    assert trace.policy == "pool"
    assert len(trace.stores) == len(
        lab.run("01-poisoned-component/typed-error", "pool", pool_size=2, max_reuse=1).stores
    )


@pytest.mark.parametrize("version", ["20.0.0", "36.0.0", "41.0.0", "50.0.1"])
def test_core_modules_run_under_every_release(version):
    scenario = story("core-counter", "count", "crash", "count", "spin", "count", limits=Limits(seconds=0.2))
    trace = run_in_child(scenario, {"core-counter": PROGRAMS["core-counter"]}, Runtime(version))
    assert outcomes(trace) == ["returned", "returned", "trapped", "returned", "timed-out", "returned"]
    trapped = trace.steps[2].outcome
    assert (trapped.code, trapped.message) == (
        "unreachable",
        "wasm trap: wasm `unreachable` instruction executed",
    )
    assert [frame.func for frame in trapped.frames] == ["boom", "crash"]
    assert trace.steps[4].outcome.message == "the call ran longer than its limit of 0.2 s"
    assert trace.steps[5].outcome.value == 3


def test_a_component_under_a_release_without_components(run):
    with pytest.raises(
        ProgramError,
        match=r"^counter is a component, and Wasmtime 36\.0\.0 runs core modules only from Python; "
        r"components came with 39\.0\.0\.$",
    ):
        run("count", "36.0.0")


def test_what_is_asked_wrongly_is_raised_as_it_is_here(run):
    with pytest.raises(UnknownNameError, match="There is no reuse policy named 'kep'; did you mean keep"):
        run("count", policy="kep")
    with pytest.raises(UnknownNameError, match="There is no export of counter named 'cont'; did you mean count"):
        run("cont")
    scenario = find_scenario(NEW_INSTANCE)
    with pytest.raises(ArgumentError, match="names its own stores, so no reuse policy applies"):
        run_in_child(scenario, PROGRAMS, Runtime("41.0.0"), policy="keep")


def test_an_abort_of_the_runtime_is_the_outcome_of_its_step(misbehaving, run):
    misbehaving("mix")
    trace = run("count spin count", "41.0.0")
    assert outcomes(trace) == ["returned", "returned", "aborted"]
    assert trace.steps[1].outcome == Outcome("returned", value=1)
    aborted = trace.steps[2].outcome
    assert aborted.signal == "SIGABRT"
    assert aborted.message == (
        "panicked at crates/wasmtime/src/runtime/instance.rs:122:9: assertion failed: !store.0.async_support()"
    )
    assert "Fatal Python error" not in aborted.stderr
    assert (trace.steps[2].export, trace.steps[2].store, trace.steps[2].us) == ("spin", 1, None)
    assert [program.name for program in trace.programs] == ["counter"]


def test_before_39_rust_words_its_panic_otherwise(misbehaving, run):
    misbehaving("mix")
    aborted = run("spin", "20.0.0", "core-counter").steps[-1].outcome
    assert (aborted.kind, aborted.signal, aborted.message) == (
        "aborted",
        "SIGABRT",
        "panicked at crates/wasmtime/src/runtime/instance.rs:191:9: "
        "must use async instantiation when async support is enabled",
    )


def test_the_oldest_rust_puts_the_message_first():
    said = (
        "thread '<unnamed>' panicked at 'must use async instantiation', crates/wasmtime/src/instance.rs:189:9\n"
        "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
        "fatal runtime error: failed to initiate panic, error 5\n"
    )
    assert last_words(said) == "panicked at crates/wasmtime/src/instance.rs:189:9: must use async instantiation"


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ("segfault", Outcome("aborted", signal="SIGSEGV", message="Fatal Python error: Segmentation fault")),
        ("exit", Outcome("aborted", signal="exit status 3")),
    ],
)
def test_other_ways_to_die(misbehaving, how, outcome, run):
    misbehaving(how)
    assert run("count spin").steps[-1].outcome == outcome


@pytest.mark.parametrize(
    ("how", "limits", "message"),
    [
        ("babble", ChildLimits(), "the child printed more than 1 MiB"),
        ("files", ChildLimits(), "the child wrote more than 1 MiB into files"),
        ("swell", ChildLimits(memory=300 * 2**20), "the child used more than 300 MiB of memory"),
    ],
)
def test_too_much_is_stopped(misbehaving, how, limits, message, run):
    misbehaving(how)
    began = time.monotonic()
    outcome = run("count spin", limits=limits).steps[-1].outcome
    assert (outcome.kind, outcome.signal, outcome.message) == ("aborted", "SIGKILL", message)
    assert len(outcome.stderr) <= 64 * 1024
    assert time.monotonic() - began < 20


def test_a_child_that_takes_too_long_is_stopped(misbehaving, token, run):
    misbehaving("hang")
    trace = run("count spin", limits=ChildLimits(seconds=2))
    assert trace.steps[-1].outcome == Outcome("timed-out", message="the child ran longer than its limit of 2 s")
    assert strays(token) == []


def test_nothing_that_a_child_started_outlives_it(misbehaving, token, run):
    misbehaving("fork")
    assert run("count spin").steps[-1].outcome.signal == "SIGABRT"
    assert strays(token) == []


def test_a_child_killed_from_outside(misbehaving, run):
    misbehaving("hang")

    def kill() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for process in psutil.Process().children(recursive=True):
                # Others come and go meanwhile, those of other tests among them.
                with contextlib.suppress(psutil.Error):
                    # The child says in a folder of its own that it has come to the call.
                    if Path(process.cwd(), "hanging").exists():
                        process.kill()
                        return
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    trace = run("count spin")
    killer.join()
    assert trace.steps[-1].outcome == Outcome("aborted", signal="SIGKILL")
    assert trace.steps[-1].export == "spin"


def test_a_child_that_does_not_begin(misbehaving, run):
    misbehaving("at-start")
    with pytest.raises(
        ChildError, match=r"^The child process for Wasmtime 50\.0\.1 did not begin: no such thing$"
    ):
        run("count")


WITHOUT_ROOM = """
import resource
from labkit.errors import ChildError
from labkit.record import find_scenario
from labkit.host import Program
from labkit.runtimes import Runtime, run_in_child

resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
empty = Program.from_wat("empty", "(module)")
try:
    run_in_child(find_scenario("01-poisoned-component"), {"process-panic": empty}, Runtime("50.0.1"))
except ChildError as error:
    print(error)
"""


def test_a_file_system_without_room_for_the_childs_job():
    done = subprocess.run([sys.executable, "-c", WITHOUT_ROOM], capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout, done.stderr) == (
        "The child process for Wasmtime 50.0.1 cannot be started: File too large.\n",
        "",
    )


def test_the_environment_cannot_change_what_a_child_does(monkeypatch, run):
    monkeypatch.setenv("PYTHONINSPECT", "1")
    monkeypatch.setenv("PYTHONSTARTUP", os.devnull)
    monkeypatch.setenv("RUST_BACKTRACE", "full")
    outcome = run("crash").steps[-1].outcome
    assert outcome.message == "wasm trap: wasm `unreachable` instruction executed"


def test_a_value_that_json_cannot_carry_comes_back_as_a_word():
    divide = Program.from_wat("divide", NOT_A_NUMBER)
    trace = run_in_child(story("divide", "nan"), {"divide": divide}, Runtime("36.0.0"))
    assert trace.steps[-1].outcome == Outcome("returned", value="nan")
