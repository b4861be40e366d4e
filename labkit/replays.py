"""A trace as a scenario that can be played elsewhere, with host functions as far as data can describe them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from labkit import bounds
from labkit.errors import LabkitError
from labkit.host import EngineSettings, Limits
from labkit.host.entry import KEPT_HOST_CALLS
from labkit.record.scenario import Answer, HostBehaviour, Scenario, scenario_of
from labkit.record.trace import HostCall, Step, Trace


def scenario_to_replay(
    trace: Trace, imports: Iterable[str], *, name: str, title: str, limits: Limits, engine: EngineSettings
) -> Scenario:
    """What was done in `trace`, with host functions that answer as they did then, call by call.

    `imports` are those its programs ask for; one that was never called answers nothing. A trace does not say which
    limits it ran under, so `limits` and `engine` do. Raises `LabkitError` for a
    trace that is empty or has lost its beginning, and for host functions that no data describes: those that called
    back into the guest, handed out a resource, or answered more often than was kept.
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
    answers = [_answer(call, step) for step, call in _calls(path, trace)]
    awaited = any(path in store.coroutines for store in trace.stores)
    if any(_holds_resource(answer.returns) for answer in answers):
        _cannot_be_carried(path, "handed out a resource")
    if not answers:
        return HostBehaviour(asynchronous=awaited)
    first = answers[0]
    if all(answer == first for answer in answers):
        return HostBehaviour(
            returns=first.returns, raises=first.raises, exception=first.exception, asynchronous=awaited
        )
    if any(len(step.host_calls) >= KEPT_HOST_CALLS for step, _ in _calls(path, trace)):
        _cannot_be_carried(path, f"gave several answers in a step with more than {KEPT_HOST_CALLS} host calls")
    return HostBehaviour(answers=tuple(answers), asynchronous=awaited)


def _calls(path: str, trace: Trace) -> Iterator[tuple[Step, HostCall]]:
    return ((step, call) for step in trace for call in step.host_calls if call.name == path)


def _answer(call: HostCall, step: Step) -> Answer:
    if call.raised is None:
        return Answer(returns=call.returned)
    failed = step.outcome is not None and step.outcome.kind == "host-error" and step.outcome.raised == call.raised
    said = step.outcome.message if failed and step.outcome is not None else None
    # Not every identifier is a name that a file may hold.
    known = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", call.raised)
    return Answer(raises=(said or call.raised)[: bounds.TEXT], exception=call.raised if known else None)


def _holds_resource(value: Any) -> bool:
    if isinstance(value, dict):
        return value.keys() == {"resource"} or any(map(_holds_resource, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_resource, value))


def _cannot_be_carried(path: str, did: str) -> None:
    raise LabkitError(
        f"The host function `{path}` {did}, and Python code cannot be played elsewhere; write it as a scenario, "
        "whose `imports` say what host functions do."
    )
