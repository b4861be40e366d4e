"""One hub for all tests of the board; each begins with an empty board."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkit.hub.board.kept import Shelf
from labkit.workshop import Progress, ShareProgress, share_progress
from tests.board.hub import Hub


@pytest.fixture(scope="package")
def running_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with Hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture
def hub(running_hub: Hub) -> Hub:
    Shelf(running_hub.home / "board").clear()
    return running_hub


class Attendee:
    """Somebody in front of a notebook: this process, with what the hub gave their server."""

    def __init__(self, given: dict[str, str], home: Path, patch: pytest.MonkeyPatch) -> None:
        self.token = given["JUPYTERHUB_API_TOKEN"]
        self.report = f"{given['LABKIT_BOARD_URL']}report"
        self._given = given | {"LABKIT_STATE": str(home)}
        self._patch = patch

    def sit_down(self) -> None:
        """Be this one from now on."""
        for name, value in self._given.items():
            if name.startswith(("JUPYTERHUB_", "LABKIT_")) and os.environ.get(name) != value:
                self._patch.setenv(name, value)

    def card(self) -> ShareProgress:
        """What `share_progress()` shows them."""
        self.sit_down()
        card = share_progress()
        assert isinstance(card, ShareProgress)
        return card

    def progress(self) -> Progress:
        """Their progress, as their notebooks change it."""
        self.sit_down()
        return Progress()


@pytest.fixture
def attendee(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Attendee]:
    def sit(name: str) -> Attendee:
        return Attendee(hub.environment_of(name), tmp_path / name, monkeypatch)

    return sit
