"""Real releases, fetched once per machine into the user's cache, and children that misbehave on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.host import Program
from labkit.record import Scenario, ScenarioStep
from labkit.runtimes import add_runtime
from labkit.runtimes import run as running
from tests.host.wat import CORE_COUNTER, COUNTER

RELEASES = ("20.0.0", "36.0.0", "39.0.0", "41.0.0", "42.0.0", "45.0.0", "50.0.1")

PROGRAMS = {
    "counter": Program.from_wat("counter", COUNTER),
    "core-counter": Program.from_wat("core-counter", CORE_COUNTER),
}


@pytest.fixture(scope="session", autouse=True)
def releases() -> None:
    for version in RELEASES:
        add_runtime(version)


def story(guest: str = "counter", *exports: str, **more: object) -> Scenario:
    """A scenario that calls these exports of one live instance."""
    steps = tuple(ScenarioStep(export=export) for export in exports)
    return Scenario(id="test/story", title="Test", guest=guest, steps=steps, policy="keep", **more)  # type: ignore[arg-type]  # fields


@pytest.fixture
def misbehaving(monkeypatch: pytest.MonkeyPatch):
    """Children do something bad, named by the fixture's argument, when they come to a call of `spin`."""

    def use(how: str) -> None:
        script = Path(__file__).with_name("misbehaving_child.py")
        monkeypatch.setattr(running, "_ENTRY", (str(script), how))

    return use
