"""How far a failure reaches, as the pictures show it."""

from __future__ import annotations

from labkit.record.history import poisoned_since
from labkit.record.trace import Trace


def lockouts(trace: Trace) -> dict[int, int]:
    """Store → the step that poisoned it, for stores in which that shows.

    A store that only ever held core modules is left out: they can be called after a trap, so nothing in it was
    locked. A program the trace has no record of may be a component.
    """
    modules = {program.name for program in trace.programs if program.kind == "module"}
    lockable = {step.store for step in trace if step.program not in modules}
    return {store: step for store, step in poisoned_since(trace).items() if store in lockable}
