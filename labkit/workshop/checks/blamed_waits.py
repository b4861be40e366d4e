"""Who is to blame for the calls that had to wait for a new instance."""

from __future__ import annotations

from typing import Any

from labkit.lab import Lab
from labkit.record import Trace
from labkit.workshop.checks.finding import Finding, raised

INPUTS = (10.0, 20.0, 101.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 101.0, 101.0, 90.0, 1.0)
REUSE = 4


def blamed_waits(waits: Any) -> list[Finding]:
    """Whether `waits(trace)` finds each call that waited for a new instance, and the step that made it wait."""
    if not callable(waits):
        return [Finding(False, "Give the check your function: `check(waits)`, without calling it.")]
    trace = _served()
    try:
        got = waits(trace)
    except (Exception, SystemExit) as error:
        return [raised(error)]
    right = _right(trace)
    if not isinstance(got, dict):
        return [Finding(False, f"It should return a dict; it returned {got!r}.")]
    for step, blamed in right.items():
        if step not in got:
            return [Finding(False, f"Step {step} had to wait: step {step - 1} made a new instance for it.")]
        if got[step] != blamed:
            return [Finding(False, f"For step {step} {_why(blamed)}; you blamed {got[step]!r}.")]
    if extra := sorted(set(got) - set(right)):
        return [Finding(False, f"Step {extra[0]} did not wait: its instance was there already.")]
    return [
        Finding(True, f"{len(right)} of {len(INPUTS)} calls waited, and you found them all."),
        Finding(
            True, "You told a trap from an instance that had been used often enough, and from the first call."
        ),
    ]


def _served() -> Trace:
    with Lab() as lab:
        guest = lab.build("process-panic")
        with lab.runner(guest, "rebuild-on-trap", max_reuse=REUSE) as runner:
            for value in INPUTS:
                runner.call("process-input", value)
        return lab.trace


def _right(trace: Trace) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    steps = trace.steps
    for at, step in enumerate(steps):
        if step.do == "call" and steps[at - 1].do == "instantiate":
            before = steps[at - 2] if at > 1 else None
            trapped = before is not None and before.outcome is not None and before.outcome.kind == "trapped"
            found[step.n] = before.n if before is not None and trapped else None
    return found


def _why(blamed: int | None) -> str:
    if blamed is None:
        return "nobody is to blame (None): the first instance has to be made, and a worn-out one replaced"
    return f"step {blamed} is to blame, which trapped"
