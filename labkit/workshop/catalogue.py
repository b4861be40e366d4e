"""Exercises are data: what to do, hints in steps, a solution, and the name of the check that judges an answer."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from labkit.errors import FormatError, unknown


class Exercise(msgspec.Struct, frozen=True):
    """One exercise; `notebook` is where it stands, `check` the name of a function in `labkit.workshop.checks`."""

    id: str
    notebook: str
    title: str
    task: str
    check: str
    hints: tuple[str, ...]
    solution: str
    explanation: str


class _File(msgspec.Struct):
    exercise: list[Exercise]


def exercises() -> dict[str, Exercise]:
    """The shipped exercises by id, in the order of their files."""
    found: dict[str, Exercise] = {}
    for path in sorted(Path(__file__).with_name("shipped").glob("*.toml")):
        try:
            file = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise FormatError(f"{path.name} is no exercise file: {error}.") from None
        found |= {exercise.id: exercise for exercise in file.exercise}
    return found


def find_exercise(name: str) -> Exercise:
    """The exercise with this id; raises `UnknownNameError` with the nearest ids."""
    known = exercises()
    if name not in known:
        raise unknown("exercise", name, known)
    return known[name]
