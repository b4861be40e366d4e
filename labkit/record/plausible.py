"""Whether a trace that somebody brought can have happened at all, so that whoever shows it need not ask."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from labkit import bounds
from labkit.errors import FormatError
from labkit.record.reading import wrong_value
from labkit.record.trace import Step, Trace


def check_trace(trace: Trace) -> None:
    """Raise `FormatError`, in one sentence, for a trace that contradicts itself or holds what no step can."""
    stores = {store.id for store in trace.stores}
    programs = {program.name for program in trace.programs}
    each = (_about(trace, step, stores, programs) for step in trace)
    wrong = next(itertools.chain(_about_all(trace), itertools.chain.from_iterable(each)), None)
    if wrong is not None:
        raise FormatError(f"This is no trace that labkit has recorded: {wrong}.")


def _about_all(trace: Trace) -> Iterator[str]:
    if not re.fullmatch(r"\d{1,4}\.\d{1,4}\.\d{1,4}", trace.runtime):
        yield "its Wasmtime version is none"
    if len(trace) > bounds.STEPS or len(trace.stores) > bounds.STEPS:
        yield f"it has more than {bounds.STEPS} steps or stores"
    if not 0 <= trace.dropped <= bounds.INTEGER:
        yield "it does not say how many steps were dropped"
    if [step.n for step in trace] != list(range(trace.dropped + 1, trace.dropped + len(trace) + 1)):
        yield "its steps are not numbered one after another"
    names = [program.name for program in trace.programs]
    if len(set(names)) != len(names):
        yield "two of its programs have the same name"


def _about(trace: Trace, step: Step, stores: set[int], programs: set[str]) -> Iterator[str]:
    outcome = step.outcome
    if outcome is None:
        yield f"step {step.n} has no outcome"
        return
    if step.store not in stores or not 1 <= step.store <= bounds.INTEGER:
        yield f"step {step.n} is in a store that it does not list"
    if step.program not in programs:
        yield f"step {step.n} is of a program that it does not list"
    if step.instance is not None and not 1 <= step.instance <= bounds.INTEGER:
        yield f"step {step.n} has an instance of no number"
    if step.inside is not None and not 1 <= step.inside < step.n:
        yield f"step {step.n} was made during step {step.inside}, which is not before it"
    blamed = outcome.cause.step if outcome.cause else None
    if blamed is not None and not 1 <= blamed < trace.dropped + len(trace) + 1:
        yield f"step {step.n} blames step {blamed}, which it does not have"
    for value in _values(step):
        if wrong := wrong_value(value):
            yield f"step {step.n} holds a value of which {wrong}"


def _values(step: Step) -> Iterator[Any]:
    yield step.args
    for call in step.host_calls:
        yield call.args
        yield call.returned
    if step.outcome is not None:
        yield step.outcome.value
        yield step.outcome.error
