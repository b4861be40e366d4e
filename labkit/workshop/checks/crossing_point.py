"""The share of traps at which two ways to go on cost the same."""

from __future__ import annotations

from typing import Any

from labkit.workshop.checks.finding import Finding, raised

# Cost at no trap, and what every trap adds; where they meet.
_CASES = (
    ("they meet at a quarter", (1.0, 20.0), (4.0, 8.0), 0.25),
    ("they meet at 75 %", (0.8, 15.6), (5.15, 9.8), 0.75),
    ("rebuilding is cheaper all the way", (1.0, 10.0), (15.0, 5.0), None),
    ("both always cost the same more", (1.0, 10.0), (3.0, 10.0), None),
)
_SHARES = (0.0, 0.01, 0.1, 0.5)


def crossing_point(crossover: Any) -> list[Finding]:
    """Whether `crossover(rebuild, fresh)` finds where two straight lines meet, and that some do not."""
    if not callable(crossover):
        return [Finding(False, "Give the check your function: `check(crossover)`, without calling it.")]
    for name, rebuild, fresh, right in _CASES:
        try:
            got = crossover(_measured(*rebuild), _measured(*fresh))
        except (Exception, SystemExit) as error:
            return [raised(error)]
        if not _matches(got, right):
            wanted = "None" if right is None else f"{right:g}"
            return [Finding(False, f"Where {name}, the answer is {wanted}; yours was {got!r}.")]
    return [
        Finding(True, "The crossovers lie where they should, beyond the last share that was measured too."),
        Finding(True, "Where nothing crosses between 0 and 1, you say so with None."),
    ]


def _measured(start: float, slope: float) -> dict[float, float]:
    return {share: start + slope * share for share in _SHARES}


def _matches(got: Any, right: float | None) -> bool:
    if right is None or isinstance(got, bool) or not isinstance(got, int | float):
        return got is right
    return abs(got - right) < 0.01
