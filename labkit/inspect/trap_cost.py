"""What debug information costs at every trap, when the runtime is told to look lines up.

With `WASMTIME_BACKTRACE_DETAILS=1` Wasmtime decodes a program's DWARF whenever it makes a backtrace. Processes
with and without it take turns, trap by trap, so that what else the machine does reaches them alike; medians are
compared.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import msgspec

from labkit.errors import ArgumentError, ChildError
from labkit.host import Program
from labkit.host.versions import current

_WARM_UP: Final = 3
MISUSE = "!"
"""What an answer of a measured process begins with that says why the call cannot be made."""

_SWITCH: Final = "WASMTIME_BACKTRACE_DETAILS"


class TrapCost(msgspec.Struct, frozen=True):
    """Median microseconds of a call that traps, over `traps` of them; `details`: lines are looked up."""

    level: str
    details: bool
    median_us: float
    traps: int


class TrapCostReport(msgspec.Struct, frozen=True):
    """Costs that were measured in one run."""

    program: str
    costs: tuple[TrapCost, ...]
    machine: str

    def median(self, level: str, *, details: bool) -> float:
        """The median microseconds of one way; raises `ArgumentError` for one that was not measured."""
        for cost in self.costs:
            if (cost.level, cost.details) == (level, details):
                return cost.median_us
        known = dict.fromkeys(cost.level for cost in self.costs)
        raise ArgumentError(f"{level!r} was not measured; there are {', '.join(known)}.")


def measure_traps(
    builds: Mapping[str, Program],
    export: str,
    args: Sequence[Any],
    *,
    traps: int = 100,
    on_progress: Callable[[float], None] | None = None,
) -> TrapCostReport:
    """Time `export(*args)`, which has to trap, in builds by their level, with lines looked up and without.

    `on_progress` gets 0 to 1. Raises `ArgumentError` for a call that leaves no frames or cannot be made,
    `ChildError` for a process that ends.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="labkit-")))
        ways = [
            stack.enter_context(_Trapping(folder, level, program, export, args, details=details))
            for level, program in builds.items()
            for details in (False, True)
        ]
        for turn in range(traps + _WARM_UP):
            for way in ways:
                took = way.trap()
                if turn >= _WARM_UP:
                    way.samples.append(took)
            if on_progress is not None:
                on_progress((turn + 1) / (traps + _WARM_UP))
        costs = tuple(TrapCost(w.level, w.details, statistics.median(w.samples) / 1000, traps) for w in ways)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, wasmtime {current().version}"
    return TrapCostReport(next(iter(builds.values())).name, costs, machine)


class _Trapping:
    """A process that traps when it is told to; `samples` are nanoseconds."""

    def __init__(
        self, folder: Path, level: str, program: Program, export: str, args: Sequence[Any], *, details: bool
    ) -> None:
        self.level = level
        self.details = details
        self.samples: list[int] = []
        file = folder / f"{level}.wasm"
        file.write_bytes(program.wasm)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "labkit.inspect.trap_cost_child", file, program.name, export, json.dumps(args)],
            env={**os.environ, _SWITCH: str(int(details))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def trap(self) -> int:
        """Have it trap once; the nanoseconds that it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write("again\n")
            self._process.stdin.flush()
            said = self._process.stdout.readline().strip()
        except OSError:
            said = ""
        if not said:
            raise ChildError("A process that was measured ended before it was done; try again.")
        if said.startswith(MISUSE):
            raise ArgumentError(said.removeprefix(MISUSE))
        if not said.isdigit():
            raise ArgumentError(f"Only a call that traps can be measured here, and this one {said}.")
        return int(said)

    def __enter__(self) -> _Trapping:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.kill()
        with self._process:
            self._process.wait()
