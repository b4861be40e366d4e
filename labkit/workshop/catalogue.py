"""Exercises are data: what to do, hints in steps, a solution, and the name of the check that judges an answer."""

from __future__ import annotations

from pathlib import Path

import msgspec

from labkit import resources
from labkit.decodable import decodable
from labkit.errors import unknown
from labkit.workshop.prediction import Play


class Exercise(msgspec.Struct, frozen=True):
    """One exercise; `notebook` is where it stands, `check` the name of a check in `labkit.workshop.checks`.

    One that asks for a prediction (its check is `predicted`) has `plays`, which the check plays.
    """

    id: str
    notebook: str
    title: str
    task: str
    check: str
    hints: tuple[str, ...]
    solution: str
    explanation: str
    plays: tuple[Play, ...] = ()


@decodable
class _File(msgspec.Struct):
    exercise: list[Exercise]


def exercises() -> dict[str, Exercise]:
    """The shipped exercises by id, in the order of their files."""
    found: dict[str, Exercise] = {}
    for path in sorted(Path(__file__).with_name("shipped").glob("*.toml")):
        file = resources.read_toml(path, _File, "exercise")
        found |= {exercise.id: exercise for exercise in file.exercise}
    return found


def find_exercise(name: str) -> Exercise:
    """The exercise with this id; raises `UnknownNameError` with the nearest ids."""
    known = exercises()
    if name not in known:
        raise unknown("exercise", name, known)
    return known[name]
