from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit import resources
from labkit.guests import Toolchain
from tests.compiler import compiler


@pytest.fixture(scope="package", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of this run's own, with what `labkit setup` has put into the user's."""
    users = resources.cache_dir()
    own = tmp_path_factory.mktemp("cache")
    for part in ("tools", "cargo"):
        if (users / part).is_dir():
            (own / part).symlink_to((users / part).resolve())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABKIT_CACHE", str(own))
        yield own


@pytest.fixture
def toolchain(cache: Path) -> Toolchain:
    return compiler()


@pytest.fixture
def no_toolchain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")


@pytest.fixture
def own_guests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped guests that a test may damage."""
    copy = tmp_path / "guests"
    shutil.copytree(resources.guests_dir(), copy, ignore=shutil.ignore_patterns("target", "Cargo.lock"))
    monkeypatch.setattr(resources, "guests_dir", lambda: copy)
    return copy
