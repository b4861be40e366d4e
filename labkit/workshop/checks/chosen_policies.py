"""Which reuse policy each export of a stranger's program calls for, read from its health report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.explore import Health, check_health, profile_of
from labkit.programs import build_program
from labkit.runtimes import Nursery
from labkit.workshop.checks.finding import Finding, raised

RIGHT = {
    "process-panic": ("rebuild-on-trap", "keep"),
    "command-hello": ("fresh-store",),
    "process-result": ("keep", "keep"),
}
"""Guests, and for each export the cheapest policy with which a host gets every answer that is to be had."""

_WHY = {
    "keep": "nothing failed and one instance answered again, so keeping it is cheapest",
    "rebuild-on-trap": "one instance answers again and again until a call fails; then it has to be replaced",
    "fresh-store": "one instance answers once, so every call needs a store of its own",
}


def chosen_policies(choose: Any) -> list[Finding]:
    """Whether `choose(health)` names the right policy for each export of programs it has not seen."""
    if not callable(choose):
        return [Finding(False, "Give the check your function: `check(choose)`, without calling it.")]
    findings = []
    with Nursery() as nursery:
        for name in RIGHT:
            program = build_program(name)
            health = check_health(program, profile_of(program, nursery=nursery), nursery=nursery)
            judged = judged_policies(choose, name, health)
            if not all(finding.passed for finding in judged):
                return judged
            findings += judged
    return findings


def judged_policies(choose: Callable[[Health], Any], name: str, health: Health) -> list[Finding]:
    """What `choose` makes of the report of the program `name`, one of `RIGHT`."""
    try:
        got = choose(health)
    except Exception as error:
        return [raised(error)]
    # By their order: the version in the name of an interface is that of whatever compiled it.
    exports = [one.export for one in health.exports]
    return _judged(name, got, dict(zip(exports, RIGHT[name], strict=True)))


def _judged(name: str, got: Any, right: dict[str, str]) -> list[Finding]:
    if not isinstance(got, dict) or set(got) != set(right):
        return [
            Finding(False, f"For {name} it should return a dict with {', '.join(map(repr, right))} as its keys.")
        ]
    found = []
    for export, policy in right.items():
        if got[export] == policy:
            found.append(Finding(True, f"{name}, {export}: {policy}, because {_WHY[policy]}."))
        else:
            found.append(Finding(False, f"{name}, {export}: yours chose {got[export]!r}, and {_WHY[policy]}."))
    return found
