"""Writes notebooks as static pages, after running them where that is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
from nbformat import NotebookNode

from labkit.errors import FormatError
from labkit.files import write_file
from labkit.handouts.books import Variant, chosen, read_book
from labkit.handouts.index import index_page, nav
from labkit.handouts.page import Links, book_page
from labkit.handouts.running import Ran, Stop, run
from labkit.runtimes import own_version
from labkit.views import markup
from labkit.views.words import listed
from labkit.workshop.syllabus import Lesson, lessons

LIMIT: Final = 900.0
"""Seconds for one notebook, unless told otherwise."""

OnCell = Callable[[str, int, int], None]


class Page(msgspec.Struct, frozen=True):
    """One notebook that was written: `file`, and what came of its run; `problems` are sentences."""

    notebook: str
    file: str
    seconds: float | None
    left_out: tuple[str, ...]
    problems: tuple[str, ...]


class Exported(msgspec.Struct, frozen=True):
    """All that was written into `folder`; `ok` if every cell ran and, where solved, every exercise passed."""

    folder: str
    variant: Variant
    ok: bool
    pages: tuple[Page, ...]


def export_notebooks(
    folder: Path,
    names: Sequence[str] = (),
    *,
    variant: Variant = "clean",
    jobs: int = 1,
    limit: float = LIMIT,
    on_cell: OnCell = lambda _name, _done, _total: None,
    on_page: Callable[[Page], None] = lambda _page: None,
) -> Exported:
    """Write the shipped notebooks of these names or numbers (default: all) and an index into `folder`.

    `executed` and `solved` run `jobs` of them at a time, each for `limit` seconds at most; `on_cell` hears of
    (notebook, cells done, cells in all), `on_page` of each page that is written. A page is written also when a
    cell fails: `problems` names it. Raises `UnknownNameError` for a name, `FormatError` when nothing can be
    written.
    """
    wanted = chosen(names)
    known = lessons()
    shown = [known[path.stem] for path in wanted]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"{folder} cannot be written: {error.strerror}.") from None

    stop = Stop()

    def write(path: Path) -> Page:
        name = path.stem
        book = read_book(path, variant)
        ran = None
        if variant != "clean":
            ran = run(book, name, limit, lambda done, total: on_cell(name, done, total), stop=stop)
        page = _written(folder, book, known[name], shown, ran, variant)
        on_page(page)
        return page

    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        try:
            pages = tuple(pool.map(write, wanted))
        except BaseException:
            stop.now()
            raise
    under = None if variant == "clean" else own_version()
    write_file(folder / "index.html", index_page(shown, variant, under).encode())
    return Exported(str(folder), variant, not any(page.problems for page in pages), pages)


def jobs_here() -> int:
    """How many notebooks run well at a time: some of their cells time things, so not one per processor."""
    return max(1, min(4, (os.cpu_count() or 1) // 2))


def _written(
    folder: Path, book: NotebookNode, lesson: Lesson, shown: Sequence[Lesson], ran: Ran | None, variant: Variant
) -> Page:
    problems = _problems(ran, variant) if ran else []
    notice = "".join(f'<p class="notice">{markup.prose(problem)}</p>' for problem in problems)
    links = Links({one.id for one in shown})
    text = book_page(book, lesson.title, nav(shown, lesson.id), links, notice)
    file = write_file(folder / f"{lesson.id}.html", text.encode())
    seconds, left_out = (round(ran.seconds, 1), ran.left_out) if ran else (None, ())
    return Page(lesson.id, file.name, seconds, left_out, tuple(problems))


def _problems(ran: Ran, variant: Variant) -> list[str]:
    problems = [ran.problem] if ran.problem else []
    if variant == "solved" and ran.open and not problems:
        problems.append(f"The solution of {listed(ran.open)} does not pass.")
    return problems
