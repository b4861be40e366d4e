"""Sharing progress, as far as no board takes part: off by default, and never in the way of a check."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from labkit import share_progress
from labkit.workshop import Progress, ShareProgress, exercise
from labkit.workshop.reporting import FILE

AWAY = "The board does not answer."


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABKIT_STATE", str(tmp_path))
    for name in ("LABKIT_BOARD_URL", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def away(state: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a board that is not there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/services/labkit-board"
    monkeypatch.setenv("LABKIT_BOARD_URL", f"{url}/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "the hub gave it")
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    return url


def _card() -> ShareProgress:
    card = share_progress()
    assert isinstance(card, ShareProgress)
    return card


def _wait_for_reports() -> None:
    for thread in threading.enumerate():
        if thread.name == "report":
            thread.join(10)


@pytest.mark.usefixtures("state")
def test_without_a_hub_there_is_nobody_to_share_with() -> None:
    assert repr(share_progress()) == (
        "Nobody to share with\nThis lab runs on its own, so there is no instructor's board."
    )


def test_nothing_is_sent_or_kept_before_somebody_opts_in(away: str, state: Path) -> None:
    card = _card()
    assert not card.checkbox.value
    assert card.told() == (
        "The instructor does not see where you are.\n"
        "Sent, after each check, hint or solution: for every exercise you began its name, how often you checked "
        "an answer, how many hints you saw, whether you asked for the solution, and whether you passed; and which "
        "exercise you are at. The board notes when something changed, and under which name you are logged in here "
        "(ada).\n"
        "Never sent: your answers, your code, what a check said, or anything else. Only the instructor sees the "
        "board, and it keeps this on the hub. Untick the box, and the board deletes what it has of you."
    )
    before = threading.active_count()
    Progress().update("01-write-the-host", tries=1)
    assert threading.active_count() == before
    assert not (state / FILE).exists()


@pytest.mark.usefixtures("away")
def test_a_board_that_is_away_disturbs_no_check(capfd: pytest.CaptureFixture[str]) -> None:
    card = _card()
    card.checkbox.value = True
    assert card.sentence == f"Nothing has got through to the board yet. {AWAY} The next check tries again."
    task = exercise("02-runs-again")
    assert "Not yet" in repr(task.check({}))
    assert repr(task.hint()).startswith("Hint 1 of")
    _wait_for_reports()
    assert Progress().of("02-runs-again").tries == 1
    assert _card().checkbox.value
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("away")
def test_what_could_not_be_deleted_is_asked_for_again() -> None:
    card = _card()
    card.checkbox.value = True
    card.checkbox.value = False
    told = f"Nothing more is sent. {AWAY} It is asked to delete what it has at your next check."
    assert card.sentence == told
    Progress().update("01-write-the-host", tries=1)
    _wait_for_reports()
    assert _card().sentence == told
    assert "lk-muted" in card.static()


def test_consent_at_one_board_is_none_at_another(away: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _card().checkbox.value = True
    monkeypatch.setenv("LABKIT_BOARD_URL", away.replace("labkit-board", "elsewhere"))
    assert not _card().checkbox.value


def test_an_address_that_is_none_is_no_board(away: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_BOARD_URL", "file:///etc")
    assert not isinstance(share_progress(), ShareProgress)
