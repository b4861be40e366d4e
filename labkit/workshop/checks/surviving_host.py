"""A host that answers every valid input, although its guest panics on others."""

from __future__ import annotations

from typing import Any

from labkit.lab import Lab
from labkit.record import explain
from labkit.workshop.checks.finding import Finding, raised

HOST_INPUTS = (10.0, 101.0, 20.0, 150.0, 30.0)
HOST_ANSWERS = (20.0, None, 40.0, None, 60.0)


def surviving_host(serve: Any) -> list[Finding]:
    """Whether `serve(lab, guest, inputs)` answers every valid input although the guest panics on others."""
    if not callable(serve):
        return [Finding(False, "Give the check your function: `check(serve)`, without calling it.")]
    with Lab() as lab:
        guest = lab.build("process-panic")
        try:
            answers = serve(lab, guest, list(HOST_INPUTS))
        except (Exception, SystemExit) as error:
            return [raised(error)]
        return [_answers(answers), *_what_the_trace_says(lab)]


def _answers(answers: Any) -> Finding:
    wanted = list(HOST_ANSWERS)
    if not isinstance(answers, list | tuple):
        return Finding(False, f"It should return a list of answers; it returned {answers!r}.")
    if list(answers) == wanted:
        return Finding(True, f"{list(HOST_INPUTS)} gave {wanted}.")
    if len(answers) != len(wanted):
        return Finding(False, f"{len(wanted)} inputs need {len(wanted)} answers; there are {len(answers)}.")
    pairs = zip(HOST_INPUTS, answers, wanted, strict=True)
    number, got, right = next((n, g, w) for n, g, w in pairs if g != w)
    return Finding(False, f"For {number} the answer is {right!r}; yours was {got!r}.")


def _what_the_trace_says(lab: Lab) -> list[Finding]:
    trace = lab.trace
    calls = [step for step in trace if step.do == "call" and step.outcome]
    if not calls:
        return [Finding(False, "No guest was called: use the `lab` and the `guest` you are given.")]
    findings = []
    refused = [step for step in calls if step.outcome and step.outcome.kind == "refused"]
    if refused:
        findings.append(Finding(False, explain(trace, refused[0].n).sentence))
    else:
        findings.append(Finding(True, "No call was refused."))
    if any(step.recompiled for step in trace):
        findings.append(
            Finding(False, "It works, but the guest was compiled again, which a new store does not need.")
        )
    if all(finding.passed for finding in findings):
        stores = len({step.store for step in trace})
        findings.append(Finding(True, f"It took {stores} stores for {len(calls)} calls."))
    return findings
