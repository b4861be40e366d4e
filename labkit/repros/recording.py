"""Making a repro of a scenario: it is played once, in a child process, and what came of it is kept."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from labkit.host.program import Program
from labkit.record.repro import Repro, make_repro
from labkit.record.scenario import Scenario
from labkit.reuse.play import policy_for
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.release import Runtime
from labkit.runtimes.run import run_in_child
from labkit.runtimes.watch import ChildLimits


def record_repro(
    scenario: Scenario,
    programs: Mapping[str, Program],
    runtime: Runtime,
    *,
    policy: str | None = None,
    limits: ChildLimits | None = None,
    nursery: Nursery | None = None,
) -> Repro:
    """A repro of `scenario` under `runtime`, and under `policy` in place of its own if that is given.

    Raises what `labkit.runtimes.run_in_child` raises.
    """
    chosen = policy_for(scenario, policy)
    if chosen not in (None, scenario.policy or "keep"):
        # What it expects is said of its own policy.
        scenario = msgspec.structs.replace(scenario, policy=chosen, expect=())
    trace = run_in_child(scenario, programs, runtime, limits=limits, nursery=nursery)
    return make_repro(scenario, trace, programs)
