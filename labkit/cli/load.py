"""Programs and scenarios by the names people type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labkit import bounds
from labkit.errors import FormatError

if TYPE_CHECKING:
    from labkit.host import Program
    from labkit.record import Scenario


def program(name: str) -> Program:
    """A guest of the catalogue, built or prebuilt."""
    from labkit.cli.out import progress
    from labkit.programs import build_program

    with progress(f"building {name}") as say:
        return build_program(name, say=say)


def scenario(what: str) -> Scenario:
    """A shipped scenario by its id or its family's number, or one from a `.json` file."""
    from labkit import record

    if not is_file(what):
        return record.find_scenario(what)
    text = _read(Path(what))
    try:
        return record.read_scenario(text)
    except FormatError as error:
        if _is_trace(text):
            raise FormatError(
                f"{what} is a trace, which says what happened; this takes a scenario, which says what to do. "
                "In Python, labkit.scenario_of(labkit.read_trace(text), …).to_json() makes one of it."
            ) from None
        raise FormatError(f"{what}: {error}") from None


def family(what: str) -> list[Scenario]:
    """Every scenario of a family by its id, its main one first; one scenario for anything `scenario` takes."""
    from labkit import record

    first = scenario(what)
    if is_file(what) or first.id != first.family:
        return [first]
    return [first, *(s for s in record.scenarios().values() if s.family == first.id and s.id != first.id)]


def is_file(what: str) -> bool:
    """Whether `what` names a file, which may come from anybody, and not a shipped scenario."""
    return what.endswith(".json")


def _read(path: Path) -> bytes:
    """What is in a file, as far as a scenario can be read at all."""
    if path.exists() and not path.is_file():
        # A pipe would be waited for, perhaps for ever.
        raise FormatError(f"{path} cannot be read: it is no file.")
    try:
        with path.open("rb") as file:
            return file.read(bounds.FILE + 1)
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}.") from None


def _is_trace(text: bytes) -> bool:
    from labkit import record

    try:
        record.read_trace(text)
    except FormatError:
        return False
    return True
