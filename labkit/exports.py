"""A repro in other forms, by the name of the file that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labkit.errors import ArgumentError
from labkit.files import write_file
from labkit.record import Repro
from labkit.repros import python_script, rust_program, wast_script


def export(repro: Repro, path: Path, file: str | None = None) -> Path:
    """Write a repro as a page (`.html`), a report (`.md`), a script or a host program (`.py`, `.rs`, `.wast`).

    `file` is the name of the repro's own file, for the sentences that tell people what to do with it.
    Raises `ArgumentError` for another suffix, `LabkitError` for what such a program cannot say, `FormatError` when
    the file cannot be written.
    """
    writers: dict[str, Callable[[Repro], str]] = {
        ".html": _page,
        ".md": lambda one: one.report_of(file or one.file),
        ".py": python_script,
        ".rs": rust_program,
        ".wast": wast_script,
    }
    if path.suffix not in writers:
        raise ArgumentError(
            f"A repro is exported to a file that ends in {', '.join(writers)}, not to {path.name}."
        )
    return write_file(path, writers[path.suffix](repro).encode("utf-8", "replace"))


def _page(repro: Repro) -> str:
    # matplotlib comes with it.
    from labkit.views.repro_page import repro_page

    return repro_page(repro)
