"""What the ways of one run share: engines by their knobs, and programs that are compiled and linked in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import wasmtime
from wasmtime import component as c

from labkit.cost import public
from labkit.cost.crew import Crew
from labkit.cost.engines import Knobs, make_engine
from labkit.cost.native.call import Fresh, Live
from labkit.cost.native.component import Component
from labkit.cost.native.core import Core
from labkit.cost.results import Subject
from labkit.cost.workloads import workload
from labkit.errors import ArgumentError, ProgramError
from labkit.host.engine import Engine
from labkit.host.faults import root_cause
from labkit.host.program import Program


class Stage:
    """Engines and programs, each made once. `folder`: where files may be put.

    `absent`: why a workload is not among the programs. `crew`: processes for whoever wants several.
    """

    def __init__(
        self, programs: Mapping[str, Program], absent: Mapping[str, str], folder: Path, crew: Crew | None = None
    ) -> None:
        self._folder = folder
        self.crew = crew or Crew()
        self._programs = programs
        self._absent = absent
        self._engines: dict[Knobs, wasmtime.Engine] = {}
        self._prepared: dict[tuple[Knobs, str], Core | Component] = {}
        self._lab_engine: Engine | None = None

    def program(self, name: str) -> Program:
        """A workload's program; raises `ArgumentError`, with the reason, where there is none."""
        if name not in self._programs:
            raise ArgumentError(self._absent.get(name) or f"The workload {name} was not given.")
        return self._programs[name]

    @property
    def cache(self) -> Path:
        """A folder in which the runtime may keep what it compiled."""
        found = self._folder / "cache"
        found.mkdir(exist_ok=True)
        return found

    def file(self, name: str, content: bytes) -> Path:
        """A file with this content."""
        found = self._folder / name
        found.write_bytes(content)
        return found

    def engine(self, knobs: Knobs) -> wasmtime.Engine:
        """The engine with these knobs; raises `ProgramError` where this machine has no room for it."""
        if knobs not in self._engines:
            try:
                self._engines[knobs] = make_engine(knobs)
            except wasmtime.WasmtimeError as error:
                raise ProgramError(f"No such engine can be made here: {root_cause(str(error))}.") from None
        return self._engines[knobs]

    @property
    def lab_engine(self) -> Engine:
        """An engine as labs have it, which watches over its guests."""
        if self._lab_engine is None:
            self._lab_engine = Engine()
        return self._lab_engine

    def prepared(self, subject: Subject) -> Core | Component:
        """The subject's program in its engine; raises `ProgramError` where the engine does not take it."""
        knobs = Knobs(
            pooling=subject.allocation == "pooling",
            copy_on_write=subject.copy_on_write,
            keep_resident=subject.keep_resident,
        )
        key = knobs, subject.guest
        if key not in self._prepared:
            self._prepared[key] = prepare(self.engine(knobs), self.program(subject.guest), subject.guest)
        return self._prepared[key]

    def code(self, name: str) -> wasmtime.Module | c.Component:
        """A workload's code in the engine without any knobs; raises as `prepared`."""
        return self.prepared(Subject("compile", name)).code

    def fresh(self, subject: Subject, export: str | None = None, args: tuple[Any, ...] | None = None) -> Fresh:
        """The subject's call in a fresh store, or another call of its program."""
        one, program = workload(subject.guest), self.prepared(subject)
        export, args = export or one.export, one.args if args is None else args
        if subject.reading == "python":
            return public.fresh(program, export, *args)
        return program.fresh(export, *args)

    def live(self, subject: Subject, export: str | None = None, args: tuple[Any, ...] | None = None) -> Live:
        """The subject's call on a live instance, or another call of its program."""
        one, program = workload(subject.guest), self.prepared(subject)
        export, args = export or one.export, one.args if args is None else args
        if subject.reading == "python":
            return public.live(program, export, *args)
        return program.live(export, *args)


def prepare(engine: wasmtime.Engine, program: Program, name: str) -> Core | Component:
    """A workload's program, compiled and linked as it wants to be; raises `ProgramError`."""
    wasi = workload(name).wasi
    if program.kind == "module":
        return Core(engine, program, wasi=wasi)
    return Component(engine, program, wasi=wasi)
