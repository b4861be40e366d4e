"""Gives the frames of a trace their names and lines back, from a symbol file, offline.

A frame says the index of a function, an offset into it, and an offset into the file: that of the component, where
the core module lies in one. Stripping takes the module's name from the frames too, but not these numbers. A frame
is looked up when the file has the function of its index begin exactly where the two offsets say; so no two core
modules of a component are taken for each other, and a frame of another program stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from labkit.errors import LabkitError
from labkit.host import Frame, Outcome, Program
from labkit.inspect.symbols import Symbols, modules_of
from labkit.record import ProgramRecord, Step, Trace


def symbolize(trace: Trace, symbols: Symbols, programs: Iterable[Program] = ()) -> Trace:
    """The trace with names and lines in the frames of the program that the symbols are of.

    Names that are there stay; offsets into the file become those of the program before it was stripped. A program
    of the trace is known by its digest; `programs` are consulted for those that somebody else has stripped: their
    core modules have to be of the same builds. Raises `LabkitError` when no program of the trace is the one of the
    symbols, or when it never left a frame.
    """
    layouts = _layouts(trace, symbols, programs)
    readers = {name: _Reader(symbols, layout) for name, layout in layouts.items()}
    instantiations = {step.instance: step for step in trace if step.do == "instantiate"}
    steps = []
    for step in trace:
        made = instantiations.get(step.instance, step)
        # What other instances lend, and calls inside calls, put frames of other programs into a backtrace.
        alone = not made.given and step.inside is None
        steps.append(readers[step.program].step(step, alone=alone) if step.program in readers else step)
    if not any(reader.found_frames for reader in readers.values()):
        raise LabkitError(
            f"No step of {symbols.program} in this trace has frames, so there is nothing to look up."
        )
    return msgspec.structs.replace(trace, steps=tuple(steps))


def _layouts(trace: Trace, symbols: Symbols, programs: Iterable[Program]) -> dict[str, list[int]]:
    """Where each core module's code begins, for the names under which the trace has the program of the symbols."""
    known = {program.digest: program for program in programs}
    found = ((record.name, _layout(record, symbols, known)) for record in trace.programs)
    layouts = {name: layout for name, layout in found if layout is not None}
    if not layouts:
        seen = ", ".join(f"{record.name} ({record.digest[:12]}…)" for record in trace.programs) or "none"
        raise LabkitError(
            f"These are the symbols of {symbols.program} with SHA-256 {symbols.digests[0][:12]}…, stripped "
            f"{symbols.digests[1][:12]}…, and no program of this trace is that build: {seen}."
        )
    return layouts


def _layout(record: ProgramRecord, symbols: Symbols, known: Mapping[str, Program]) -> list[int] | None:
    if record.digest in symbols.digests:
        which = symbols.digests.index(record.digest)
        return [module.code[which] for module in symbols.modules]
    program = known.get(record.digest)
    if program is None or not symbols.belongs_to(program):
        return None
    return [module.code for module in modules_of(program)]


class _Reader:
    """Looks frames up; `found_frames` says whether there were any."""

    def __init__(self, symbols: Symbols, layout: Sequence[int]) -> None:
        self.found_frames = False
        self._functions = {
            (function.index, code + function.start): (module, function)
            for module, code in zip(symbols.modules, layout, strict=True)
            for function in module.functions
        }

    def step(self, step: Step, *, alone: bool) -> Step:
        """A step with what can be known of its frames; `alone`: all of them are the program's own."""
        if step.outcome is None or not step.outcome.frames:
            return step
        self.found_frames = True
        frames = tuple(self._frame(frame, alone) for frame in step.outcome.frames)
        outcome: Outcome = msgspec.structs.replace(step.outcome, frames=frames)
        return msgspec.structs.replace(step, outcome=outcome)

    def _frame(self, frame: Frame, alone: bool) -> Frame:
        place = frame.func_index, frame.module_offset - frame.func_offset
        if place not in self._functions or (frame.module is None and not alone):
            return frame
        module, function = self._functions[place]
        if frame.module is not None and frame.module != module.name:
            return frame
        return msgspec.structs.replace(
            frame,
            func=frame.func or function.name,
            module=frame.module or module.name,
            module_offset=module.code[0] + function.start + frame.func_offset,
            source=module.location(function, frame.func_offset),
        )
