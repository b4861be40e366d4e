"""Repros of real failures, made here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labkit import Lab
from labkit.cli.load import program
from labkit.record import Repro, find_scenario
from labkit.repros import record_repro
from labkit.runtimes import Runtime, add_runtime, own_version

NEW_INSTANCE = "01-poisoned-component/new-instance"


@pytest.fixture(scope="session", autouse=True)
def releases() -> None:
    for version in ("41.0.0", "42.0.0"):
        add_runtime(version)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def packed(name: str = NEW_INSTANCE, policy: str | None = None) -> Repro:
    """A repro of a shipped scenario."""
    scenario = find_scenario(name)
    programs = {name: program(name) for name in scenario.program_names}
    return record_repro(scenario, programs, Runtime(own_version()), policy=policy)


@pytest.fixture(scope="session")
def new_instance() -> Repro:
    """The wrong fix of failure mode 1, which went another way up to Wasmtime 41."""
    return packed()
