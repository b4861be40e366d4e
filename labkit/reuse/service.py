"""A service that keeps state in its guest: many requests, some of which panic and some of which abort it."""

from __future__ import annotations

import random
import time
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from labkit.host.engine import Engine
from labkit.host.health import POISONING
from labkit.host.limits import Limits
from labkit.host.observer import Counter
from labkit.host.outcome import Kind
from labkit.host.program import Program
from labkit.record.knobs import Knobs
from labkit.reuse.runner import Runner

Request = tuple[str, tuple[Any, ...]]

GOOD: Request = ("note", (1,))
PANICS: Request = ("note", (60,))
ABORTS: Request = ("stop", ())

KEEPING = ("keep", "rebuild-on-trap", "pool")
"""Policies under which an instance answers more than one call."""


BUCKETS = 240
"""Into how many stretches a service's time is cut to say what its guest knew."""


class Served(msgspec.Struct, frozen=True):
    """What became of the requests under one way of keeping the guest.

    `outcomes`: requests by outcome kind. `noted`: good requests that were answered, each of which the guest wrote
    down. `remembered`: in each of `BUCKETS` stretches, the most notes that an answering instance had. `losses`:
    how often all notes of an instance were lost. `stores`: how many it took.
    """

    label: str
    outcomes: dict[Kind, int]
    noted: int
    remembered: tuple[int, ...]
    losses: int
    stores: int
    seconds: float


def mixed_requests(count: int, *, panics: float, aborts: float, seed: int = 1) -> list[Request]:
    """`count` requests of which these shares, chosen by `seed`, make an account book panic or abort."""
    chosen = random.Random(seed)
    return chosen.choices([GOOD, PANICS, ABORTS], [1 - panics - aborts, panics, aborts], k=count)


def serve(
    engine: Engine,
    program: Program,
    policy: str,
    requests: Sequence[Request],
    *,
    label: str | None = None,
    knobs: Knobs | None = None,
    limits: Limits | None = None,
    on_progress: Callable[[float], None] = lambda _part: None,
) -> Served:
    """Answer `requests` with an account book under a reuse policy; `on_progress` gets 0 to 1.

    Raises what `Runner.call` raises.
    """
    outcomes: Tally[Kind] = Tally()
    remembered = [0] * BUCKETS
    with Runner(engine, Counter(), program, policy=policy, knobs=knobs, limits=limits) as runner:
        began = time.perf_counter()
        for number, (export, args) in enumerate(requests):
            outcome = runner.call(export, *args)
            outcomes[outcome.kind] += 1
            if outcome.kind == "returned":
                bucket = number * BUCKETS // len(requests)
                remembered[bucket] = max(remembered[bucket], outcome.value)
            if number % 500 == 0:
                on_progress(number / len(requests))
        seconds = time.perf_counter() - began
        stores = runner.counts.stores
    fatal = sum(count for kind, count in outcomes.items() if kind in POISONING)
    return Served(
        label=label or policy,
        outcomes=dict(outcomes),
        noted=outcomes["returned"],
        remembered=tuple(remembered),
        losses=fatal if policy in KEEPING else len(requests),
        stores=stores,
        seconds=seconds,
    )
