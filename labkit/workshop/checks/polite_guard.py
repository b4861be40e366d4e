"""A command that answers a second run with an error instead of a trap."""

from __future__ import annotations

from typing import Any

from labkit.errors import LabkitError
from labkit.host import Outcome, Program
from labkit.lab import Lab
from labkit.workshop.checks.finding import Finding

RUNS = 4


def polite_guard(program: Any) -> list[Finding]:
    """Whether a command returns in its first run, and answers every later one with its own error."""
    if not isinstance(program, Program):
        return [Finding(False, "Give the check your program: the variable that the %%guest cell made.")]
    try:
        with Lab(seconds=2) as lab, lab.store() as store:
            instance = store.instantiate(program)
            first, *later = [instance.call("wasi:cli/run") for _ in range(RUNS)]
    except LabkitError as error:
        return [Finding(False, str(error))]
    if first.kind != "returned":
        return [Finding(False, f"The first run should return; it {first.describe()}.")]
    return [
        Finding(True, "The first run returned."),
        _later(next((o for o in later if o.kind != "guest-error"), later[-1])),
    ]


def _later(outcome: Outcome) -> Finding:
    if outcome.kind == "guest-error":
        return Finding(True, f"{RUNS - 1} more runs were answered with `err`, and the instance lives on.")
    return Finding(False, f"A later run should answer `err`; it {outcome.describe()}.")
