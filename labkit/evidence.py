"""What a lab keeps of a failure apart from the guest: symbols, memory, core dumps, and what lines cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labkit import guests
from labkit.errors import LabkitError, ToolchainError
from labkit.host import Instance, Program
from labkit.inspect import (
    CoreDump,
    MemoryDiff,
    SizeReport,
    Snapshot,
    Symbols,
    TrapCostReport,
    core_dump,
    load_symbols,
    measure_sizes,
    measure_traps,
    memory_diff,
    read_core_dump,
    snapshot,
    strip,
    symbolize,
    write_evidence,
)
from labkit.notice import Notice
from labkit.record import Trace, recorded
from labkit.shelf import Shelf


class Evidence:
    """The part of a lab that is about evidence; `labkit.Lab` is the whole."""

    _shelf: Shelf

    @property
    def trace(self) -> Trace:
        """Everything done in this lab so far."""
        raise NotImplementedError

    def build(self, name: str, source: str | None = None, *, debug: guests.Debug = "names") -> Program:
        """Compile a guest of the catalogue."""
        raise NotImplementedError

    def recorded(self, scenario: str) -> Trace:
        """What came of a scenario when the lab was made, for machines that cannot build its guest.

        Raises `UnknownNameError` for a scenario of which there is no recording.
        """
        return recorded(scenario)

    def strip(self, program: Program) -> tuple[Program, Symbols]:
        """A program without names and DWARF, and the symbols to keep apart from it.

        Raises `ProgramError` for a program that cannot be taken apart, or whose DWARF does not decode.
        """
        bare, symbols = strip(program)
        return self._shelf.keep(bare), symbols

    def symbolize(self, trace: Trace, symbols: Symbols | str | Path) -> Trace:
        """The trace with names and lines in its frames; `symbols` may be the path of a symbol file.

        Raises `LabkitError` when no program of the trace is of the same build as the symbols.
        """
        known = symbols if isinstance(symbols, Symbols) else load_symbols(Path(symbols))
        return symbolize(trace, known, self._shelf.all)

    def snapshot(self, instance: Instance, memory: str | None = None) -> Snapshot:
        """A copy of what an instance of a core module has in its exported memory, to compare with a later one.

        Without `memory`, the name of an export, it is the first one. Raises `LabkitError` for a component, whose
        memories nobody sees, `UnknownNameError` where there is no such memory.
        """
        return snapshot(instance, memory)

    def memory_diff(self, before: Snapshot, after: Snapshot) -> MemoryDiff:
        """What changed in a memory from one snapshot to the next, range by range.

        Changes less than 8 bytes apart are one range. Raises `ArgumentError` for snapshots of different memories.
        """
        return memory_diff(before, after)

    def core_dump(self, instance: Instance, path: str | Path | None = None) -> CoreDump:
        """What the last step that failed in an instance of a core module left of it; written to `path` if given.

        Raises `LabkitError` for a component, of which only the frames can be had, for a closed store, and when no
        step of the instance left frames.
        """
        failed = [
            step.outcome
            for step in self.trace
            if step.instance == instance.number and step.outcome is not None and step.outcome.frames
        ]
        if not failed and instance.program.kind == "module":
            raise LabkitError(f"Nothing has gone wrong in instance {instance.number} yet: no step left frames.")
        data = core_dump(instance, failed[-1] if failed else instance.outcome)
        if path is not None:
            write_evidence(Path(path), data)
        return read_core_dump(data)

    def debug_sizes(self, name: str) -> SizeReport:
        """A Rust guest built with all of DWARF, with lines and with names, and stripped: what each takes.

        Sizes are in bytes. Without a toolchain there is the prebuilt file with names, and the report says so.
        Raises `UnknownNameError` for a guest that is none.
        """
        builds, missing = self._debug_builds(name)
        return measure_sizes(builds, note=missing)

    def trap_costs(self, name: str, export: str, *args: Any, traps: int = 60) -> TrapCostReport:
        """What a trap of a Rust guest costs with its lines looked up at once and without, in builds that differ.

        `export(*args)` has to trap; each build traps `traps` times, in a process of its own, and the times are
        medians in microseconds. Raises `ArgumentError` for a call that leaves no frames or cannot be made,
        `ToolchainError` where nothing can be built, and `ChildError` for a process that ends.
        """
        builds, _ = self._debug_builds(name)
        largest = next(iter(builds))
        wanted = {largest: builds[largest], "stripped": strip(builds[largest], lines=False)[0]}
        with Notice("measuring") as notice:
            return measure_traps(wanted, export, args, traps=traps, on_progress=lambda part: notice(f"{part:.0%}"))

    def _debug_builds(self, name: str) -> tuple[dict[str, Program], str]:
        """Builds of a guest, the one that says most of its source first, and why some are missing."""
        levels: tuple[guests.Debug, ...] = ("full", "lines", "names")
        try:
            return {level: self.build(name, debug=level) for level in levels}, ""
        except ToolchainError as error:
            return {"names": self.build(name)}, f"Builds with DWARF are missing. {error}"
