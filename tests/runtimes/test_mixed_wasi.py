"""Synchronous and asynchronous WASI under real releases: what aborts, what is refused, what blocks."""

from __future__ import annotations

import pytest

from labkit.cli.load import program
from labkit.errors import LabkitError, ProgramError, UnsafeError
from labkit.host import Cause, Engine, EngineSettings, Outcome
from labkit.record import Trace, explain, find_scenario
from labkit.runtimes import Runtime, add_runtime, programs_of, run_in_child

SINCE_45 = ("45.0.0", "49.0.0", "50.0.1")
BEFORE_45 = ("39.0.0", "41.0.0", "42.0.0", "44.0.0")

NO_REACTOR = "there is no reactor running, must be called from the context of a Tokio 1.x runtime"
LINES = {"45.0.0": "147:43", "49.0.0": "149:43", "50.0.1": "149:43"}
TWICE = {"45.0.0": "wasi:io/error@0.2.6", "49.0.0": "error", "50.0.1": "error"}
RETURNED = Outcome("returned")
NO_INSTANCE = Outcome("refused", cause=Cause("no-instance", 1))


@pytest.fixture(scope="module", autouse=True)
def releases() -> None:
    for version in (*BEFORE_45, *SINCE_45):
        add_runtime(version)


def played(name: str, version: str) -> Trace:
    scenario = find_scenario(f"03-sync-and-async/{name}")
    return run_in_child(scenario, {n: program(n) for n in programs_of(scenario)}, Runtime(version))


def outcomes(name: str, version: str) -> list[Outcome | None]:
    return [step.outcome for step in played(name, version)]


@pytest.mark.parametrize("version", SINCE_45)
def test_a_timer_of_asynchronous_wasi_aborts_the_process(version: str) -> None:
    made, clock, aborted = outcomes("mixed-wasi", version)
    assert (made, clock) == (RETURNED, Outcome("returned", value=True))
    assert aborted is not None
    assert (aborted.kind, aborted.signal) == ("aborted", "SIGABRT")
    assert aborted.message == f"panicked at crates/wasi/src/p2/host/clocks.rs:{LINES[version]}: {NO_REACTOR}"


@pytest.mark.parametrize("version", SINCE_45)
def test_with_asynchronous_wasi_the_store_refuses_synchronous_calls(version: str) -> None:
    message = "store configuration requires that `*_async` functions are used instead"
    refused = Outcome("refused", message=message, cause=Cause("async-required", 1))
    assert outcomes("mixed-wasi-sync-call", version) == [refused, NO_INSTANCE]


@pytest.mark.parametrize("version", SINCE_45)
def test_both_at_once_are_refused_by_the_linker(version: str) -> None:
    message = f"map entry `{TWICE[version]}` defined twice"
    refused = Outcome("refused", message=message, cause=Cause("linked-twice"))
    assert outcomes("mixed-wasi-both", version) == [refused, NO_INSTANCE]


def test_linking_both_is_explained_by_what_was_asked_for() -> None:
    explanation = explain(played("mixed-wasi-both", "50.0.1"), 1)
    assert explanation.sentence == (
        "Step 1 was refused because what wasi-timer imports was linked twice: the synchronous WASI and the "
        "asynchronous one define the same names."
    )
    assert explanation.because == (
        "It is the linker that says so, before any guest is entered: nothing is poisoned.",
    )


@pytest.mark.parametrize("version", BEFORE_45)
@pytest.mark.parametrize("name", ["mixed-wasi", "mixed-wasi-sync-call", "mixed-wasi-both"])
def test_up_to_44_there_is_no_asynchronous_wasi(name: str, version: str) -> None:
    with pytest.raises(LabkitError) as raised:
        played(name, version)
    sentence = f"Wasmtime {version} has no asynchronous WASI for components; use 45.0.0 or later."
    assert str(raised.value) == sentence


def gap(trace: Trace) -> float:
    """The share of the last call's time in which nothing else ran."""
    step = trace.steps[-1]
    assert step.outcome == Outcome("returned", value=300)
    assert step.gap_ms is not None
    assert step.us is not None
    return step.gap_ms * 1000 / step.us


@pytest.mark.parametrize("version", SINCE_45)
def test_synchronous_wasi_stops_the_loop_although_the_call_is_awaited(version: str) -> None:
    assert gap(played("sync-wasi-awaited", version)) > 0.9


def test_up_to_44_no_call_of_a_component_is_awaited() -> None:
    with pytest.raises(ProgramError, match=r"Wasmtime 44\.0\.0 calls core modules only asynchronously"):
        played("sync-wasi-awaited", "44.0.0")


def test_called_in_a_thread_it_does_not_stop_the_loop_on_any_release() -> None:
    # Of all releases together: a busy machine stops for a moment now and then.
    assert min(gap(played("sync-wasi-in-thread", version)) for version in (*BEFORE_45, *SINCE_45)) < 0.5


def test_outside_a_child_asynchronous_wasi_is_not_even_tried() -> None:
    with pytest.raises(UnsafeError) as raised:
        Engine(EngineSettings(wasi="async"))
    assert str(raised.value) == (
        "Asynchronous WASI aborts the whole process as soon as a guest waits through it, because nothing drives "
        "its timers, so that runs in a child process only: labkit run ID --wasmtime 50.0.1, or "
        "lab.run(…, runtime='50.0.1')."
    )
