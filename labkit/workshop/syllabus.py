"""What the notebooks say of themselves in their title cells: objectives, minutes, what comes before.

The title cell is where these stand, for people and for programs; nothing keeps a second list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from labkit import resources
from labkit.errors import FormatError
from labkit.resources import read_cells

_TITLE: Final = re.compile(r"# (.+)")
_OBJECTIVES: Final = re.compile(r"\*\*Afterwards you can\*\*\n\n((?:- .+\n)+)")
_TIMES: Final = re.compile(r"\*\*Time:\*\* (\d+) minutes\. \*\*Before this:\*\* (.+)\.")
_LINK: Final = re.compile(r"\[([0-9a-z-]+)\]\(\1\.ipynb\)")
_NOTHING: Final = "nothing"


class Lesson(msgspec.Struct, frozen=True):
    """One notebook as a lesson: what somebody can do afterwards, for how long it is, which others come first."""

    id: str
    title: str
    objectives: tuple[str, ...]
    minutes: int
    before: tuple[str, ...]


def lessons(folder: Path | None = None) -> dict[str, Lesson]:
    """The lessons by id, in the order of their numbers (default: the shipped notebooks).

    Raises `FormatError`, naming the notebook, for a title cell of another form, for something that should come
    before and is not there, and for two that each come before the other.
    """
    found = {}
    for path in sorted((folder or resources.notebooks_dir()).glob("*.ipynb")):
        found[path.stem] = read_lesson(path.stem, read_cells(path)[0].text)
    for lesson in found.values():
        for name in lesson.before:
            if name not in found:
                raise FormatError(f"{lesson.id} comes after {name}, which is not there.")
    order(found)
    return found


def read_lesson(name: str, title_cell: str) -> Lesson:
    """The lesson that a title cell describes; raises `FormatError` if it is not of that form."""
    text = title_cell + "\n"
    title, objectives, times = (pattern.search(text) for pattern in (_TITLE, _OBJECTIVES, _TIMES))
    before = _LINK.findall(times[2]) if times else []
    if not (title and objectives and times) or not (before or times[2].startswith(_NOTHING)):
        raise FormatError(
            f"The title cell of {name} has to say “**Afterwards you can**” with a list, and in one line "
            "“**Time:** 45 minutes. **Before this:** …” with links to notebooks, or “nothing”."
        )
    said = tuple(line.removeprefix("- ") for line in objectives[1].splitlines())
    return Lesson(name, title[1], said, int(times[1]), tuple(before))


def order(known: Mapping[str, Lesson]) -> Sequence[str]:
    """The ids so that each stands after what comes before it; raises `FormatError` for a circle."""
    done: list[str] = []
    left = list(known)
    while left:
        ready = [name for name in left if set(known[name].before) <= set(done)]
        if not ready:
            raise FormatError(f"These notebooks wait for each other: {', '.join(left)}.")
        done += ready
        left = [name for name in left if name not in ready]
    return done
