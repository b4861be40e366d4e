"""The board in a real hub: who sees it, who may tell it what, and what it makes of nonsense."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from labkit.hub.board.kept import Shelf
from tests.board.conftest import Attendee
from tests.board.hub import ADMIN, Hub

FIRST, SECOND = "01-write-the-host", "01-mend-the-guest"


def _board(hub: Hub) -> dict[str, dict[str, str]]:
    """What an admin reads: by attendee, the label of each exercise that was begun."""
    answer = hub.log_in(ADMIN).get(f"{hub.board}board.json")
    assert answer.status_code == 200, answer.text
    return {
        row["name"]: {cell["exercise"]: cell["label"] for cell in row["cells"] if cell["state"] != "not-begun"}
        for row in answer.json()["rows"]
    }


def _put(attendee: Attendee, body: bytes | Iterator[bytes], token: str | None = None) -> tuple[int, str]:
    headers = {"Authorization": f"token {attendee.token if token is None else token}"}
    answer = requests.put(attendee.report, data=body, headers=headers)
    return answer.status_code, answer.json().get("problem", "")


def _wait_for_reports() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("report"):
            thread.join(10)


def test_whoever_opted_in_is_on_the_admins_page(hub: Hub, attendee: Callable[[str], Attendee]) -> None:
    ada = attendee("ada")
    ada.progress().update(FIRST, tries=2, hints=1)
    assert _board(hub) == {}
    card = ada.card()
    card.checkbox.value = True
    assert card.sentence.startswith("The instructor sees where you are; the last report got through at ")
    assert _board(hub) == {"ada": {FIRST: "trying with hints, 2 tries, 1 hint"}}
    ada.progress().update(FIRST, tries=3, passed=True)
    ada.progress().update(SECOND, tries=1)
    _wait_for_reports()
    assert _board(hub) == {"ada": {FIRST: "passed, 3 tries, 1 hint", SECOND: "trying, 1 try; here now"}}
    page = hub.log_in(ADMIN).get(hub.board).text
    told = r"1 of 1 is at 01\.\d “Change the guest so that the host need not care”, which 0 passed\."
    assert re.search(told, page)
    assert '<tr data-name="ada"><th scope="row" class="name" title="ada">' in page


def test_what_was_said_is_remembered_and_can_be_withdrawn(hub: Hub, attendee: Callable[[str], Attendee]) -> None:
    ada, linus = attendee("ada"), attendee("linus")
    for one in (ada, linus):
        one.progress().update(FIRST, tries=1)
        one.card().checkbox.value = True
    assert set(_board(hub)) == {"ada", "linus"}
    again = ada.card()
    assert again.checkbox.value
    again.checkbox.value = False
    assert again.sentence == "The instructor does not see where you are."
    ada.progress().update(FIRST, tries=2)
    _wait_for_reports()
    assert _board(hub) == {"linus": {FIRST: "trying, 1 try"}}
    assert len(list((hub.home / "board").glob("*.json"))) == 1


def test_the_page_is_for_admins(hub: Hub) -> None:
    told = "Only the hub&#x27;s admins see who is where in the exercises."
    ada = hub.log_in("ada")
    for address, expected in ((hub.board, told), (f"{hub.board}board.json", told.replace("&#x27;", "'"))):
        refused = ada.get(address)
        assert refused.status_code == 403
        assert expected in refused.text
    stranger = requests.get(hub.board)
    assert stranger.url.startswith(f"{hub.url}/hub/login?next=")
    answer = requests.get(f"{hub.board}board.json")
    assert (answer.status_code, answer.json()) == (403, {"problem": "Log in again: load the board's page anew."})


def test_everything_on_the_page_comes_from_the_hub(hub: Hub) -> None:
    grace = hub.log_in(ADMIN)
    page = grace.get(hub.board)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; ")
    assert re.findall(r'(?:src|href)="([^"#]+)"', page.text) == ["board.css", "board.js"]
    for asset, kind in (("board.css", "text/css"), ("board.js", "text/javascript")):
        answer = grace.get(f"{hub.board}{asset}")
        assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert "//" not in re.sub(r"^\s*//.*$", "", answer.text, flags=re.MULTILINE)
    assert grace.get(f"{hub.board}elsewhere").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (
            b'{"exercises": {}, "name": "linus"}',
            400,
            "This is no report: Object contains unknown field `name`.",
        ),
        (
            b'{"exercises": {"01-be-an-admin": {"tries": 1}}}',
            400,
            "This board knows no exercise '01-be-an-admin'.",
        ),
        (
            b'{"exercises": {}, "latest": "<script>"}',
            400,
            "This board knows no exercise '<script>'.",
        ),
        (
            b'{"exercises": {"01-write-the-host": {"tries": -1}}}',
            400,
            "This is no report: Expected `int` >= 0 - at `$.exercises[...].tries`.",
        ),
        (
            b'{"exercises": {"01-write-the-host": {"tries": 1000000000}}}',
            400,
            "This is no report: Expected `int` <= 1000000 - at `$.exercises[...].tries`.",
        ),
        (b"[" * 60_000, 400, "This is no report: Expected `object`, got `array`."),
        (b"", 400, "This is no report: Input data was truncated."),
        (b" " * 10_000_000, 413, "A report has at most 65536 bytes, this one has 10000000."),
    ],
    ids=["another name", "unknown exercise", "unknown latest", "negative", "huge", "nested", "empty", "10 MB"],
)
def test_a_forged_report_is_refused(
    hub: Hub, attendee: Callable[[str], Attendee], body: bytes, status: int, problem: str
) -> None:
    assert _put(attendee("ada"), body) == (status, problem)
    assert Shelf(hub.home / "board").all() == []


def test_the_hub_says_whose_report_it_is(hub: Hub, attendee: Callable[[str], Attendee]) -> None:
    ada = attendee("ada")
    nobody = (403, "The hub knows no attendee with this token.")
    assert _put(ada, b'{"exercises": {}}', token="") == nobody
    assert _put(ada, b'{"exercises": {}}', token="of-my-own-making") == nobody
    session = hub.log_in(ADMIN)
    by_cookie = session.put(f"{hub.board}report", data=b'{"exercises": {}}')
    assert (by_cookie.status_code, by_cookie.json()["problem"]) == nobody
    assert _put(ada, iter([b'{"exercises"', b": {}}"])) == (200, "")
    assert set(_board(hub)) == {"ada"}


def test_a_new_session_forgets_everybody(hub: Hub, attendee: Callable[[str], Attendee]) -> None:
    assert _put(attendee("ada"), b'{"exercises": {}}') == (200, "")
    grace = hub.log_in(ADMIN)
    page = grace.get(hub.board).text
    (token,) = re.findall(r'name="_xsrf" value="([^"]+)"', page)
    assert grace.post(f"{hub.board}clear", data={}).status_code == 403
    ada = hub.log_in("ada")
    assert ada.post(f"{hub.board}clear", data={"_xsrf": token}).status_code == 403
    assert set(_board(hub)) == {"ada"}
    cleared = grace.post(f"{hub.board}clear", data={"_xsrf": token})
    assert (cleared.status_code, cleared.url) == (200, hub.board)
    assert "Nobody shows where they are yet." in cleared.text
    assert "0 people show where they are. 1 more is here and does not." in cleared.text
