"""The texts that a guest is made from, to read or to compile again where labkit is not."""

from __future__ import annotations

from labkit.guests.catalogue import guest
from labkit.guests.componentize import python_files
from labkit.guests.workspace import source_files


def sources(name: str, source: str | None = None) -> dict[str, str]:
    """All that decides what a guest of the catalogue becomes, by path.

    `source` takes the place of the file that a trainee edits. Raises `UnknownNameError`.
    """
    found = guest(name)
    if found.language == "wat":
        return {found.source_file: found.source if source is None else source}
    files = python_files(found, source) if found.language == "python" else source_files(found, source)
    return {path: data.decode("utf-8", "replace") for path, data in files.items()}
