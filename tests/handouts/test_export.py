"""`labkit export` of notebooks: pages that open without network, kernel or script, in three variants."""

from __future__ import annotations

import html
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from labkit import resources
from labkit.claims import claims
from labkit.handouts import Page, export_notebooks
from labkit.handouts.books import read_book, solved
from labkit.handouts.paths import Paths
from labkit.workshop import exercises
from tests.cli.conftest import Labkit, labkit

__all__ = ["labkit"]

NAMES = sorted(path.stem for path in resources.notebooks_dir().glob("*.ipynb"))
_OUTSIDE = re.compile(r"(?:src|href)=\"(?!https://|#|data:|[\w-]+\.html)[^\"]*\"")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of notebooks of the test's own in place of the shipped ones."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(resources, "notebooks_dir", lambda: folder)
    return folder


def _notebook(
    folder: Path, cells: dict[str, str], name: str = "01-one", tags: dict[str, list[str]] | None = None
) -> None:
    title = (
        "# One\n\n**Afterwards you can**\n\n- a\n- b\n\n**Time:** 5 minutes. **Before this:** nothing.\n\n"
        "[there](09-there.ipynb#cell-id=x)"
    )
    made: list[Any] = [nbformat.v4.new_markdown_cell(title, id="title")]
    for cell_id, source in cells.items():
        metadata = {"tags": (tags or {}).get(cell_id, [])}
        made.append(nbformat.v4.new_code_cell(source, id=cell_id, metadata=metadata))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(
        cells=made, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    nbformat.write(book, folder / f"{name}.ipynb")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All notebooks, clean."""
    folder = tmp_path_factory.mktemp("clean")
    assert export_notebooks(folder).ok
    return folder


def test_clean_pages_of_all_notebooks_need_nothing_and_tell_no_solution(clean: Path) -> None:
    files = sorted(path.name for path in clean.iterdir())
    assert files == [*(f"{name}.html" for name in NAMES), "index.html"]
    for file in files:
        text = (clean / file).read_text()
        assert "<script" not in text
        assert _OUTSIDE.findall(text) == []
        assert 'class="output' not in text
    index = (clean / "index.html").read_text()
    assert "The notebooks before anything has been run." in index
    for name in NAMES:
        assert f'<a href="{name}.html">' in index
    for one in exercises().values():
        page = html.unescape(re.sub(r"<[^>]+>", "", (clean / f"{one.notebook}.html").read_text()))
        assert one.solution.strip() not in page


def test_links_lead_from_page_to_page_and_into_cells(clean: Path) -> None:
    start = (clean / "00-start-here.html").read_text()
    links = re.findall(r'href="([\w-]+\.html)#(cell-id=[\w-]+)"', start)
    assert len(links) == len(claims())
    for file, cell in links:
        assert f'id="{cell}"' in (clean / file).read_text()
    for name in NAMES:
        text = (clean / f"{name}.html").read_text()
        assert not re.search(r'href="[^"]*\.ipynb', text)
        for file in re.findall(r'href="([\w-]+\.html)', text):
            assert (clean / file).is_file()


def test_clean_pages_are_the_same_every_time(labkit: Labkit, tmp_path: Path) -> None:
    done = labkit("export", "9", "07-your-own-component", "-o", "one", "--json")
    assert (done.status, done.json["ok"], done.json["variant"]) == (0, True, "clean")
    assert [page["notebook"] for page in done.json["pages"]] == ["07-your-own-component", "09-versions"]
    export_notebooks(tmp_path / "two", ["07-your-own-component", "9"])
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert sorted(one) == ["07-your-own-component.html", "09-versions.html", "index.html"]


def test_a_link_to_a_notebook_that_is_not_exported_is_its_text(shipped: Path, tmp_path: Path) -> None:
    _notebook(shipped, {})
    export_notebooks(tmp_path / "pages")
    text = (tmp_path / "pages" / "01-one.html").read_text()
    assert "<p>there</p>" in text


def test_executed_pages_show_what_happened_and_nothing_of_this_machine(labkit: Labkit, tmp_path: Path) -> None:
    state = tmp_path / "mine"
    done = labkit("export", "0", "-o", "pages", "--variant", "executed", LABKIT_STATE=str(state))
    assert (done.status, done.out) == (0, "pages/index.html is the first of 2 pages; none needs a network.\n")
    assert re.search(r"^00-start-here\.html, run in \d+ s$", done.err, re.MULTILINE)
    text = (tmp_path / "pages" / "00-start-here.html").read_text()
    assert "panicked at process-panic/src/lib.rs:12:9: input too large: 101" in text
    assert 'aria-label="Timeline of' in text
    assert "Loading widget" not in text
    for folder in (
        Path.home(),
        resources.PACKAGE.parent,
        Path(tempfile.gettempdir()),
        tmp_path,
        resources.cache_dir(),
    ):
        assert str(folder) not in text
    assert "‹notebooks›" in text
    # The run had a progress file of its own.
    assert not state.exists()


def test_a_cell_that_fails_is_named_and_the_page_shows_how_far_it_came(shipped: Path, tmp_path: Path) -> None:
    _notebook(shipped, {"fine": "print(6 * 7)", "broken": "1 / 0", "never": "print('never')"})
    heard: list[Page] = []
    done = export_notebooks(tmp_path / "pages", variant="executed", on_page=heard.append)
    assert not done.ok
    assert [page.problems for page in heard] == [("Cell broken failed: ZeroDivisionError: division by zero",)]
    text = (tmp_path / "pages" / "01-one.html").read_text()
    assert '<p class="notice">Cell broken failed: ZeroDivisionError: division by zero</p>' in text
    assert "<pre>42\n</pre>" in text
    assert "<pre>never\n</pre>" not in text


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import time; time.sleep(60)", "Cell one still ran when the 3 s for this notebook were over."),
        ("import os; os.abort()", "Cell one took its kernel with it."),
    ],
)
def test_a_run_that_does_not_end_well_ends(shipped: Path, tmp_path: Path, source: str, problem: str) -> None:
    _notebook(shipped, {"one": source})
    done = export_notebooks(tmp_path / "pages", variant="executed", limit=3)
    assert [page.problems for page in done.pages] == [(problem,)]


def test_an_interrupt_ends_it_and_its_kernels(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "labkit", "export", "6", "-o", str(tmp_path / "pages"), "--variant", "executed"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    parent = psutil.Process(process.pid)
    until = time.monotonic() + 120
    while not (kernels := parent.children()) and time.monotonic() < until:
        time.sleep(0.1)
    assert kernels
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (130, "")
    _, alive = psutil.wait_procs(kernels, timeout=30)
    assert alive == []


def test_solved_means_that_the_solutions_are_there_and_pass(shipped: Path, tmp_path: Path) -> None:
    one = exercises()["09-tell-them-apart"]
    ask = f'from labkit import exercise\n\ntask = exercise("{one.id}")'
    answer = "def steps(lab, guest):\n    pass\n\n\ntask.check(steps)"
    _notebook(shipped, {"ask": ask, "answer": answer}, tags={"answer": [f"answer:{one.id}"]})
    done = export_notebooks(tmp_path / "pages", variant="solved")
    assert (done.ok, done.pages[0].problems) == (True, ())
    text = (tmp_path / "pages" / "01-one.html").read_text()
    assert "✔ Passed" in text
    assert "since 42 it closes the store" in text


def test_what_needs_a_compiler_is_left_out_where_there_is_none(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    tags = {"mend": ["needs:toolchain", "answer:01-mend-the-guest"]}
    _notebook(shipped, {"mend": "%%guest process-unwrap\n", "after": "print('went on')"}, tags=tags)
    done = export_notebooks(tmp_path / "pages", variant="solved")
    assert (done.ok, done.pages[0].left_out, done.pages[0].problems) == (True, ("mend",), ())
    text = (tmp_path / "pages" / "01-one.html").read_text()
    assert "Not run: there is no toolchain for this guest on the machine that made this page." in text
    assert "<pre>went on\n</pre>" in text


def test_a_solution_that_does_not_pass_is_a_problem(shipped: Path, tmp_path: Path) -> None:
    _notebook(shipped, {"answer": "pass"}, tags={"answer": ["answer:09-tell-them-apart"]})
    done = export_notebooks(tmp_path / "pages", variant="solved")
    assert [page.problems for page in done.pages] == [("The solution of 09-tell-them-apart does not pass.",)]


@pytest.mark.parametrize("exercise", exercises().values(), ids=lambda one: one.id)
def test_every_exercise_has_an_answer_cell_that_its_solution_fits(exercise: Any) -> None:
    path = resources.notebooks_dir() / f"{exercise.notebook}.ipynb"
    tag = f"answer:{exercise.id}"
    asking = tag.replace("answer:", "widget:") if exercise.plays else tag
    (before,) = [c for c in read_book(path, "clean").cells if asking in c.metadata.get("tags", [])]
    (after,) = [c for c in read_book(path, "solved").cells if tag in c.metadata.get("tags", [])]
    if exercise.plays:
        # What is answered in a widget is answered in a cell after it.
        assert after.source == exercise.solution.strip()
        assert (after.id, after.source.partition("(")[0]) == (f"{before.id}-answer", "predict_task.check")
        return
    assert exercise.solution.strip() in after.source
    assert ".check(" in after.source if ".check(" in before.source else after.source.startswith("%%guest")
    assert after.source == solved(before.source, exercise) != before.source
    # A check of a name finds what the solution defines.
    for name in re.findall(r"\.check\((\w+)\)", after.source):
        assert f"def {name}(" in exercise.solution


@pytest.mark.parametrize("name", NAMES[1:])
def test_solved_notebooks_count_what_has_passed_after_it_has(name: str) -> None:
    def ids(variant: Any) -> list[str]:
        return [cell.id for cell in read_book(resources.notebooks_dir() / f"{name}.ipynb", variant).cells]

    asked, told = ids("clean"), ids("solved")
    section = [cell for cell in told if cell.startswith("exercise-")]
    assert asked.index("exercises-so-far") < min(map(asked.index, set(section) & {*asked}))
    assert told.index("exercises-so-far") > max(map(told.index, section))
    assert told.index("exercises-so-far") < told.index("summary")


def test_paths_become_words_the_longest_first(tmp_path: Path) -> None:
    paths = Paths({tmp_path / "run": "."})
    inside = resources.PACKAGE / "lab.py"
    assert paths.without(f"at {inside}:3, in {tmp_path / 'run'}/x") == "at ‹labkit›/lab.py:3, in ./x"
    assert paths.without(f"{Path.home()}/notes and {Path.home()}-other") == f"~/notes and {Path.home()}-other"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("poisoned",), "There is no notebook named 'poisoned'"),
        (("mine.labkit",), "mine.labkit cannot be read: No such file or directory."),
        (("mine.labkit", "--variant", "solved"), "--variant, --jobs and --limit are for notebooks"),
        (("1", "mine.labkit"), "There is no notebook named 'mine.labkit'"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(
    labkit: Labkit, arguments: tuple[str, ...], sentence: str
) -> None:
    done = labkit("export", *arguments, "-o", "out.html")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"labkit: {sentence}")
    assert done.err.count("\n") == 1
