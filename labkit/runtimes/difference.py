"""What differs between two traces of the same scenario: outcomes, never texts that releases word differently."""

from __future__ import annotations

from typing import Any

from labkit.host.outcome import Cause, Outcome
from labkit.record.trace import Step, Trace


def essence(step: Step | None) -> tuple[Any, ...] | None:
    """What two releases must agree on for a step to have gone the same way.

    Messages, frames and how far a poisoning reaches are left out: they follow from the release, whatever happened.
    """
    if step is None or step.outcome is None:
        return None
    o = step.outcome
    cause = o.cause.kind if o.cause else None
    code = o.code if o.kind == "trapped" else None
    return step.do, step.export, o.kind, o.value, o.error, code, o.status, o.raised, o.signal, cause


def first_difference(one: Trace, other: Trace) -> int | None:
    """The first step that went differently, or that only one of them has; None if there is none."""
    steps, others = ({step.n: step for step in trace} for trace in (one, other))
    for n in sorted({*steps, *others}):
        if essence(steps.get(n)) != essence(others.get(n)):
            return n
    return None


def step_or_none(trace: Trace, n: int) -> Step | None:
    """Step `n`, if the trace has it."""
    return next((step for step in trace if step.n == n), None)


def outcome_of(trace: Trace, n: int) -> Outcome | None:
    """The outcome of step `n`, if the trace has that step."""
    step = step_or_none(trace, n)
    return None if step is None else step.outcome


def change_sentence(earlier: Trace, later: Trace, n: int) -> str:
    """How step `n` went up to one release and since another: `Up to 41.0.0 step 4 returned 20.0; since …`."""
    return changed_words(earlier.runtime, later.runtime, n, outcome_of(earlier, n), outcome_of(later, n))


def changed_words(
    last_before: str, first_after: str, n: int, before: Outcome | None, after: Outcome | None
) -> str:
    """The same for outcomes."""
    return f"Up to {last_before} step {n} {past(before)}; since {first_after} it {present(after)}."


def comparison(chosen: Trace, own: Trace) -> str:
    """Two releases side by side: `Under 41.0.0 step 4 returned 20.0; under 50.0.1 it is refused: …`."""
    n = first_difference(chosen, own)
    if n is None:
        return f"The same under both: every step went under {chosen.runtime} as it does under {own.runtime}."
    return (
        f"Under {chosen.runtime} step {n} {past(outcome_of(chosen, n))}; "
        f"under {own.runtime} it {present(outcome_of(own, n))}."
    )


def past(outcome: Outcome | None) -> str:
    """An outcome as the rest of a sentence about the past: `returned 20.0`."""
    return _words(outcome)[0]


def present(outcome: Outcome | None) -> str:
    """An outcome as the rest of a sentence about now: `is refused: step 2 poisoned the store`."""
    return _words(outcome)[1]


def _words(outcome: Outcome | None) -> tuple[str, str]:
    if outcome is None:
        return "did not happen", "does not happen"
    match outcome.kind:
        case "returned":
            what = "" if outcome.value is None else f" {outcome.value!r}"
            return f"returned{what}", f"returns{what}"
        case "guest-error":
            what = f" with the guest's own error {outcome.error!r}"
            return f"answered{what}", f"answers{what}"
        case "trapped":
            what = f" with {outcome.code or outcome.message}"
            return f"trapped{what}", f"traps{what}"
        case "refused":
            why = f" refused: {_cause(outcome.cause)}"
            return f"was{why}", f"is{why}"
        case "exited":
            what = f" with status {outcome.status}"
            return f"exited{what}", f"exits{what}"
        case "host-error":
            what = f" on {outcome.raised} in a host function"
            return f"stopped{what}", f"stops{what}"
        case "aborted":
            what = f" the process with {outcome.signal}" + (f" ({outcome.message})" if outcome.message else "")
            return f"aborted{what}", f"aborts{what}"
        case "timed-out":
            return "timed out", "times out"


def _cause(cause: Cause | None) -> str:
    by = f"step {cause.step}" if cause and cause.step else "an earlier step"
    match cause.kind if cause else "unknown":
        case "poisoned":
            return f"{by} poisoned the {(cause and cause.scope) or 'store'}"
        case "re-entrance":
            return f"{by} was still inside the guest"
        case "post-return":
            return f"{by} still owed its post-return"
        case "closed":
            return "the store was closed"
        case "limit":
            return "the store has no room for it"
        case "no-instance":
            return f"{by} made no instance"
        case "async-required":
            return "the store wants asynchronous calls"
        case "linked-twice":
            return "what it imports was linked twice"
        case "terminated":
            return f"{by} ended it, and its guard lets nobody in"
    return "the trace does not show why"
