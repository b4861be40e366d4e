"""A host that goes on after panics and after aborts, and tells them apart."""

from __future__ import annotations

from typing import Any

from labkit.errors import LabkitError
from labkit.lab import Lab
from labkit.record import Trace
from labkit.workshop.checks.finding import Finding

CALLS = (("note", 1), ("note", 60), ("note", 1), ("stop",), ("note", 1), ("note", 1))
ANSWERS = [1, "amount too large: 60", 2, None, 1, 2]


def recovering_host(serve: Any) -> list[Finding]:
    """Whether `serve(lab, guest, calls)` answers what can be answered and keeps state where it can be kept."""
    if not callable(serve):
        return [Finding(False, "Give the check your function: `check(serve)`, without calling it.")]
    with Lab() as lab:
        guest = lab.build("process-unwind")
        try:
            got = serve(lab, guest, list(CALLS))
        except LabkitError as error:
            return [Finding(False, str(error))]
        except Exception as error:
            # Whatever a trainee's function raises is a finding about it, not a failure of the check.
            return [Finding(False, f"Your function raised {type(error).__name__}: {error}.")]
        return _judged(got, lab.trace)


def _judged(got: Any, trace: Trace) -> list[Finding]:
    if not isinstance(got, list) or len(got) != len(ANSWERS):
        return [Finding(False, f"It should return a list of {len(ANSWERS)} answers, one per call.")]
    wrong = next((n for n, (own, right) in enumerate(zip(got, ANSWERS, strict=True)) if own != right), None)
    if wrong is not None:
        export, *args = CALLS[wrong]
        call = f"Call {wrong + 1}, {export}({', '.join(map(str, args))})"
        return [Finding(False, f"{call}, should give {ANSWERS[wrong]!r}; yours gave {got[wrong]!r}.")]
    stores = len({step.store for step in trace})
    return [
        Finding(True, "A caught panic is its message, and the guest goes on with what it has noted."),
        Finding(True, "After the abort the next call is answered, by a guest that begins anew."),
        Finding(stores == 2, f"It took {stores} stores; two are enough: one before the abort and one after it."),
    ]
