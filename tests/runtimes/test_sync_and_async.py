"""Failure mode 3 under real releases: what aborts, with which last words, and what is refused since 42."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from labkit.cli.load import program
from labkit.host import Cause, Outcome
from labkit.record import Trace, find_scenario, scenarios
from labkit.resources import PACKAGE
from labkit.runtimes import Runtime, add_runtime, find_change, programs_of, run_in_child

FAMILY = "03-sync-and-async"
OLD = "must use async instantiation when async support is enabled"
NEW = "assertion failed: !store.0.async_support()"

# Where an engine made for async meets a synchronous instantiation, by release.
AT_INSTANTIATION = {
    "14.0.0": f"panicked at crates/wasmtime/src/instance.rs:189:9: {OLD}",
    "20.0.0": f"panicked at crates/wasmtime/src/runtime/instance.rs:191:9: {OLD}",
    "36.0.0": f"panicked at crates/wasmtime/src/runtime/instance.rs:196:9: {OLD}",
    "39.0.0": f"panicked at crates/wasmtime/src/runtime/instance.rs:870:9: {NEW}",
    "41.0.0": f"panicked at crates/wasmtime/src/runtime/instance.rs:880:9: {NEW}",
}
# Where a plain engine meets an asynchronous host function.
WITHOUT = "cannot use `func_new_async` without enabling async support in the config"
AT_LINKING = {
    "14.0.0": f"panicked at crates/wasmtime/src/linker.rs:473:9: {WITHOUT}",
    "20.0.0": f"panicked at crates/wasmtime/src/runtime/linker.rs:514:9: {WITHOUT}",
    "36.0.0": f"panicked at crates/wasmtime/src/runtime/linker.rs:473:9: {WITHOUT}",
    "39.0.0": f"panicked at crates/wasmtime/src/runtime/linker.rs:471:9: {WITHOUT}",
    "41.0.0": f"panicked at crates/wasmtime/src/runtime/linker.rs:471:9: {WITHOUT}",
}
SINCE_42 = ("42.0.0", "45.0.0", "50.0.1")
WANTS_ASYNC = "store configuration requires that `*_async` functions are used instead"

INSTANTIATED = Outcome("returned")


@pytest.fixture(scope="module", autouse=True)
def oldest() -> None:
    add_runtime("14.0.0")


def played(name: str, version: str) -> Trace:
    scenario = find_scenario(name)
    return run_in_child(scenario, {n: program(n) for n in programs_of(scenario)}, Runtime(version))


def outcomes(name: str, version: str) -> list[Outcome | None]:
    return [step.outcome for step in played(name, version)]


def aborted(outcome: Outcome | None) -> tuple[str, str | None, str | None]:
    assert outcome is not None
    return outcome.kind, outcome.signal, outcome.message


@pytest.mark.parametrize(
    ("name", "version"),
    [
        *((FAMILY, version) for version in AT_INSTANTIATION),
        *((f"{FAMILY}/start-function", version) for version in ("20.0.0", "41.0.0")),
        *((f"{FAMILY}/sync-call", version) for version in ("36.0.0", "41.0.0")),
        *((f"{FAMILY}/async-host-function-async-engine", version) for version in AT_INSTANTIATION),
    ],
)
def test_up_to_41_the_first_instantiation_aborts_the_process(name, version):
    (only,) = outcomes(name, version)
    assert aborted(only) == ("aborted", "SIGABRT", AT_INSTANTIATION[version])


@pytest.mark.parametrize("version", ["20.0.0", "41.0.0"])
def test_up_to_41_a_yielding_store_aborts_the_process_too(version):
    (only,) = outcomes(f"{FAMILY}/epoch-yield", version)
    assert aborted(only) == ("aborted", "SIGABRT", AT_INSTANTIATION[version])


@pytest.mark.parametrize("version", AT_LINKING)
def test_up_to_41_linking_an_async_function_on_a_plain_engine_aborts_the_process(version):
    made, counted, last = outcomes(f"{FAMILY}/async-host-function", version)
    assert (made, counted) == (INSTANTIATED, Outcome("returned", value=1))
    assert aborted(last) == ("aborted", "SIGABRT", AT_LINKING[version])


@pytest.mark.parametrize("version", SINCE_42)
def test_since_42_the_switch_is_ignored_and_all_is_well(version):
    assert outcomes(FAMILY, version) == [INSTANTIATED, Outcome("returned", value=5)]
    assert outcomes(f"{FAMILY}/start-function", version) == [INSTANTIATED, Outcome("returned", value=1)]
    assert outcomes(f"{FAMILY}/sync-call", version) == [INSTANTIATED, *[Outcome("returned", value=7)] * 3]


@pytest.mark.parametrize("version", SINCE_42)
def test_since_42_the_store_with_an_async_function_refuses_every_synchronous_call(version):
    def refused(since: int | None) -> Outcome:
        return Outcome("refused", message=WANTS_ASYNC, cause=Cause("async-required", since))

    assert outcomes(f"{FAMILY}/async-host-function", version) == [
        INSTANTIATED,
        Outcome("returned", value=1),
        refused(3),
        Outcome("refused", cause=Cause("no-instance", 3)),
        refused(3),
        INSTANTIATED,
        Outcome("returned", value=1),
    ]
    no_instance = Outcome("refused", cause=Cause("no-instance", 1))
    assert outcomes(f"{FAMILY}/async-host-function-async-engine", version) == [refused(1), no_instance]
    assert outcomes(f"{FAMILY}/epoch-yield", version) == [refused(None), no_instance]


@pytest.mark.parametrize("version", [*AT_INSTANTIATION, *SINCE_42])
def test_without_async_it_works_on_every_release(version):
    trace = played(f"{FAMILY}/all-sync", version)
    assert [step.outcome for step in trace] == [
        INSTANTIATED,
        Outcome("returned", value=7),
        Outcome("returned", value=5),
    ]
    assert [(call.name, call.args) for call in trace.steps[1].host_calls] == [("host#log", (7,))]


def test_bisecting_names_42():
    change = find_change(find_scenario(FAMILY), program)
    assert change.sentence == (
        f"Up to 41.0.0 step 1 aborted the process with SIGABRT ({AT_INSTANTIATION['41.0.0']}); "
        "since 42.0.0 it returns."
    )
    scenario = find_scenario(f"{FAMILY}/async-host-function")
    change = find_change(scenario, program, releases=["14.0.0", "20.0.0", "36.0.0", "41.0.0", "42.0.0", "50.0.1"])
    assert change.sentence == (
        f"Up to 41.0.0 step 3 aborted the process with SIGABRT ({AT_LINKING['41.0.0']}); "
        "since 42.0.0 it is refused: the store wants asynchronous calls."
    )


# What a cell would do in a kernel whose own release aborts: each attempt must be refused, and the process live on.
IN_A_KERNEL_OF_41 = """
import sys
from labkit.errors import LabkitError
from labkit.host import Counter, Engine, EngineSettings, Program, Store
from labkit.record import find_scenario
from labkit.reuse import play

