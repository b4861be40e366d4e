"""The answers to exercises: as shipped in a notebook, and as the solution has them."""

import asyncio
import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import nbformat

from labkit import resources
from labkit.magics import build_cell
from labkit.workshop import PredictionTask, Progress, exercises

EXERCISES = exercises()


def answer(exercise_id: str, source: str) -> object:
    """What a cell with this source gives the check: a program for `%%guest`, what it checks, or the last name it
    defines. It finds what the notebook imports, and what the exercise gives it."""
    if source.startswith("%%guest"):
        line, _, cell = source.partition("\n")
        return build_cell(line.removeprefix("%%guest"), cell)
    checked: list[object] = []
    task = SimpleNamespace(check=checked.append)
    tasks = dict.fromkeys(re.findall(r"\b(\w*task)\.check\(", source), task)
    names: dict[str, object] = {"asyncio": asyncio, "time": time, **tasks}
    exec("\n".join([*tagged(exercise_id, "given"), source]), names)
    return checked[0] if checked else list(names.values())[-1]


def tagged(exercise_id: str, what: str) -> list[str]:
    """The sources of the notebook's cells that are an exercise's `answer` or `widget`, or are `given` to it."""
    path = resources.notebooks_dir() / f"{EXERCISES[exercise_id].notebook}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return [c.source for c in cells if f"{what}:{exercise_id}" in c.metadata.get("tags", [])]


def answer_as_shipped(exercise_id: str) -> object:
    """What the check is given where nothing is changed: the answer cell's, or a table with nothing chosen."""
    if EXERCISES[exercise_id].plays:
        with TemporaryDirectory() as folder:
            return PredictionTask(
                EXERCISES[exercise_id], Progress(Path(folder) / "progress.json")
            ).table.predictions
    return answer(exercise_id, shipped_answer(exercise_id))


def shipped_answer(exercise_id: str) -> str:
    """The source of the cell that a trainee finds in the notebook."""
    (source,) = tagged(exercise_id, "answer")
    return source


def solved(exercise_id: str) -> object:
    """What the shipped solution gives the check."""
    return answer(exercise_id, EXERCISES[exercise_id].solution.strip())
