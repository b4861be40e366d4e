"""What a scenario needs, and whether a release can run it at all: known without the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labkit.host import lacks
from labkit.host.lacks import Lack
from labkit.host.program import Program
from labkit.host.versions import Release
from labkit.record.scenario import Scenario
from labkit.runtimes.release import version_text


def programs_of(scenario: Scenario) -> tuple[str, ...]:
    """The names of the programs a scenario needs, in order."""
    return scenario.program_names


def lack_of(scenario: Scenario, programs: Mapping[str, Program], version: str) -> Lack | None:
    """What `version` lacks to run `scenario` at all: components, awaited calls of them, a setting of the engine.

    `programs` holds every program the scenario names. None also where the release runs it and aborts.
    """
    release = Release(version_text(version))
    found = [lacks.of_components(one.name, release) for one in programs.values() if one.kind == "component"]
    found += [lacks.of_settings(scenario.engine, release)]
    found += [
        lacks.of_awaited_components(name, release)
        for name in _awaited(scenario)
        if programs[name].kind == "component"
    ]
    return next((lack for lack in found if lack is not None), None)


def check_playable(scenario: Scenario, programs: Mapping[str, Program], version: str) -> None:
    """Raise `ProgramError` or `LabkitError` where `lack_of` finds something."""
    lack = lack_of(scenario, programs, version)
    if lack is not None:
        raise lack.error()


def _awaited(scenario: Scenario) -> Iterator[str]:
    """The programs whose instantiation or calls are awaited."""
    made: dict[int, str] = {}
    for step in scenario.steps:
        name = step.program or scenario.guest
        if step.do == "instantiate":
            made[step.instance or len(made) + 1] = name
        elif step.instance is not None:
            name = made.get(step.instance, name)
        if step.asynchronous:
            yield name