CALLS = '(module (import "host" "log" (func (param i32))))'
ASYNC_FUNCTION = Program.from_wat("calls", CALLS)

async def log(_number):
    pass

for name in sys.argv[1:]:
    try:
        play(find_scenario(name), lambda _name: ASYNC_FUNCTION)
    except LabkitError as error:
        print(type(error).__name__, error)
made_for_async = EngineSettings(async_support=True)
for settings, function in ((EngineSettings(), log), (made_for_async, print), (EngineSettings(), print)):
    with Engine(settings) as engine, Store(engine, Counter(), imports={"host#log": function}) as store:
        outcome = store.instantiate(ASYNC_FUNCTION).outcome
        print(outcome.kind, outcome.cause and outcome.cause.kind)
"""


def test_outside_a_child_a_release_that_aborts_is_not_asked():
    names = [
        name
        for name in scenarios()
        if name.startswith(f"{FAMILY}/async") or name in (FAMILY, f"{FAMILY}/epoch-yield")
    ]
    done = subprocess.run(
        [sys.executable, "-c", IN_A_KERNEL_OF_41, *names],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (Runtime("41.0.0").path, PACKAGE.parent)))},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    sentence = (
        "UnsafeError Wasmtime 41.0.0 aborts the whole process when synchronous and asynchronous are mixed, so "
        "that runs in a child process only: labkit run ID --wasmtime 41.0.0, or lab.run(…, runtime='41.0.0')."
    )
    assert (done.returncode, done.stderr) == (0, "")
    entered = ["refused async-required", "refused async-required", "returned None"]
    assert done.stdout.splitlines() == [*[sentence] * len(names), *entered]
