"""Steps that two releases do not take the same way."""

from __future__ import annotations

from typing import Any

from labkit.errors import LabkitError
from labkit.lab import Lab
from labkit.runtimes import comparison, first_difference
from labkit.workshop.checks.finding import Finding, raised

OLD, NEW = "41.0.0", "42.0.0"


def telling_apart(steps: Any) -> list[Finding]:
    """Whether what `steps(lab, guest)` does with a lab goes one way under `OLD` and another under `NEW`."""
    if not callable(steps):
        return [Finding(False, "Give the check your function: `check(steps)`, without calling it.")]
    with Lab() as lab:
        try:
            steps(lab, lab.build("process-panic"))
        except (Exception, SystemExit) as error:
            return [raised(error)]
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
