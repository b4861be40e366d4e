"""What a release cannot run at all is known before anything runs, and told in one sentence."""

from __future__ import annotations

import pytest

from labkit.errors import LabkitError, ProgramError
from labkit.host import EngineSettings, Program
from labkit.record import Scenario, ScenarioStep
from labkit.runtimes import check_playable

PROGRAMS = {
    "component": Program.from_wat("component", "(component)"),
    "module": Program.from_wat("module", "(module)"),
}


def scenario(*, awaited: str = "", **settings: object) -> Scenario:
    """Instantiates a component and a core module, and awaits the one that is named."""
    steps = [
        ScenarioStep(do="instantiate", store=1, instance=i, program=name, asynchronous=name == awaited)
        for i, name in enumerate(PROGRAMS, 1)
    ]
    return Scenario("test", "a test", "component", tuple(steps), engine=EngineSettings(**settings))


SYNCHRONOUS = scenario()
CALLED = Scenario(
    "test",
    "a test",
    "component",
    (ScenarioStep(do="instantiate", store=1), ScenarioStep(instance=1, export="run", asynchronous=True)),
)


@pytest.mark.parametrize(
    ("wanted", "version", "error", "sentence"),
    [
        (SYNCHRONOUS, "38.0.0", ProgramError,
         "component is a component, and Wasmtime 38.0.0 runs core modules only from Python; "
         "components came with 39.0.0."),
        (scenario(awaited="component"), "44.0.0", ProgramError,
         "component is a component, and Wasmtime 44.0.0 calls core modules only asynchronously; "
         "components came with 45.0.0."),
        (CALLED, "39", ProgramError,
         "component is a component, and Wasmtime 39.0.0 calls core modules only asynchronously; "
         "components came with 45.0.0."),
        (scenario(component_async=True), "44.0.0", LabkitError,
         "Wasmtime 44.0.0 has no async functions of components; use 45.0.0 or later."),
    ],
)  # fmt: skip
def test_what_a_release_lacks(wanted, version, error, sentence):
    with pytest.raises(error) as raised:
        check_playable(wanted, PROGRAMS, version)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        (SYNCHRONOUS, "39.0.0"),
        (scenario(awaited="module"), "39.0.0"),
        (scenario(awaited="component"), "45.0.0"),
        (CALLED, "45.0.0"),
        (scenario(component_async=True), "45.0.0"),
    ],
)
def test_what_it_can_run(wanted, version):
    check_playable(wanted, PROGRAMS, version)


def test_fuel_that_yields_needs_20():
    yielding = scenario(fuel=True, fuel_yield=1000)
    with pytest.raises(LabkitError, match=r"^Guests of Wasmtime 19\.0\.0 cannot yield by fuel; use 20\.0\.0"):
        check_playable(yielding, {"module": PROGRAMS["module"]}, "19.0.0")
