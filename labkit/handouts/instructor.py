"""What an instructor holds in hand: the notes, with questions and solutions taken from where they stand.

Notes are written, one file a notebook; what is asked and what is right is read from the notebook, the solutions
from the exercises, so that neither can grow old.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from labkit import resources
from labkit.errors import unknown
from labkit.files import write_file
from labkit.handouts.page import RULES, Links
from labkit.handouts.questions import questions
from labkit.numbered import numbered
from labkit.views.web_page import web_page
from labkit.workshop import Exercise, exercises

GUIDE: Final = "README"


def pages() -> list[str]:
    """The names of all that there is: the guide, the longer plans, and the notes by notebook."""
    names = sorted(path.stem for path in resources.instructor_dir().glob("*.md"))
    return sorted(names, key=lambda name: (name != GUIDE, name[0].isdigit(), name))


def instructor_text(name: str = GUIDE) -> str:
    """A page as Markdown, by its name or a notebook's number; notes end with the questions and the solutions.

    Raises `UnknownNameError` with the nearest names.
    """
    known = pages()
    page = numbered(name.removesuffix(".md"), known)
    if page not in known:
        raise unknown("page for instructors", name, known)
    written = (resources.instructor_dir() / f"{page}.md").read_text("utf-8")
    book = resources.notebooks_dir() / f"{page}.ipynb"
    return f"{written}{_asked(book)}{_solutions(page)}" if book.is_file() else written


def write_instructor_pages(folder: Path) -> list[Path]:
    """All of it as pages for a printer or a second screen; raises `FormatError` when they cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    names = pages()
    return [write_file(folder / f"{_file(name)}.html", _page(name, names).encode()) for name in names]


def _file(name: str) -> str:
    return "index" if name == GUIDE else name


def _page(name: str, names: Sequence[str]) -> str:
    links = " ".join(f'<a href="{_file(one)}.html">{"guide" if one == GUIDE else one[:2]}</a>' for one in names)
    links = links.replace(">pl<", ">plans<")
    inner = _html(instructor_text(name)).replace('href="README.md"', 'href="index.html"')
    inner = inner.replace('href="plans.md"', 'href="plans.html"')
    body = f'<nav aria-label="notes">{links}</nav><main>{Links(()).rewritten(inner)}</main>'
    return web_page(f"For instructors: {name}", body, RULES)


def _html(text: str) -> str:
    return str(MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True)).render(text))


def _asked(book: Path) -> str:
    asked = questions(resources.read_cells(book))
    if not asked:
        return ""
    rows = [f"| `{one.cell}` | {one.question} | {_choices(one.choices, one.right)} |" for one in asked]
    table = "\n".join(["| cell | question | choices, the right one in bold |", "| --- | --- | --- |", *rows])
    return f"\n## The questions\n\n{table}\n"


def _choices(choices: Sequence[str], right: str) -> str:
    return " · ".join(f"**{one}**" if one == right else one for one in choices)


def _solutions(name: str) -> str:
    parts = [_solution(one) for one in exercises().values() if one.notebook == name]
    return "\n## The exercises\n" + "".join(parts) if parts else ""


def _solution(one: Exercise) -> str:
    hints = "".join(f"{n}. {hint}\n" for n, hint in enumerate(one.hints, 1))
    fence = "`" * 4
    return (
        f"\n### {one.title}\n\n{one.task.strip()}\n\nHints, in the order in which they are given:\n\n{hints}\n"
        f"A solution:\n\n{fence}\n{one.solution.strip()}\n{fence}\n\n{one.explanation.strip()}\n"
    )
