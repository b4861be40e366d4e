"""Long traces: which steps are shown one by one, and what the others come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from labkit.host.outcome import KINDS
from labkit.record.trace import Step, Trace
from labkit.views.words import counted, listed

WHOLE: Final = 200
"""Traces of up to so many steps are shown whole."""

_FIRST: Final = 20
_AROUND: Final = 20
_LAST: Final = 60


@dataclass(frozen=True)
class Fold:
    """Steps that are not shown one by one: from number `first` to number `last`, and what came of them."""

    first: int
    last: int
    came: str

    @property
    def count(self) -> int:
        """How many steps these are."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{counted(self.count, 'step')}: {self.came}"


def folded(trace: Trace, about: int | None) -> list[Step | Fold]:
    """The steps of a trace; of a long one the first, the last and those around number `about`, the rest folded."""
    steps = trace.steps
    total = len(steps)
    if total <= WHOLE:
        return list(steps)
    spans = [(0, _FIRST), (total - _LAST, total)]
    at = None if about is None else trace.position(about)
    if at is not None:
        spans.append((at - _AROUND, at + _AROUND + 1))
    shown: list[Step | Fold] = []
    done = 0
    for start, stop in sorted((min(max(start, 0), total), min(max(stop, 0), total)) for start, stop in spans):
        if start > done:
            shown.append(_fold(steps[done:start]))
        shown.extend(steps[max(start, done) : stop])
        done = max(done, stop)
    return shown


def around(trace: Trace, about: int | None) -> tuple[Step, ...]:
    """The steps that a list offers: all of them, or of a long trace as many around number `about`."""
    at = None if about is None else trace.position(about)
    start = 0 if at is None else min(max(at - WHOLE // 2, 0), max(len(trace.steps) - WHOLE, 0))
    return trace.steps[start : start + WHOLE]


def _fold(steps: tuple[Step, ...]) -> Fold:
    counts = Counter(step.outcome.kind if step.outcome else None for step in steps)
    kinds = [f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]]
    waiting = [f"{counts[None]} not run"] if counts[None] else []
    return Fold(steps[0].n, steps[-1].n, listed([*kinds, *waiting]))
