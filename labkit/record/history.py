"""Reads a trace for what its steps did to each other."""

from __future__ import annotations

from labkit.host.health import POISONING
from labkit.host.versions import Release
from labkit.record.trace import Step, Trace


def poisons(step: Step) -> bool:
    """Whether Wasmtime lets no component of this store be entered after `step` (which scope: see `Release`)."""
    return step.outcome is not None and step.outcome.kind in POISONING


def poisoned_since(trace: Trace) -> dict[int, int]:
    """Store → the step that poisoned all of it. Empty for releases that poison instances only (up to 41)."""
    if Release(trace.runtime).poison_scope == "instance":
        return {}
    since: dict[int, int] = {}
    for step in trace:
        if poisons(step):
            since.setdefault(step.store, step.n)
    return since


_ALLOCATION_FAILED = ("handle_alloc_error", "__rust_alloc_error_handler")


def out_of_memory(step: Step) -> bool:
    """Whether a step trapped in the error handler of Rust's allocator, as its backtrace tells."""
    if step.outcome is None or step.outcome.code != "unreachable":
        return False
    return any(name in (frame.func or "") for frame in step.outcome.frames for name in _ALLOCATION_FAILED)


def instantiation_of(trace: Trace, step: Step) -> Step | None:
    """The step that made the instance `step` called."""
    return next((s for s in trace if s.do == "instantiate" and s.instance == step.instance), None)


def is_component(trace: Trace, step: Step) -> bool:
    """Whether the step's program is a component."""
    return any(p.kind == "component" for p in trace.programs if p.name == step.program)


def telling(trace: Trace) -> list[int]:
    """The steps worth explaining: the first that brought no answer, and the first that was refused for one."""
    failing = [step for step in trace if step.outcome is not None and not step.outcome.ok]
    refused = [step for step in failing if step.outcome is not None and step.outcome.kind == "refused"]
    return sorted({step.n for step in failing[:1] + refused[:1]})
