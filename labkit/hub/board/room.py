"""The room at one moment: everybody's standing in every exercise, in words, ready to be shown.

Nothing here knows of a web page; the page and its JSON are two ways to write the same `Room`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from labkit.hub.board.kept import Kept
from labkit.workshop.catalogue import Exercise
from labkit.workshop.report import Standing

State = Literal["not-begun", "trying", "hint", "solution", "passed"]

_NAMED = 5
_NOBODY = "Nobody shows where they are yet. In a notebook, `share_progress()` from labkit does so."


class Column(msgspec.Struct, frozen=True):
    """An exercise as a column: `number` is its place in its notebook, `passed` and `here` count attendees.

    `share` is the part of those who share that passed, in tenths.
    """

    id: str
    number: str
    title: str
    passed: int
    here: int
    share: int


class Notebook(msgspec.Struct, frozen=True):
    """A notebook with exercises: `number` such as `01`, and the columns that belong to it."""

    number: str
    name: str
    columns: tuple[Column, ...]


class Cell(msgspec.Struct, frozen=True):
    """One attendee in one exercise: a state, the `sign` that shows it and a `label` that says it."""

    exercise: str
    state: State
    sign: str
    label: str
    tries: int
    hints: int
    here: bool


class Row(msgspec.Struct, frozen=True):
    """One attendee: `moved` says when something last changed, `still` that this was too long ago."""

    name: str
    moved: str
    still: bool
    passed: int
    cells: tuple[Cell, ...]


class Room(msgspec.Struct, frozen=True):
    """The whole board.

    `reading` says in a sentence where the room is, `waiting` who stands still, if anybody, and `others` how many
    share and how many do not.
    """

    reading: str
    waiting: str
    others: str
    taken: str
    notebooks: tuple[Notebook, ...]
    rows: tuple[Row, ...]


def room(
    everybody: Sequence[Kept],
    exercises: Iterable[Exercise],
    *,
    now: float,
    patience: int,
    present: frozenset[str] | None,
) -> Room:
    """What the board shows at `now` (seconds since the epoch).

    `patience` is after how many minutes without a change somebody stands still, `present` the names of the
    attendees whose server runs, if the hub tells.
    """
    shipped = list(exercises)
    notebooks = _notebooks(everybody, shipped)
    numbered = {column.id: (book, column) for book in notebooks for column in book.columns}
    rows = tuple(_row(one, shipped, now, patience) for one in everybody)
    return Room(
        reading=_reading(everybody, numbered),
        waiting=_waiting(rows, patience),
        others=_others(everybody, present),
        taken=time.strftime("%H:%M:%S", time.localtime(now)),
        notebooks=notebooks,
        rows=rows,
    )


def _notebooks(everybody: Sequence[Kept], exercises: list[Exercise]) -> tuple[Notebook, ...]:
    found = []
    for name, group in groupby(exercises, key=lambda exercise: exercise.notebook):
        number, _, rest = name.partition("-")
        columns = tuple(_column(everybody, exercise, place) for place, exercise in enumerate(group, 1))
        found.append(Notebook(number, rest.replace("-", " "), columns))
    return tuple(found)


def _column(everybody: Sequence[Kept], exercise: Exercise, place: int) -> Column:
    passed = sum(_standing(one, exercise.id).passed for one in everybody)
    here = sum(one.latest == exercise.id and not _standing(one, exercise.id).passed for one in everybody)
    share = round(10 * passed / len(everybody)) if everybody else 0
    return Column(exercise.id, str(place), exercise.title, passed, here, share)


def _standing(one: Kept, exercise: str) -> Standing:
    return one.exercises.get(exercise, Standing())


def _row(one: Kept, exercises: list[Exercise], now: float, patience: int) -> Row:
    minutes = max(0, int((now - one.moved) // 60))
    cells = tuple(
        _cell(exercise, _standing(one, exercise.id), one.latest == exercise.id) for exercise in exercises
    )
    passed = sum(cell.state == "passed" for cell in cells)
    done = passed == len(cells)
    return Row(one.name, _ago(minutes), minutes >= patience and not done, passed, cells)


def _ago(minutes: int) -> str:
    if minutes < 1:
        return "now"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h"


def _cell(exercise: Exercise, standing: Standing, here: bool) -> Cell:
    state = _state(standing)
    signs = {
        "not-begun": "·",
        "trying": str(min(standing.tries, 99)),
        "hint": f"{min(standing.tries, 99)}?",
        "solution": "S",
        "passed": "✓",
    }
    label = _label(state, standing) + ("; here now" if here else "")
    return Cell(exercise.id, state, signs[state], label, standing.tries, standing.hints, here)


def _state(standing: Standing) -> State:
    if standing.passed:
        return "passed"
    if standing.gave_up:
        return "solution"
    if standing.hints:
        return "hint"
    return "trying" if standing.tries else "not-begun"


def _label(state: State, standing: Standing) -> str:
    words = {
        "not-begun": "not begun",
        "trying": "trying",
        "hint": "trying with hints",
        "solution": "asked for the solution",
        "passed": "passed",
    }
    told = [words[state]]
    if standing.tries:
        told.append(_counted(standing.tries, "try", "tries"))
    if standing.hints:
        told.append(_counted(standing.hints, "hint"))
    if standing.passed and standing.gave_up:
        told.append("solution seen")
    return ", ".join(told)


def _reading(everybody: Sequence[Kept], numbered: Mapping[str, tuple[Notebook, Column]]) -> str:
    if not everybody:
        return _NOBODY
    book, busiest = max(numbered.values(), key=lambda pair: pair[1].here)
    if not busiest.here:
        return "Nobody is in the middle of an exercise."
    return (
        f"{busiest.here} of {len(everybody)} {_verb(busiest.here, 'is', 'are')} at "
        f"{book.number}.{busiest.number} “{busiest.title}”, which {busiest.passed} passed."
    )


def _waiting(rows: Sequence[Row], patience: int) -> str:
    still = [row.name for row in rows if row.still]
    if not still:
        return ""
    some = ", ".join(still[:_NAMED]) + (f" and {len(still) - _NAMED} more" if len(still) > _NAMED else "")
    return f"{len(still)} {_verb(len(still), 'has', 'have')} not moved for {patience} minutes: {some}."


def _others(everybody: Sequence[Kept], present: frozenset[str] | None) -> str:
    told = f"{_counted(len(everybody), 'person shows', 'people show')} where they are."
    if present is None:
        return told
    silent = len(present - {one.name for one in everybody})
    if not silent:
        return f"{told} Nobody else is here."
    return f"{told} {silent} more {_verb(silent, 'is', 'are')} here and {_verb(silent, 'does', 'do')} not."


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
