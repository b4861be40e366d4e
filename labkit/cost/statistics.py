"""From timings to figures: medians, quartiles, and how far a median can be trusted."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Final

from labkit.cost.results import Times

_QUANTILE: Final = 2.576
"""Of the normal distribution, for 99 %."""


def times(samples: Sequence[float]) -> Times:
    """The figures for at least one timing, in nanoseconds.

    The interval of the median is that between two of the ordered timings, chosen by the binomial distribution (in
    its normal approximation): no shape is assumed for timings, which have a long tail.
    """
    ordered = sorted(samples)
    n = len(ordered)
    q1, median, q3 = statistics.quantiles(ordered, n=4, method="inclusive") if n > 1 else ordered * 3
    reach = _QUANTILE * math.sqrt(n) / 2
    low = ordered[max(0, math.floor(n / 2 - reach))]
    high = ordered[min(n - 1, math.ceil(n / 2 + reach))]
    return Times(n, *(round(figure, 1) for figure in (median, q1, q3, low, high)))


def weighted(parts: Sequence[tuple[float, Times]]) -> Times:
    """The mean of several kinds of calls, each with its share.

    The sum is made of medians: in a plain mean one call during which the machine did something else would outweigh
    everything else. The quartiles and the interval are summed alike, which makes them wider than they need be.
    """

    def total(name: str) -> float:
        return round(sum(weight * float(getattr(one, name)) for weight, one in parts), 1)

    samples = sum(one.samples for _, one in parts)
    return Times(samples, *(total(name) for name in ("median", "q1", "q3", "low", "high")))
