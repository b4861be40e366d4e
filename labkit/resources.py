"""Where the guests, the notebooks and the caches lie.

A checkout keeps `guests/` and `notebooks/` beside the package, a wheel carries copies inside it.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec
import platformdirs

from labkit.errors import FormatError

T = TypeVar("T")

PACKAGE = Path(__file__).parent
INSTRUCTOR = "instructor"
"""The folder, among the notebooks, of what is written for whoever teaches with them."""


def _data(name: str) -> Path:
    packed = PACKAGE / "_data" / name
    return packed if packed.is_dir() else PACKAGE.parent / name


def guests_dir() -> Path:
    """The Cargo workspace with one folder per guest."""
    return _data("guests")


def notebooks_dir() -> Path:
    """The shipped notebooks, without outputs."""
    return _data("notebooks")


def instructor_dir() -> Path:
    """The notes for instructors, in Markdown."""
    return notebooks_dir() / INSTRUCTOR


def scenarios_dir() -> Path:
    """The shipped scenarios, one TOML file per family."""
    return PACKAGE / "scenarios"


def cache_dir() -> Path:
    """The user's cache for builds, runtimes and results; `LABKIT_CACHE` moves it."""
    override = os.environ.get("LABKIT_CACHE")
    return Path(override) if override else platformdirs.user_cache_path("labkit", appauthor=False)


def machine_code_dir() -> Path:
    """Where children keep machine code, so that a large program is compiled once and not at every call."""
    return cache_dir() / "machine-code"


def state_dir() -> Path:
    """Where progress through the exercises is kept; `LABKIT_STATE` moves it."""
    override = os.environ.get("LABKIT_STATE")
    return Path(override) if override else platformdirs.user_state_path("labkit", appauthor=False)


def read_toml(path: Path, kind: type[T], what: str) -> T:
    """A shipped data file as `kind`; raises `FormatError`, naming the file and `what` it should be."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FormatError(f"{path.name} is no {what} file: {error}.") from None


class Cell(msgspec.Struct, frozen=True):
    """One cell of a shipped notebook, as far as the lab reads it: `kind` is `markdown` or `code`."""

    id: str
    kind: str
    text: str
    tags: tuple[str, ...]


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook; raises `FormatError` if it cannot be read."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return [
            Cell(c["id"], c["cell_type"], "".join(c["source"]), tuple(c["metadata"].get("tags", ())))
            for c in cells
        ]
    except (OSError, ValueError, KeyError, TypeError):
        raise FormatError(f"{path.name} is no notebook that can be read.") from None
