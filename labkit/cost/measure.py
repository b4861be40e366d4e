"""What a call costs under each reuse policy, as Python pays it through labkit.

The policies take turns call by call, medians are compared, and one policy runs twice: the difference between the
two is the noise floor of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from labkit.cost.comparison import Pair
from labkit.cost.machine import this_machine
from labkit.cost.statistics import times
from labkit.cost.turns import Way, single, take_turns
from labkit.errors import ArgumentError
from labkit.host.engine import Engine
from labkit.host.observer import Counter
from labkit.host.program import Program
from labkit.host.store import HostFunction
from labkit.reuse.policy import POLICY_NAMES
from labkit.reuse.runner import Runner

_WARM_UP = 3
_PERIOD = 0.1


class PolicyCost(msgspec.Struct, frozen=True, omit_defaults=True):
    """Cost of one call under a policy: median and quartiles, in microseconds, over `calls` calls."""

    policy: str
    calls: int
    median_us: float
    q1_us: float
    q3_us: float
    note: str = ""


class CostReport(msgspec.Struct, frozen=True):
    """What a call of `program` costs under each policy, measured in one run on `machine`.

    `noise`: the ratio by which two runs of the same policy differed; a smaller difference is none.
    """

    program: str
    costs: tuple[PolicyCost, ...]
    noise: float
    machine: str


def measure_policies(
    engine: Engine,
    program: Program,
    export: str,
    args: Sequence[Any],
    *,
    policies: Sequence[str] = POLICY_NAMES,
    seconds: float = 3.0,
    imports: Mapping[str, HostFunction] | None = None,
    on_progress: Callable[[float], None] = lambda _part: None,
) -> CostReport:
    """Time `export(*args)` under each policy for about `seconds` in all; `on_progress` gets 0 to 1.

    The call must return: raises `ArgumentError` if it does not, because a policy that traps measures its recovery.
    """
    names = [*policies, policies[0]]
    runners = [Runner(engine, Counter(), program, policy=name, imports=imports) for name in names]
    try:
        for runner in runners:
            _warm_up(runner, export, args)
        ways = [Way(single(partial(runner.call, export, *args))) for runner in runners]
        take_turns(ways, seconds, on_time=on_progress, period=_PERIOD)
    finally:
        for runner in runners:
            runner.close()
    costs = [summary(name, way) for name, way in zip(names, ways, strict=True)]
    return CostReport(
        program=program.name,
        costs=tuple(costs[:-1]),
        noise=noise(costs[0], costs[-1]),
        machine=this_machine().describe(),
    )


def _warm_up(runner: Runner, export: str, args: Sequence[Any]) -> None:
    for _ in range(_WARM_UP):
        outcome = runner.call(export, *args)
        if not outcome.ok:
            raise ArgumentError(
                f"Only a call that returns can be timed; under {runner.policy} {export} {outcome.describe()}."
            )


def summary(policy: str, way: Way, note: str = "") -> PolicyCost:
    """What a way took, in microseconds; raises `ArgumentError` for one that failed."""
    if way.failure:
        raise ArgumentError(way.failure)
    found = times(way.column(0))
    median, q1, q3 = (round(ns / 1000, 2) for ns in (found.median, found.q1, found.q3))
    return PolicyCost(policy, found.samples, median, q1, q3, note)


def noise(first: PolicyCost, second: PolicyCost) -> float:
    """How far two measurements of the same thing lie apart, as a share of the smaller one."""
    return Pair(first.policy, first.median_us, second.median_us).difference
