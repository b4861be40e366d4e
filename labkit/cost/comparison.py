"""What a run can tell, and what it cannot: the A/A check, and differences that are or are not beyond it."""

from __future__ import annotations

from typing import Literal

import msgspec

UNSTEADY = 0.1
"""A run whose noise floor is above this was made on a machine that was busy with something else."""

_NEAR = 10.0

Verdict = Literal["faster", "slower", "no-difference"]


class Pair(msgspec.Struct, frozen=True):
    """The same subject made and timed twice, as if it were two: both medians, in nanoseconds."""

    subject: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        """How far they lie apart, as a share of the smaller one."""
        return abs(self.first - self.second) / min(self.first, self.second)

    def is_near(self, median: float) -> bool:
        """Whether something that takes `median` nanoseconds is of its order of magnitude."""
        return min(self.first, self.second) / _NEAR <= median <= max(self.first, self.second) * _NEAR


class Noise(msgspec.Struct, frozen=True):
    """The A/A check of a table: every pair, and the floor below which nothing is called a difference."""

    pairs: tuple[Pair, ...]

    @property
    def floor(self) -> float:
        """The largest difference among the pairs; infinite where nothing was timed twice."""
        return max((pair.difference for pair in self.pairs), default=float("inf"))

    def floor_near(self, *medians: float) -> float:
        """The largest difference among the pairs that take about as long as one of `medians`, in nanoseconds: ten
        times as long at most. The floor of all pairs, where there are none such.

        What takes long meets more of what else the machine does, so its noise says nothing about what is short.
        """
        near = [pair for pair in self.pairs if any(pair.is_near(median) for median in medians)]
        return Noise(tuple(near)).floor if near else self.floor

    def describe(self) -> str:
        """The A/A line of a table."""
        if not self.pairs:
            return "A/A: nothing was timed twice, so no difference can be told here."
        worst = max(self.pairs, key=lambda pair: pair.difference)
        best = min(pair.difference for pair in self.pairs)
        advice = "; the machine was busy, so measure again when it is not" if self.floor > UNSTEADY else ""
        if len(self.pairs) == 1:
            return f"A/A: {worst.subject}, timed twice, differed by {percent(self.floor)}{advice}."
        span = f"{percent(best)} to {percent(self.floor)}"
        return f"A/A: {len(self.pairs)} subjects, each timed twice, differed by {span} ({worst.subject}){advice}."


class Comparison(msgspec.Struct, frozen=True):
    """One subject beside another of the same table.

    `ratio`: its median by the other's. `noise`: the floor for what takes as long. `apart`: whether the intervals
    in which the two medians lie with 99 % confidence are apart.
    """

    ratio: float
    noise: float
    apart: bool

    @property
    def verdict(self) -> Verdict:
        """`faster` or `slower` only where the difference is beyond the noise of the run."""
        larger = max(self.ratio, 1 / self.ratio) if self.ratio else float("inf")
        if not self.apart or larger - 1 <= self.noise:
            return "no-difference"
        return "faster" if self.ratio < 1 else "slower"

    def describe(self) -> str:
        """`3.2 times faster`, `1.4 times slower` or `no difference this run can tell (noise 2.1 %)`."""
        if self.verdict == "no-difference":
            return f"no difference this run can tell (noise {percent(self.noise)})"
        return f"{max(self.ratio, 1 / self.ratio):.3g} times {self.verdict}"


def percent(share: float) -> str:
    """A share as `0.4 %`, `12 %`; `unknown` where it is not finite."""
    if share == float("inf"):
        return "unknown"
    return f"{share:.1%}".replace("%", " %") if share < 0.1 else f"{share:.0%}".replace("%", " %")
