"""Programs and scenarios by the names people type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from labkit import bounds
from labkit.errors import FormatError
from labkit.files import read_file

if TYPE_CHECKING:
    from labkit.host import Program
    from labkit.record import Scenario

SUFFIX = ".labkit"


def program(name: str) -> Program:
    """A guest of the catalogue, built or prebuilt."""
    from labkit.cli.out import progress
    from labkit.programs import build_program

    with progress(f"building {name}") as say:
        return build_program(name, say=say)


def scenario(what: str) -> Scenario:
    """A shipped scenario by its id, or one from a `.json` file."""
    from labkit import record

    if what.endswith(SUFFIX):
        raise FormatError(f"{what} is a repro, which brings its programs along; `labkit replay` plays it again.")
    if not is_file(what):
        return record.find_scenario(what)
    text = read_file(Path(what), bounds.FILE)
    try:
        return record.read_scenario(text)
    except FormatError as error:
        if _is_trace(text):
            raise FormatError(
                f"{what} is a trace, which says what happened; this takes a scenario, which says what to do. "
                "In Python, labkit.scenario_of(labkit.read_trace(text), …).to_json() makes one of it."
            ) from None
        raise FormatError(f"{what}: {error}") from None


class Wanted(NamedTuple):
    """Scenarios to play, and where their programs come from; `brought`: from the file that they are in."""

    scenarios: list[Scenario]
    load: Callable[[str], Program]
    brought: Mapping[str, Program] | None = None


def wanted(what: str) -> Wanted:
    """A repro, a scenario's file or id, or a family by its id: all of it, its main scenario first."""
    from labkit import record

    if what.endswith(SUFFIX):
        repro = record.load_repro(what)
        # A folder of them is told apart by the names of the files.
        named = msgspec.structs.replace(repro.scenario, id=Path(what).stem[: bounds.NAME])
        return Wanted([named], repro.programs.__getitem__, repro.programs)
    first = scenario(what)
    if is_file(what) or "/" in what:
        return Wanted([first], program)
    others = [s for s in record.scenarios().values() if s.family == what and s.id != first.id]
    return Wanted([first, *others], program)


def is_file(what: str) -> bool:
    """Whether `what` names a file, which may come from anybody, and not a shipped scenario."""
    return what.endswith(".json")


def _is_trace(text: bytes) -> bool:
    from labkit import record

    try:
        record.read_trace(text)
    except FormatError:
        return False
    return True
