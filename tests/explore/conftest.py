"""Profiles and sessions of programs, which the tests of this folder share: each is compiled in a child."""

from __future__ import annotations

from functools import cache

import pytest

from labkit import resources
from labkit.explore import Profile, Session, profile_of
from labkit.host import Program
from labkit.runtimes import Nursery
from tests.explore import wat


@pytest.fixture(scope="session")
def nursery():
    with Nursery() as found:
        yield found


@pytest.fixture(scope="session")
def profiled(nursery):
    """A program of `tests.explore.wat` by its name there, with its profile."""

    @cache
    def profile(name: str) -> tuple[Program, Profile]:
        program = Program.from_wat(name.lower(), getattr(wat, name))
        return program, profile_of(program, nursery=nursery)

    return profile


@pytest.fixture
def session(profiled):
    """A session with no calls yet."""
    return lambda name, **given: Session(*profiled(name), **given)


@pytest.fixture(scope="session")
def lab_guest():
    """A guest of the catalogue, as it was built for the release."""
    return Program.from_file(resources.guests_dir() / "prebuilt" / "process-panic.wasm")
