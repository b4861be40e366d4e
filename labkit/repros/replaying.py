"""Playing a repro again, and saying in one sentence whether it went as it was recorded."""

from __future__ import annotations

import threading

import msgspec

from labkit import resources
from labkit.host.outcome import Outcome
from labkit.record.repro import Repro
from labkit.record.trace import Trace
from labkit.runtimes.difference import first_difference, outcome_of, past
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.release import Runtime
from labkit.runtimes.run import run_in_child
from labkit.runtimes.watch import ChildLimits


class Replay(msgspec.Struct, frozen=True):
    """What came of a repro this time: `trace`, under the release `runtime`; `recorded` is the release of the file.

    `step` is the first that went differently from what was recorded, `expected` and `got` its outcomes (None: the
    step did not happen); a replay that went the same has none.
    """

    recorded: str
    runtime: str
    trace: Trace
    step: int | None = None
    expected: Outcome | None = None
    got: Outcome | None = None

    @property
    def same(self) -> bool:
        """Whether every step went as it was recorded."""
        return self.step is None

    @property
    def sentence(self) -> str:
        """The verdict, in words."""
        if self.step is None:
            steps = f"{len(self.trace)} step{'s' * (len(self.trace) != 1)}"
            under = "" if self.recorded == self.runtime else f", recorded under {self.recorded}"
            return f"The same under Wasmtime {self.runtime}{under}: {steps}, every one as it was recorded."
        return (
            f"Different at step {self.step}: recorded under Wasmtime {self.recorded}, it {past(self.expected)}; "
            f"now, under {self.runtime}, it {past(self.got)}."
        )


def replay(
    repro: Repro,
    runtime: Runtime,
    *,
    limits: ChildLimits | None = None,
    nursery: Nursery | None = None,
    stop: threading.Event | None = None,
) -> Replay:
    """Play `repro` in a child process with `limits`, under `runtime`, and compare with what was recorded.

    Texts and backtraces are not compared: releases word them differently. Raises what
    `labkit.runtimes.run_in_child` raises where it cannot be played at all.
    """
    trace = run_in_child(
        repro.scenario,
        repro.programs,
        runtime,
        limits=limits,
        nursery=nursery,
        stop=stop,
        kept=resources.machine_code_dir(),
    )
    return compare(repro.trace, trace)


def compare(recorded: Trace, trace: Trace) -> Replay:
    """What two traces of one scenario have in common, `recorded` being the one that counts."""
    n = first_difference(recorded, trace)
    if n is None:
        return Replay(recorded.runtime, trace.runtime, trace)
    return Replay(recorded.runtime, trace.runtime, trace, n, outcome_of(recorded, n), outcome_of(trace, n))
