"""A repro that shows a failure, and after it the fix."""

from __future__ import annotations

from typing import Any

from labkit.errors import LabkitError
from labkit.lab import Lab
from labkit.record import Step, Trace
from labkit.workshop.checks.finding import Finding, raised

MOST = 6


def proving_repro(prove: Any) -> list[Finding]:
    """Whether what a function does in a lab is a repro of a refused call that is answered in the end."""
    if not callable(prove):
        return [Finding(False, "Give the check your function: `check(prove)`, without calling it.")]
    with Lab() as lab:
        try:
            prove(lab, lab.build("process-panic"))
            repro = lab.repro()
            again = lab.replay(repro)
        except LabkitError as error:
            return [Finding(False, str(error))]
        except Exception as error:
            return [raised(error)]
    failure = _failure(repro.trace)
    if not failure.passed:
        return [failure]
    return [failure, _size(repro.trace), Finding(again.same, f"Replayed: {again.sentence}")]


def _failure(trace: Trace) -> Finding:
    refused = [step for step in trace if step.do == "call" and _kind(step) == "refused"]
    if not refused:
        return Finding(False, "No call was refused, so there is no failure to see.")
    for step in refused:
        for later in trace.steps:
            if (
                later.n > step.n
                and (later.export, later.args) == (step.export, step.args)
                and _kind(later) == "returned"
            ):
                return Finding(True, f"Step {step.n} is refused, and step {later.n}, the same call, answers.")
    return Finding(False, f"Step {refused[0].n} is refused, and the same call is never answered afterwards.")


def _size(trace: Trace) -> Finding:
    return Finding(len(trace) <= MOST, f"It takes {len(trace)} steps; {MOST} are enough.")


def _kind(step: Step) -> str | None:
    return step.outcome.kind if step.outcome else None
