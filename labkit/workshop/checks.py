"""What judges an answer: traces and programs, never the text of the answer, so that every right one passes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.errors import LabkitError
from labkit.host import Outcome, Program
from labkit.lab import Lab
from labkit.record import explain
from labkit.runtimes import comparison, first_difference


@dataclass(frozen=True)
class Finding:
    """One thing a check looked at, and whether it is as the task wants it."""

    passed: bool
    text: str


Check = Callable[[Any], list[Finding]]

HOST_INPUTS = (10.0, 101.0, 20.0, 150.0, 30.0)
OLD, NEW = "41.0.0", "42.0.0"
HOST_ANSWERS = (20.0, None, 40.0, None, 60.0)


def check_for(name: str) -> Check:
    """The check an exercise names."""
    checks = {"surviving-host": surviving_host, "mended-guest": mended_guest, "telling-apart": telling_apart}
    return checks[name]


def surviving_host(serve: Any) -> list[Finding]:
    """Whether `serve(lab, guest, inputs)` answers every valid input although the guest panics on others."""
    if not callable(serve):
        return [Finding(False, "Give the check your function: `check(serve)`, without calling it.")]
    with Lab() as lab:
        guest = lab.build("process-panic")
        try:
            answers = serve(lab, guest, list(HOST_INPUTS))
        except Exception as error:
            # Whatever a trainee's function raises is a finding about it, not a failure of the check.
            return [Finding(False, f"Your function raised {type(error).__name__}: {error}.")]
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


@dataclass(frozen=True)
class _Probe:
    value: float
    wanted: str
    right: Callable[[Outcome], bool]


def _doubles(value: float) -> _Probe:
    return _Probe(value, f"return {value * 2}", lambda o: o.kind == "returned" and o.value == value * 2)


def _too_large(value: float) -> _Probe:
    return _Probe(value, "answer `input-too-large`", lambda o: o.kind == "guest-error")


def _answers_somehow(value: float) -> _Probe:
    return _Probe(value, "answer, one way or the other", lambda o: o.ok)


PROBES = (
    *(_doubles(value) for value in (10.0, 0.0, 99.5, 100.0)),
    *(_too_large(value) for value in (100.5, 101.0, 1e300, math.inf)),
    *(_answers_somehow(value) for value in (-1.0, -1e300, -math.inf, math.nan)),
)


def mended_guest(program: Any) -> list[Finding]:
    """Whether a `process-input` guest answers every number, each in one and the same instance."""
    if not isinstance(program, Program):
        return [Finding(False, "Give the check your program: the variable that the %%guest cell made.")]
    try:
        with Lab(seconds=2) as lab, lab.store() as store:
            instance = store.instantiate(program)
            findings = [_probe(instance.call("process-input", probe.value), probe) for probe in PROBES]
            alive = instance.call("calls")
    except LabkitError as error:
        return [Finding(False, str(error))]
    wrong = [finding for finding in findings if not finding.passed]
    if wrong:
        return wrong[:1]
    return [
        Finding(True, f"All {len(PROBES)} numbers were answered, NaN and infinities among them."),
        Finding(alive.kind == "returned", f"The same instance answered them all and counted {alive.value}."),
    ]


def _probe(outcome: Outcome, probe: _Probe) -> Finding:
    return Finding(
        probe.right(outcome),
        f"For {probe.value} the guest should {probe.wanted}; the call {outcome.describe()}.",
    )


def telling_apart(steps: Any) -> list[Finding]:
    """Whether what `steps(lab, guest)` does with a lab goes one way under `OLD` and another under `NEW`."""
    if not callable(steps):
        return [Finding(False, "Give the check your function: `check(steps)`, without calling it.")]
    with Lab() as lab:
        try:
            steps(lab, lab.build("process-panic"))
        except Exception as error:
            # As with a host: what a trainee's function raises is a finding about it.
            return [Finding(False, f"Your function raised {type(error).__name__}: {error}.")]
        if not len(lab.trace):
            return [Finding(False, "Nothing was done: use the `lab` and the `guest` you are given.")]
        try:
            old, new = (lab.run(lab.trace, runtime=version) for version in (OLD, NEW))
        except LabkitError as error:
            return [Finding(False, str(error))]
    if first_difference(old, new) is not None:
        return [Finding(True, comparison(old, new))]
    steps_go = "Its one step goes" if len(new) == 1 else f"All {len(new)} steps go"
    last = new.steps[-1].outcome
    return [Finding(False, f"{steps_go} the same way under {OLD} and {NEW}; the last one {last}.")]
