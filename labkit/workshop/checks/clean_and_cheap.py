"""A clean instance for every call, a thousand times cheaper than compiling for it."""

from __future__ import annotations

import statistics
from typing import Any

from labkit.errors import LabkitError
from labkit.host import Program
from labkit.lab import Lab
from labkit.record import Step, Trace
from labkit.workshop.checks.finding import Finding, raised

CALLS = 30
TIMES = 1000
_STATEMENTS = 24_000


def large_guest() -> Program:
    """A guest that counts its calls and takes long to compile: one function, which one processor has to do."""
    local = "(local.get {})".format
    statements = "".join(
        f"(local.set {i % 8} (i64.add (i64.mul {local(i * 7 % 8)} (i64.const {i * 2654435761 % 99991}))"
        f" (i64.xor {local(i * 3 % 8)} (i64.shr_u {local(i * 5 % 8)} (i64.const {i % 63})))))"
        for i in range(_STATEMENTS)
    )
    text = f"""(module
      (global $calls (mut i32) (i32.const 0))
      (func (export "count") (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        global.get $calls)
      (func (export "work") (param i64) (result i64) (local i64 i64 i64 i64 i64 i64 i64)
        {statements} local.get 0))"""
    return Program.from_wat("large-guest", text)


def clean_and_cheap(fresh: Any) -> list[Finding]:
    """Whether `fresh(lab, guest)` calls `count` in a store of its own each time, and compiles nothing for it."""
    if not callable(fresh):
        return [Finding(False, "Give the check your function: `check(fresh)`, without calling it.")]
    guest = large_guest()
    with Lab() as lab:
        for _ in range(3):
            with lab.store() as store:
                store.instantiate(guest, recompile=True).call("count")
        before = lab.trace.steps[-1].n
        try:
            # Nobody should wait for thirty compilations to be told that one is too many.
            answers = [fresh(lab, guest) for _ in range(2)]
            if any(step.recompiled for step in lab.trace if step.n > before):
                return _judged(answers, lab.trace, before)
            answers += [fresh(lab, guest) for _ in range(CALLS - len(answers))]
        except LabkitError as error:
            return [Finding(False, str(error))]
        except (Exception, SystemExit) as error:
            return [raised(error)]
        return _judged(answers, lab.trace, before)


def _judged(answers: list[Any], trace: Trace, before: int) -> list[Finding]:
    wrong = next((answer for answer in answers if answer != 1), 1)
    if wrong != 1:
        return [Finding(False, f"A clean instance counts its first call: 1. Yours answered {wrong!r}.")]
    own = [step for step in trace if step.n > before]
    calls = [step for step in own if step.do == "call"]
    stores = len({step.store for step in calls})
    if stores < len(answers):
        return [Finding(False, f"{len(answers)} calls went to {stores} stores, and each should have its own.")]
    compiling = statistics.median(_costs([step for step in trace if step.n <= before]))
    yours = statistics.median(_costs(own))
    ratio = compiling / yours
    return [
        Finding(True, f"{len(calls)} calls, {stores} stores, and every instance counted its first call."),
        Finding(
            ratio >= TIMES,
            f"Compiling for a call takes {compiling:.0f} µs here, and yours {yours:.0f} µs: {_in_words(ratio)}; "
            f"{TIMES} times less is asked for.",
        ),
    ]


def _in_words(ratio: float) -> str:
    """How much less something takes, or more: `61456 times less`, `2.3 times more`."""
    times = max(ratio, 1 / ratio)
    much = f"{times:.0f}" if times >= 10 else f"{times:.1f}"
    return f"{much} times {'less' if ratio >= 1 else 'more'}"


def _costs(steps: list[Step]) -> list[float]:
    """Microseconds of each call with everything since the call before it."""
    costs, spent = [], 0.0
    for step in steps:
        spent += step.us or 0.0
        if step.do == "call":
            costs.append(spent)
            spent = 0.0
    return costs
