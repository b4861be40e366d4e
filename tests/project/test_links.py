"""What the documents and the notebooks point to is there, and the commands they name take what is said."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.project import notebooks
from tests.project.pages.commands import every_command
from tests.project.pages.reference import anchor

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


def _anchors(text: str) -> set[str]:
    """The anchors of a document as a forge makes them: a heading that comes again is numbered."""
    prose = FENCE.sub("", text)
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE):
        name = anchor(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading))
        found.add(name if not seen[name] else f"{name}-{seen[name]}")
        seen[name] += 1
    return found


def _in_notebook(path: Path) -> set[str]:
    """The fragments that JupyterLab knows in a notebook: its cells, and its headings."""
    found = set()
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        found.add(f"cell-id={cell['id']}")
        if cell["cell_type"] == "markdown":
            headings = re.findall(r"^#+ (.+?)\s*$", "".join(cell["source"]), re.MULTILINE)
            found |= {heading.replace(" ", "-") for heading in headings}
    return found


def _commands(text: str) -> Iterator[str]:
    """What stands behind `labkit` in spans of code and in blocks of it."""
    for block in FENCE.findall(text):
        yield from re.findall(r"^(?:\.venv/bin/)?labkit (.+)$", block, re.MULTILINE)
    yield from re.findall(r"`(?:\.venv/bin/)?labkit ([^`\n]+)`", FENCE.sub("", text))


def _fragments(path: Path) -> set[str]:
    return _in_notebook(path) if path.suffix == ".ipynb" else _anchors(path.read_text("utf-8"))


def _dead(folder: Path, own: Path, text: str) -> Iterator[str]:
    for target in LINK.findall(text):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _sign, fragment = target.partition("#")
        path = (folder / name).resolve() if name else own
        if not path.exists() or (fragment and fragment not in _fragments(path)):
            yield target


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_what_a_document_points_to_is_there(path: Path) -> None:
    assert list(_dead(path.parent, path, path.read_text("utf-8"))) == []


@pytest.mark.parametrize("path", notebooks.shipped(), ids=lambda path: path.name)
def test_what_a_notebook_points_to_is_there(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert [dead for text in texts for dead in _dead(path.parent, path, text)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_the_commands_of_a_document_take_the_options_that_it_names(path: Path) -> None:
    known = every_command()
    for said in _commands(path.read_text("utf-8")):
        words = said.split()
        command = known.get(" ".join(words[:2])) or known.get(words[0])
        assert command is not None or not words[0].islower(), f"There is no command {words[0]!r}."
        if command is not None and not isinstance(command, click.Group):
            options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
            named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", said))
            assert named <= options, f"labkit {said}"


def test_every_command_has_a_row_in_the_readme_or_an_entry_on_the_page_of_commands() -> None:
    rows = set(re.findall(r"^\| `labkit ([a-z]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    entries = set(
        re.findall(r"^## `labkit ([a-z]+)`", (ROOT / "docs/commands.md").read_text("utf-8"), re.MULTILINE)
    )
    assert rows <= entries
    assert entries == {name for name in every_command() if " " not in name}


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    text = "[a](gone.md) [b](#gone) [c](#here) [d](two.ipynb#cell-id=one) [e](two.ipynb#One)\n\n# Here\n"
    own = tmp_path / "one.md"
    own.write_text(text)
    cells = [{"id": "two", "cell_type": "markdown", "source": ["# One\n"]}]
    (tmp_path / "two.ipynb").write_text(json.dumps({"cells": cells}))
    assert list(_dead(tmp_path, own, text)) == ["gone.md", "#gone", "two.ipynb#cell-id=one"]
