"""What the board says of a room, from standings alone."""

from __future__ import annotations

from pathlib import Path

from labkit.hub.board.kept import Kept, Shelf
from labkit.hub.board.room import Room, room
from labkit.workshop.catalogue import Exercise
from labkit.workshop.report import Report, Standing

NOW = 1_800_000_000.0


def _exercise(name: str, notebook: str) -> Exercise:
    return Exercise(name, notebook, f"Do {name}", "…", "surviving-host", (), "", "")


EXERCISES = [
    _exercise("01-one", "01-poisoned-component"),
    _exercise("01-two", "01-poisoned-component"),
    _exercise("02-only", "02-run-twice"),
]


def _kept(name: str, minutes: float, latest: str | None = None, **standings: Standing) -> Kept:
    exercises = {f"{key[1:3]}-{key[4:]}": standing for key, standing in standings.items()}
    return Kept(name, exercises, latest, NOW - 60 * minutes)


def _room(*everybody: Kept, patience: int = 10, present: frozenset[str] | None = None) -> Room:
    return room(list(everybody), EXERCISES, now=NOW, patience=patience, present=present)


def test_every_state_has_a_sign_and_words_of_its_own() -> None:
    states = {
        "n": Standing(),
        "t": Standing(tries=3),
        "h": Standing(tries=3, hints=2),
        "s": Standing(tries=1, hints=3, gave_up=True),
        "p": Standing(tries=1, passed=True),
        "ps": Standing(tries=4, hints=1, gave_up=True, passed=True),
    }
    cells = [row.cells[0] for row in _room(*(_kept(name, 0, e01_one=one) for name, one in states.items())).rows]
    assert [(cell.state, cell.sign, cell.label) for cell in cells] == [
        ("not-begun", "·", "not begun"),
        ("trying", "3", "trying, 3 tries"),
        ("hint", "3?", "trying with hints, 3 tries, 2 hints"),
        ("solution", "S", "asked for the solution, 1 try, 3 hints"),
        ("passed", "✓", "passed, 1 try"),
        ("passed", "✓", "passed, 4 tries, 1 hint, solution seen"),
    ]
    assert len({cell.sign for cell in cells}) == 5


def test_where_the_room_is_stuck() -> None:
    trying, passed = Standing(tries=2), Standing(tries=1, passed=True)
    shown = _room(
        _kept("Ada", 0, "01-two", e01_one=passed, e01_two=trying),
        _kept("Grace", 12, "01-two", e01_one=passed, e01_two=trying),
        _kept("Ken", 11, "01-two", e01_one=passed, e01_two=passed),
        _kept("Linus", 200, "01-one", e01_one=trying),
        present=frozenset({"Ada", "Ken", "Edsger", "Barbara"}),
    )
    assert shown.reading == "2 of 4 are at 01.2 “Do 01-two”, which 1 passed."
    assert shown.waiting == "3 have not moved for 10 minutes: Grace, Ken, Linus."
    assert shown.others == "4 people show where they are. 2 more are here and do not."
    assert [
        (column.number, column.passed, column.here, column.share) for column in shown.notebooks[0].columns
    ] == [("1", 3, 1, 8), ("2", 1, 2, 2)]
    assert [(book.number, book.name, len(book.columns)) for book in shown.notebooks] == [
        ("01", "poisoned component", 2),
        ("02", "run twice", 1),
    ]
    assert [(row.moved, row.still, row.passed) for row in shown.rows] == [
        ("now", False, 1),
        ("12 min", True, 1),
        ("11 min", True, 2),
        ("3 h", True, 0),
    ]


def test_whoever_has_passed_everything_does_not_stand_still() -> None:
    done = Standing(tries=1, passed=True)
    shown = _room(_kept("Ada", 60, "02-only", e01_one=done, e01_two=done, e02_only=done))
    assert (shown.reading, shown.waiting) == ("Nobody is in the middle of an exercise.", "")
    assert shown.others == "1 person shows where they are."


def test_an_empty_room_says_how_to_be_shown() -> None:
    shown = _room(present=frozenset({"Ada"}))
    told = "Nobody shows where they are yet. In a notebook, `share_progress()` from labkit does so."
    assert (shown.reading, shown.rows) == (told, ())
    assert shown.others == "0 people show where they are. 1 more is here and does not."


def test_a_report_that_says_nothing_new_leaves_the_time(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first = Report({"01-one": Standing(tries=1)}, "01-one")
    assert shelf.keep("Ada", first, NOW).moved == NOW
    assert shelf.keep("Ada", Report(first.exercises), NOW + 60) == Kept("Ada", first.exercises, "01-one", NOW)
    assert shelf.keep("Ada", Report({"01-one": Standing(tries=2)}), NOW + 90).moved == NOW + 90


def test_any_name_has_a_file_and_a_damaged_file_is_nobody(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "new")
    for name in ("../../etc", "Ada", "ada", "x" * 1000, "名前"):
        shelf.keep(name, Report({}), NOW)
    (tmp_path / "new" / "half.json").write_text('{"name"')
    assert [one.name for one in shelf.all()] == ["../../etc", "Ada", "ada", "x" * 1000, "名前"]
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "new"] * 6
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    shelf.forget("Ada")
    shelf.forget("nobody")
    assert [one.name for one in shelf.all()] == ["../../etc", "ada", "x" * 1000, "名前"]
