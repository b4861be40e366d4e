"""What would be seen if a claim were true: a small vocabulary over traces, as data.

    { step = 4, kind = "returned", value = 20.0 }
    { caller = "core instance, same store", kind = "returned" }
    { run = "dropped", stores = 2 }
    { run = "recompile", slower_than = "fresh", at_least = 10.0 }
    { step = -1, gap_at_least = 0.9 }
    { run = "bare", smaller_than = "whole", at_most = 0.9 }
    { caller = "could catch", slower_than_caller = "aborts", at_most = 2.0 }

Each condition looks at one run of the claim (the first, unless it names another) and at one thing in it: a step,
how many stores were used, how large its programs are, or what a call cost in comparison with another run of the
same session, or with another caller of the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from labkit.host.outcome import Kind, Outcome
from labkit.record.trace import Step, Trace
from labkit.runtimes.difference import past, step_or_none

_OUTCOME = ("kind", "code", "cause", "value", "error", "raised", "status", "signal")


class Condition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing to see in a run.

    A step is found by its number `step` (-1: the last one, with which an aborted run ends) or by the `caller`
    label of its last call. Of its outcome `kind`, `code`, `cause` (its kind), `value`, `error`, `raised`, `status`
    and `signal` must be equal, `message`, `panic` and `stdout` must occur in the texts, `host_calls` are the host
    functions it called, in order, and `names` says whether its frames name functions. `gap_at_least` and
    `gap_at_most` compare the longest gap of the event loop with the step's own time: at 1 nothing else ran while
    it lasted. `stores`: how many stores the run used. `slower_than`: a run whose calls are compared; this run's
    quickest call takes `at_least` or `at_most` so many times as long. `slower_than_caller`: another caller in the
    same run, for what takes about as long: only calls that take turns compare so closely. `smaller_than`: a
    run whose programs are compared; this run's take so many times the bytes.
    """

    run: str | None = None
    step: int | None = None
    caller: str | None = None
    kind: Kind | None = None
    code: str | None = None
    cause: str | None = None
    value: Any = msgspec.UNSET
    error: Any = msgspec.UNSET
    raised: str | None = None
    status: int | None = None
    signal: str | None = None
    message: str | None = None
    panic: str | None = None
    stdout: str | None = None
    host_calls: tuple[str, ...] | None = None
    names: bool | None = None
    gap_at_least: float | None = None
    gap_at_most: float | None = None
    stores: int | None = None
    slower_than: str | None = None
    slower_than_caller: str | None = None
    smaller_than: str | None = None
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        at_step = self.step is not None or (self.caller is not None and self.slower_than_caller is None)
        looks = [at_step, self.stores is not None, self.times, self.smaller_than is not None]
        if sum(looks) != 1 or (self.step is not None and self.caller is not None):
            raise ValueError(
                "a condition looks at one thing: a step, a caller, stores, slower_than, or smaller_than"
            )
        texts = self.message or self.panic or self.stdout
        asks = bool(self.asked()) or texts or self.host_calls is not None or self.names is not None or self.gaps
        if at_step != bool(asks):
            raise ValueError("what a step must have come to needs a step, and a step needs something to ask of it")
        if (self.slower_than_caller is not None) > (self.caller is not None):
            raise ValueError("slower_than_caller needs the caller whose calls are compared")
        compares = self.times or self.smaller_than is not None
        if compares != (self.at_least is not None or self.at_most is not None):
            raise ValueError("slower_than and smaller_than need at_least or at_most, and they need one of them")

    @property
    def times(self) -> bool:
        """Whether it compares times, which only runs of one session allow."""
        return self.slower_than is not None or self.slower_than_caller is not None

    @property
    def compared(self) -> str | None:
        """The run that this one is compared with."""
        return self.slower_than or self.smaller_than

    @property
    def gaps(self) -> bool:
        """Whether it looks at what became of the event loop."""
        return self.gap_at_least is not None or self.gap_at_most is not None

    def asked(self) -> dict[str, Any]:
        """What must be equal in a step's outcome."""
        values = {name: getattr(self, name) for name in _OUTCOME}
        return {name: value for name, value in values.items() if value is not None and value is not msgspec.UNSET}


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a condition found: whether it is met, and what was seen instead of or as it, in words.

    `run` is the run's name in the claim; `step` and `outcome` are set where the condition looks at a step.
    """

    run: str
    met: bool
    seen: str
    step: int | None = None
    outcome: Outcome | None = None


def look(condition: Condition, traces: Mapping[str, Trace]) -> Evidence:
    """What `condition` finds in the runs of a claim; `traces` has them by name, the main one first."""
    run = condition.run or next(iter(traces))
    trace = traces[run]
    if condition.slower_than is not None:
        return _compare(condition, run, _call_us(trace), _call_us(traces[condition.slower_than]))
    if condition.slower_than_caller is not None:
        callers = condition.caller, condition.slower_than_caller
        return _compare(condition, run, *(_call_us(trace, caller) for caller in callers))
    if condition.smaller_than is not None:
        return _compare_sizes(condition, run, trace, traces[condition.smaller_than])
    if condition.stores is not None:
        used = len({step.store for step in trace})
        seen = f"{used} store{'' if used == 1 else 's'} used"
        return Evidence(run, used == condition.stores, f"{seen}{_in(run, traces)}")
    step = _find(condition, trace)
    if step is None or step.outcome is None:
        which = f"step {condition.step}" if condition.step is not None else f"a call by “{condition.caller}”"
        return Evidence(run, met=False, seen=f"{which} did not happen{_in(run, traces)}")
    seen = f"step {step.n} {past(step.outcome)}"
    if condition.host_calls is not None:
        seen += f" after calling {', '.join(call.name for call in step.host_calls) or 'no host function'}"
    if condition.names is not None:
        seen += f", and {_names(step.outcome)} of its {len(step.outcome.frames)} frames name a function"
    if condition.gaps:
        seen += _gap_words(step)
    return Evidence(run, _meets(condition, step, step.outcome), f"{seen}{_in(run, traces)}", step.n, step.outcome)


def _in(run: str, traces: Mapping[str, Trace]) -> str:
    return f" (run “{run}”)" if len(traces) > 1 else ""


def _find(condition: Condition, trace: Trace) -> Step | None:
    if condition.step is not None and condition.step < 0:
        return trace.steps[condition.step] if len(trace) >= -condition.step else None
    if condition.step is not None:
        return step_or_none(trace, condition.step)
    calls = [step for step in trace if step.do == "call" and step.caller == condition.caller]
    return calls[-1] if calls else None


def _meets(condition: Condition, step: Step, outcome: Outcome) -> bool:
    cause = outcome.cause.kind if outcome.cause else None
    for name, wanted in condition.asked().items():
        found = cause if name == "cause" else getattr(outcome, name)
        if found != wanted:
            return False
    called = tuple(call.name for call in step.host_calls)
    return (
        (condition.message or "") in (outcome.message or "")
        and (condition.panic or "") in (outcome.panic or "")
        and (condition.stdout or "") in outcome.stdout
        and (condition.host_calls is None or condition.host_calls == called)
        and (condition.names is None or (bool(outcome.frames) and condition.names == bool(_names(outcome))))
        and (not condition.gaps or _meets_gap(condition, step))
    )


def _meets_gap(condition: Condition, step: Step) -> bool:
    if step.gap_ms is None or not step.us:
        return False
    share = step.gap_ms * 1000 / step.us
    return (condition.gap_at_least is None or share >= condition.gap_at_least) and (
        condition.gap_at_most is None or share <= condition.gap_at_most
    )


def _gap_words(step: Step) -> str:
    if step.gap_ms is None or not step.us:
        return ", and nobody watched the event loop"
    return f" after {step.us / 1000:.0f} ms, with {step.gap_ms:.0f} ms in which nothing else ran"


def _compare(condition: Condition, run: str, took: float, others: float) -> Evidence:
    this, other = condition.caller or run, condition.slower_than_caller or condition.slower_than
    if not took or not others:
        return Evidence(run, met=False, seen=f"no times were taken of “{this}” and “{other}”")
    ratio = took / others
    seen = f"a call under “{this}” took {ratio:.1f} times as long as under “{other}”"
    return Evidence(run, _within(condition, ratio), seen)


def _compare_sizes(condition: Condition, run: str, trace: Trace, other: Trace) -> Evidence:
    size, others = (sum(program.size for program in one.programs) for one in (trace, other))
    if not size or not others:
        return Evidence(run, met=False, seen=f"“{run}” or “{condition.smaller_than}” ran no program")
    seen = f"“{run}” takes {size:,} bytes and “{condition.smaller_than}” {others:,}"
    return Evidence(run, _within(condition, size / others), seen)


def _within(condition: Condition, ratio: float) -> bool:
    return (condition.at_least is None or ratio >= condition.at_least) and (
        condition.at_most is None or ratio <= condition.at_most
    )


def _names(outcome: Outcome) -> int:
    return sum(frame.func is not None for frame in outcome.frames)


def _call_us(trace: Trace, caller: str | None = None) -> float:
    """Microseconds of the quickest call that was timed, with what was made for it: the others waited for more.

    Of any caller, or of one.
    """
    spent, since = [], 0.0
    for step in trace:
        if step.inside is None:
            since += step.us or 0.0
            if step.do == "call":
                spent.append(since if caller in (None, step.caller) else 0.0)
                since = 0.0
    return min(filter(None, spent), default=0.0)
