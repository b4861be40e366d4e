"""A guest that answers every number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.errors import LabkitError
from labkit.host import Outcome, Program
from labkit.lab import Lab
from labkit.workshop.checks.finding import Finding


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
    if alive.kind != "returned":
        told = f"Afterwards `calls` should say how many were answered; it {alive.describe()}."
        return [Finding(False, told)]
    return [
        Finding(True, f"All {len(PROBES)} numbers were answered, NaN and infinities among them."),
        Finding(True, f"The same instance answered them all and counted {alive.value}."),
    ]


def _probe(outcome: Outcome, probe: _Probe) -> Finding:
    return Finding(
        probe.right(outcome),
        f"For {probe.value} the guest should {probe.wanted}; the call {outcome.describe()}.",
    )
