"""A trace as a scenario that can be played elsewhere, with host functions as far as data can describe them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labkit.errors import LabkitError
from labkit.host import EngineSettings, Limits
from labkit.record.scenario import HostBehaviour, Scenario, scenario_of
from labkit.record.trace import HostCall, Trace


def scenario_to_replay(
    trace: Trace, imports: Iterable[str], *, name: str, title: str, limits: Limits, engine: EngineSettings
) -> Scenario:
    """What was done in `trace`, with host functions that answer as they did then.

    `imports` are those its programs ask for; one that was never called answers nothing. A trace does not say which
    limits it ran under, so `limits` and `engine` do. Raises `LabkitError` for a
    trace that is empty or has lost its beginning, and for host functions that no data describes: those that
    answered now this, now that, or called back into the guest.
    """
    if not trace.steps:
        raise LabkitError("Nothing has happened in this lab yet; call a guest first.")
    if trace.dropped:
        raise LabkitError(
            f"The first {trace.dropped} steps of this trace were not kept, so it cannot be played again."
        )
    for step in trace:
        if step.inside is not None:
            raise LabkitError(
                f"Step {step.n} was made by a host function, and Python code cannot be played under another "
                "release; write it as a scenario, whose `imports` say what host functions do."
            )
    behaviours = {path: _behaviour(path, trace) for path in imports}
    found = scenario_of(trace, name=name, title=title)
    settings = msgspec.structs.replace(engine, async_support=engine.async_support or found.awaits)
    return msgspec.structs.replace(found, imports=behaviours, limits=limits, engine=settings)


def _behaviour(path: str, trace: Trace) -> HostBehaviour:
    calls = [call for step in trace for call in step.host_calls if call.name == path]
    if any(_answer(call) != _answer(calls[0]) for call in calls):
        raise LabkitError(
            f"The host function `{path}` did not answer the same each time, and Python code cannot be played "
            "under another release; write it as a scenario, whose `imports` say what host functions do."
        )
    return HostBehaviour(returns=calls[0].returned, raises=calls[0].raised) if calls else HostBehaviour()


def _answer(call: HostCall) -> tuple[object, str | None]:
    return call.returned, call.raised
