"""What is written for instructors: plans that add up, sections and questions that exist, solutions as shipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labkit import resources
from labkit.errors import UnknownNameError
from labkit.handouts.instructor import instructor_text, pages, write_instructor_pages
from labkit.handouts.questions import Question, questions
from labkit.resources import Cell
from labkit.workshop import exercises
from labkit.workshop.syllabus import lessons
from tests.cli.conftest import Labkit, labkit

__all__ = ["labkit"]

NOTEBOOKS = [*lessons()]
_ROW = re.compile(r"^\| (\d):(\d\d) \| (\d+) \| (\S+) \| (.+?) \| (.+) \|$", re.MULTILINE)
_PLAN = re.compile(r"\| from \| minutes .*?Together (\d+) minutes\.", re.DOTALL)


def _written(name: str) -> str:
    return (resources.instructor_dir() / f"{name}.md").read_text("utf-8")


def _plans() -> list[tuple[int, list[tuple[str, ...]]]]:
    text = _written("README") + _written("plans")
    return [(int(plan[1]), _ROW.findall(plan[0])) for plan in _PLAN.finditer(text)]


def _headings(notebook: str) -> list[str]:
    cells = resources.read_cells(resources.notebooks_dir() / f"{notebook}.ipynb")
    return [line for cell in cells for line in re.findall(r"^#{2,3} (.+)$", cell.text, re.MULTILINE)]


def test_there_are_plans_for_ninety_minutes_half_a_day_and_a_day() -> None:
    assert [total for total, _ in _plans()] == [90, 210, 420]


@pytest.mark.parametrize(
    ("total", "rows"), _plans(), ids=lambda value: str(value) if isinstance(value, int) else ""
)
def test_a_plan_adds_up_and_names_sections_that_are_there(total: int, rows: list[tuple[str, ...]]) -> None:
    minute = 0
    for hours, past, minutes, notebook, sections, _ in rows:
        assert 60 * int(hours) + int(past) == minute
        minute += int(minutes)
        if notebook == "–":
            assert sections == "–"
            continue
        left = _headings(notebook)
        for section in sections.split(" · "):
            # In the notebook's order, so that nobody has to scroll back.
            assert section in left, f"{notebook} has no “{section}” there"
            left = left[left.index(section) + 1 :]
    assert minute == total


def test_the_short_plan_comes_after_what_it_needs() -> None:
    known = lessons()
    for _, rows in _plans():
        seen: list[str] = []
        for _, _, _, notebook, _, _ in rows:
            if notebook in known:
                assert set(known[notebook].before) <= {*seen, notebook}
                seen.append(notebook)


def test_there_are_notes_to_every_notebook() -> None:
    assert pages() == ["README", "plans", *NOTEBOOKS]
    for name in NOTEBOOKS:
        for section in ("Talking points", "Where people get stuck", "When time is short"):
            assert f"\n## {section}\n" in _written(name)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_question_has_its_wrong_answers(name: str) -> None:
    cells = resources.read_cells(resources.notebooks_dir() / f"{name}.ipynb")
    asked = questions(cells)
    assert len(asked) == sum(cell.text.count("lab.predict(") for cell in cells if cell.kind == "code")
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| .+ \|$", _written(name), re.MULTILINE)
    assert [*dict.fromkeys(cell for cell, _ in rows)] == [one.cell for one in asked]
    for one in asked:
        answers = [answer for cell, answer in rows if cell == one.cell]
        assert set(answers) <= {*one.choices} - {one.right}
        assert answers


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_sections_that_notes_name_are_there(name: str) -> None:
    (short,) = re.findall(r"## When time is short\n\n(.+)", _written(name))
    headings = _headings(name)
    for section in re.findall(r"“(.+?)”", short):
        assert any(heading.startswith(section) for heading in headings), section


def test_a_question_is_read_from_the_cells_that_ask_and_judge() -> None:
    cells = [
        Cell("ask", "code", '%load_ext labkit\nx = lab.predict("What?", ["this", "that"])\nx', ()),
        Cell("other", "code", "%%sandbox\nx.reveal('this')", ()),
        Cell("judge", "code", 'x.reveal("that", because="so")\n', ()),
    ]
    assert questions(cells) == [Question("ask", "What?", ("this", "that"), "that")]
    assert questions(cells[:2]) == []


def test_notes_end_with_the_solutions_as_they_are_shipped(labkit: Labkit) -> None:
    done = labkit("instructor", "01")
    assert done.status == 0
    assert done.out.startswith("# Notes for 01-poisoned-component\n")
    asked = "it returns 20 · it panics again · **it is refused without running**"
    assert asked in done.out
    for one in exercises().values():
        assert (one.solution.strip() in done.out) == (one.notebook == "01-poisoned-component")
    assert instructor_text() == _written("README")
    with pytest.raises(
        UnknownNameError, match=r"^There is no page for instructors named 'plan'; did you mean plans"
    ):
        instructor_text("plan")


def test_pages_for_a_printer_lead_to_each_other(tmp_path: Path) -> None:
    written = write_instructor_pages(tmp_path / "notes")
    assert len(written) == len(pages())
    for page in written:
        text = page.read_text()
        for target in re.findall(r'href="([^"]+)"', text):
            assert target.startswith("https://") or (tmp_path / "notes" / target).is_file()
        assert "<script" not in text


def test_trainees_get_none_of_it(labkit: Labkit, tmp_path: Path) -> None:
    assert labkit("new", "theirs").status == 0
    assert not (tmp_path / "theirs" / "instructor").exists()
    done = labkit("new", "mine", "--instructor", "--json")
    notes = [name for name in done.json["added"] if name.startswith("instructor/")]
    assert notes == sorted(f"instructor/{name}.md" for name in pages())
    assert (tmp_path / "mine" / "instructor" / "README.md").read_text() == _written("README")
