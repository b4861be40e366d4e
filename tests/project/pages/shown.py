"""Where the notebooks first show a name of the package."""

from __future__ import annotations

import re
from functools import cache

import nbformat

from tests.project import notebooks


def where_shown(name: str) -> str:
    """A line with a link to the notebook, and the section in it; empty if no notebook uses `name`."""
    short = name.rpartition(".")[2]
    pattern = re.compile(rf"\blab\.{short}\b" if name.startswith("Lab.") else rf"(?<![.\w%]){short}\(")
    for file, section, source in _cells():
        if pattern.search(source):
            return f"Shown in [`{file}`](../notebooks/{file}.ipynb), “{section}”."
    return ""


@cache
def _cells() -> tuple[tuple[str, str, str], ...]:
    """Every code cell as the notebook's name, the section it stands in, and its source."""
    found = []
    for path in notebooks.shipped():
        section = path.stem
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                # The place of a prediction is what it is about.
                headings = [
                    text for text in re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE) if text != "Predict"
                ]
                section = headings[-1].strip(' "') if headings else section
            elif cell.cell_type == "code":
                found.append((path.relative_to(notebooks.FOLDER).with_suffix("").as_posix(), section, cell.source))
    return tuple(found)
