"""Who gets into a room, and who does not: names, passwords, PINs, and how often one may try."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from labkit.errors import ArgumentError, FormatError
from labkit.hub import keep_passwords, read_names
from labkit.hub.gate import MOST_PER_ADDRESS, MOST_PER_NAME, WINDOW, Gate
from labkit.hub.names import account_of
from labkit.hub.pacing import Queue
from labkit.hub.passwords import Pins


@pytest.mark.parametrize(
    ("typed", "account"),
    [("Ada", "ada"), ("  Zoë Müller ", "zoe-muller"), ("ada_l", "ada-l"), ("J. R. R.", "j-r-r"), ("x2", "x2")],
)
def test_a_name_becomes_an_account(typed: str, account: str) -> None:
    assert account_of(typed) == account


@pytest.mark.parametrize(
    "typed", ["", "a", "../ada", "a/b", "1ada", "ada$", "-", "阿达", "a" * 25, "ada\0", "a%2fb"]
)
def test_what_could_be_no_folder_is_no_name(typed: str) -> None:
    with pytest.raises(ArgumentError, match=r"^A name has 2 to 24 Latin letters and digits and begins with"):
        account_of(typed)


def test_a_list_of_names(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("Ada Lovelace\n\n# the second row\nBob  # from Ghent\n", "utf-8")
    assert read_names(path) == {"ada-lovelace", "bob"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "ada\nAda\n",
            "line 2: Ada would be the same account as line 1, ada; tell the two apart with an initial.",
        ),
        ("instructor\n", "line 1: instructor is the account that administers the room."),
        (
            "ada\n7\n",
            "line 2: A name has 2 to 24 Latin letters and digits and begins with a letter, such as ada-l.",
        ),
        ("# nobody\n", " holds no names."),
    ],
)
def test_a_list_that_cannot_be_meant(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "names.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(FormatError) as refused:
        read_names(path)
    assert str(refused.value).startswith(str(path))
    assert str(refused.value).endswith(sentence)


def test_passwords_are_the_same_after_a_restart(tmp_path: Path) -> None:
    first = keep_passwords(tmp_path)
    assert keep_passwords(tmp_path) == first
    assert first.opens_room(first.room)
    assert not first.opens_room(first.instructor)
    assert not first.opens_room("")
    changed = keep_passwords(tmp_path, "correct horse")
    assert changed.room == "correct horse"
    assert changed.instructor == first.instructor
    assert (tmp_path / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_a_short_password_and_the_instructors_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"^The room's password needs 8 signs or more\.$"):
        keep_passwords(tmp_path, "1234567")
    kept = keep_passwords(tmp_path)
    with pytest.raises(ArgumentError, match=r"^The room's password is the instructor's; take another one\.$"):
        keep_passwords(tmp_path, kept.instructor)


def test_of_a_pin_only_a_hash_is_kept(tmp_path: Path) -> None:
    pins = Pins(tmp_path / "pins")
    pins.choose("ada", "2718281828")
    assert pins.fits("ada", "2718281828")
    assert not pins.fits("ada", "271828182")
    assert b"2718281828" not in (tmp_path / "pins" / "ada.pin").read_bytes()
    assert len(pins) == 1
    pins.forget("ada")
    assert not pins.has("ada")


def test_who_guesses_has_to_wait_and_others_do_not() -> None:
    now = 0.0
    gate = Gate(lambda: now)
    assert [gate.admits("ada", "10.0.0.1") for _ in range(MOST_PER_NAME)] == [True] * MOST_PER_NAME
    assert not gate.admits("ada", "10.0.0.2")
    assert gate.admits("bob", "10.0.0.1")
    now = WINDOW + 1
    assert gate.admits("ada", "10.0.0.1")


def test_a_room_behind_one_address_gets_in_and_a_guesser_of_names_does_not() -> None:
    gate = Gate(lambda: 0.0)
    for n in range(10 * MOST_PER_ADDRESS):
        assert gate.admits(f"attendee-{n}", "10.0.0.1")
        gate.was_right(f"attendee-{n}", "10.0.0.1")
    tried = [gate.admits(f"guess-{n}", "10.0.0.1") for n in range(2 * MOST_PER_ADDRESS)]
    assert tried == [True] * MOST_PER_ADDRESS + [False] * MOST_PER_ADDRESS


def test_everybody_gets_a_turn_in_the_order_they_came() -> None:
    async def play() -> tuple[list[int], int, list[int | None]]:
        queue, began, most, inside = Queue(at_once=2), [], 0, 0

        async def attendee(n: int) -> None:
            nonlocal most, inside
            async with queue.turn(n):
                began.append(n)
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        tasks = [asyncio.create_task(attendee(n)) for n in range(8)]
        await asyncio.sleep(0)
        before = [queue.before(n) for n in range(8)]
        # Somebody who closes the page holds nobody up.
        tasks[4].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return began, most, before

    began, most, before = asyncio.run(play())
    assert began == [0, 1, 2, 3, 5, 6, 7]
    assert most == 2
    assert before == [None, None, 0, 1, 2, 3, 4, 5]
