"""Each notebook says what it teaches, in how many minutes and after what; the map of the start page agrees."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from labkit import resources
from labkit.errors import FormatError
from labkit.workshop.syllabus import lessons, order, read_lesson

LESSONS = lessons()


def _title(before: str, minutes: int = 10) -> str:
    return (
        "# A title\n\nA story.\n\n**Afterwards you can**\n\n- do this\n- and that\n\n"
        f"**Time:** {minutes} minutes. **Before this:** {before}."
    )


def _write(folder: Path, name: str, title: str) -> None:
    cell = {"id": "title", "cell_type": "markdown", "metadata": {}, "source": title.splitlines(keepends=True)}
    (folder / f"{name}.ipynb").write_text(json.dumps({"cells": [cell]}))


def test_every_notebook_states_objectives_minutes_and_what_comes_before() -> None:
    assert [*LESSONS] == sorted(path.stem for path in resources.notebooks_dir().glob("*.ipynb"))
    assert all(len(lesson.objectives) >= 3 for lesson in LESSONS.values())
    assert LESSONS["04-start-function"].before == ("01-poisoned-component", "03-sync-and-async")
    assert LESSONS["00-start-here"].before == ()
    # In the order of their numbers nobody meets something that they have not seen.
    for name, lesson in LESSONS.items():
        assert all(before < name for before in lesson.before)


def test_the_map_of_the_start_page_says_the_same() -> None:
    (cell,) = [c for c in resources.read_cells(resources.notebooks_dir() / "00-start-here.ipynb") if c.id == "map"]
    rows = re.findall(r"^\| \[(.+)\]\(\1\.ipynb\) \| .+ \| (\d+) \| (.*) \|$", cell.text, re.MULTILINE)
    told = {name: (int(minutes), before.split(", ") if before else []) for name, minutes, before in rows}
    assert told == {
        name: (lesson.minutes, [before[:2] for before in lesson.before])
        for name, lesson in LESSONS.items()
        if name != "00-start-here"
    }


def test_a_title_cell_is_read() -> None:
    lesson = read_lesson("02-b", _title("[01-a](01-a.ipynb), and [00-z](00-z.ipynb) for words", 25))
    assert (lesson.title, lesson.objectives, lesson.minutes) == ("A title", ("do this", "and that"), 25)
    assert lesson.before == ("01-a", "00-z")
    assert read_lesson("00-z", _title("nothing")).before == ()


@pytest.mark.parametrize("title", ["# A title", _title("the others"), _title("nothing").replace("10", "some")])
def test_another_form_is_one_sentence(title: str) -> None:
    with pytest.raises(FormatError, match=r"^The title cell of 01-a has to say “"):
        read_lesson("01-a", title)


def test_what_comes_before_has_to_be_there(tmp_path: Path) -> None:
    _write(tmp_path, "01-a", _title("[00-z](00-z.ipynb)"))
    with pytest.raises(FormatError, match=r"^01-a comes after 00-z, which is not there\.$"):
        lessons(tmp_path)


def test_nothing_comes_before_itself(tmp_path: Path) -> None:
    for name, before in (("00-z", "nothing"), ("01-a", "[02-b](02-b.ipynb)"), ("02-b", "[01-a](01-a.ipynb)")):
        _write(tmp_path, name, _title(before))
    with pytest.raises(FormatError, match=r"^These notebooks wait for each other: 01-a, 02-b\.$"):
        lessons(tmp_path)


def test_an_order_keeps_what_comes_before_in_front() -> None:
    assert [*order(LESSONS)][:1] == ["00-start-here"]
    backwards = dict(reversed(LESSONS.items()))
    placed = list(order(backwards))
    assert all(placed.index(b) < placed.index(name) for name in placed for b in LESSONS[name].before)
