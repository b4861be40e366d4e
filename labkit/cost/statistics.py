"""From timings to figures: medians, quartiles, and how far a median can be trusted."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from labkit.cost.results import Times

_QUANTILE: Final = 2.576
"""Of the normal distribution, for 99 %."""

_PARTS: Final = 20


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
    median, q1, q3, low, high = (round(figure, 1) for figure in (median, q1, q3, low, high))
    return Times(n, median, q1, q3, low, high, tuple(_parts(samples)))


def weighted(shares: Sequence[tuple[float, Times]]) -> Times:
    """The mean of several kinds of calls, each with its share.

    The sum is made of medians: in a plain mean one call during which the machine did something else would outweigh
    everything else. The quartiles and the interval are summed alike, which makes them wider than they need be.
    """

    def total(figures: Iterable[float]) -> float:
        return round(sum(share * figure for (share, _), figure in zip(shares, figures, strict=True)), 1)

    kinds = [one for _, one in shares]
    return Times(
        samples=sum(one.samples for one in kinds),
        median=total(one.median for one in kinds),
        q1=total(one.q1 for one in kinds),
        q3=total(one.q3 for one in kinds),
        low=total(one.low for one in kinds),
        high=total(one.high for one in kinds),
        # Of calls that are rare there may be fewer parts.
        parts=tuple(total(medians) for medians in zip(*(one.parts for one in kinds), strict=False)),
    )


def _parts(samples: Sequence[float]) -> Iterator[float]:
    many = min(_PARTS, len(samples))
    edges = [round(i * len(samples) / many) for i in range(many + 1)]
    for start, end in pairwise(edges):
        yield round(statistics.median(samples[start:end]), 1)
