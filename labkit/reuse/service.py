"""A service that keeps state in its guest: many requests, some of which panic and some of which abort it."""

from __future__ import annotations

import random
import time
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from labkit.host.engine import Engine
from labkit.host.limits import Limits
from labkit.host.observer import Counter
from labkit.host.outcome import Kind
from labkit.host.program import Program
from labkit.reuse.policy import Knobs
from labkit.reuse.runner import Runner

Request = tuple[str, tuple[Any, ...]]

GOOD: Request = ("note", (1,))
PANICS: Request = ("note", (60,))
ABORTS: Request = ("stop", ())


class Served(msgspec.Struct, frozen=True):
    """What became of the requests under one way of keeping the guest.

    `outcomes`: requests by outcome kind. `noted`: good requests that were answered, each of which the guest wrote
    down. `known`: how many of those the living instances still know at the end. `stores`: how many it took.
    """

    label: str
    outcomes: dict[Kind, int]
    noted: int
    known: int
    stores: int
    seconds: float

    @property
    def lost(self) -> int:
        """Answered requests that no living instance knows of."""
        return self.noted - self.known


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
    knobs = knobs or Knobs()
    outcomes: Tally[Kind] = Tally()
    noted = 0
    with Runner(engine, Counter(), program, policy=policy, knobs=knobs, limits=limits) as runner:
        began = time.perf_counter()
        for number, (export, args) in enumerate(requests):
            outcome = runner.call(export, *args)
            outcomes[outcome.kind] += 1
            noted += outcome.kind == "returned"
            if number % 500 == 0:
                on_progress(number / len(requests))
        seconds = time.perf_counter() - began
        stores = runner.counts.stores
        # A pool lends its instances in turn, so asking as often as it has some asks each of them.
        asked = knobs.pool_size if policy == "pool" else 1
        known = sum(runner.call("notes").value or 0 for _ in range(asked))
    return Served(label or policy, dict(outcomes), noted, known, stores, seconds)
