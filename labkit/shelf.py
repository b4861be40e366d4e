"""The programs a lab has seen, so that what was done with them can be done again with the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labkit.errors import LabkitError, UnknownNameError, unknown
from labkit.host import Program
from labkit.record.trace import Trace


class Shelf:
    """Keeps programs by name and by digest.

    `recorded` are those a trace names, under the trace's own names; `build` makes a guest of the catalogue and
    raises `UnknownNameError` for other names.
    """

    def __init__(self, recorded: Mapping[str, Program], build: Callable[[str], Program]) -> None:
        self._recorded = recorded
        self._build = build
        self._named: dict[str, Program] = {}
        self._digests: dict[str, Program] = {}

    def keep(self, program: Program) -> Program:
        """Remember a program, and hand it back; a name stands for the last program that had it."""
        self._named[program.name] = program
        self._digests[program.digest] = program
        return program

    def named(self, name: str) -> Program:
        """The program that was last seen under a name, or the guest of the catalogue; `UnknownNameError`."""
        known = {**self._named, **self._recorded}
        if name in known:
            return known[name]
        try:
            return self._build(name)
        except UnknownNameError:
            raise unknown("program", name, known) from None

    @property
    def all(self) -> list[Program]:
        """Every program that has been seen, each once."""
        return list((self._digests | {program.digest: program for program in self._recorded.values()}).values())

    def of_trace(self, trace: Trace) -> dict[str, Program]:
        """The programs of a trace by the names it uses, byte for byte; raises `LabkitError` if one is missing."""
        return {record.name: self._exactly(record.name, record.digest) for record in trace.programs}

    def _exactly(self, name: str, digest: str) -> Program:
        seen = self._digests | {program.digest: program for program in self._recorded.values()}
        if digest in seen:
            return seen[digest]
        try:
            built = self._build(name)
        except LabkitError:
            built = None
        if built is None or built.digest != digest:
            raise LabkitError(
                f"The trace used a program {name!r} with SHA-256 {digest[:16]}…, which this lab has not seen; "
                "load or build that very program in this lab first."
            )
        return built
