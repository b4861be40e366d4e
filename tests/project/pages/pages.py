"""The pages of `docs/` that are written from the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.project.pages.commands import command_line
from tests.project.pages.imports import ROOT
from tests.project.pages.picture import picture
from tests.project.pages.reference import reference

PAGES: dict[str, Callable[[], str]] = {
    "docs/architecture.svg": picture,
    "docs/commands.md": command_line,
    "docs/reference.md": reference,
}


def write(root: Path = ROOT) -> list[str]:
    """Write every page below `root`; gives the names of those that changed."""
    return [name for name, made in PAGES.items() if _write(root / name, made())]


def _write(path: Path, text: str) -> bool:
    if path.is_file() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return True
