"""What a call costs under each reuse policy, as Python pays it.

Sequential timing is off by up to half on a busy machine. So the policies take turns call by call, medians are
compared, and one policy runs twice: the difference between the two is the noise floor of the run.
"""

from __future__ import annotations

import gc
import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from labkit.errors import ArgumentError
from labkit.host.engine import Engine
from labkit.host.observer import Counter
from labkit.host.program import Program
from labkit.host.store import HostFunction
from labkit.reuse.policy import POLICY_NAMES
from labkit.reuse.runner import Runner

MAX_CALLS = 4000
"""Enough for a median that repeats within half a percent."""

_WARM_UP = 3


class PolicyCost(msgspec.Struct, frozen=True, omit_defaults=True):
    """Cost of one call under a policy: median and quartiles, in microseconds, over `calls` calls."""

    policy: str
    calls: int
    median_us: float
    q1_us: float
    q3_us: float
    note: str = ""


class CostReport(msgspec.Struct, frozen=True):
    """Costs measured in one run. `noise`: the ratio by which two runs of the same policy differed."""

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
    on_progress: Callable[[float], None] | None = None,
) -> CostReport:
    """Time `export(*args)` under each policy for about `seconds` in all; `on_progress` gets 0 to 1.

    The call must return: raises `ArgumentError` if it does not, because a policy that traps measures its recovery.
    """
    names = [*policies, policies[0]]
    runners = [Runner(engine, Counter(), program, policy=name, imports=imports) for name in names]
    try:
        for runner in runners:
            _warm_up(runner, export, args)
        samples = _take_turns(runners, export, args, seconds, on_progress)
    finally:
        for runner in runners:
            runner.close()
    *own, again = samples
    first, second = statistics.median(own[0]), statistics.median(again)
    return CostReport(
        program=program.name,
        costs=tuple(summary(name, times) for name, times in zip(policies, own, strict=True)),
        noise=abs(first - second) / min(first, second),
        machine=machine(engine),
    )


def _warm_up(runner: Runner, export: str, args: Sequence[Any]) -> None:
    for _ in range(_WARM_UP):
        outcome = runner.call(export, *args)
        if not outcome.ok:
            raise ArgumentError(
                f"Only a call that returns can be timed; under {runner.policy} {export} {outcome.describe()}."
            )


def _take_turns(
    runners: Sequence[Runner],
    export: str,
    args: Sequence[Any],
    seconds: float,
    on_progress: Callable[[float], None] | None,
) -> list[list[float]]:
    """Microseconds per call for each runner; a slow one sits out once it has used its share of the time."""
    samples: list[list[float]] = [[] for _ in runners]
    spent = [0.0] * len(runners)
    share = seconds * 1e6 / len(runners)
    started = time.perf_counter()
    collecting = gc.isenabled()
    gc.disable()
    try:
        while (time.perf_counter() - started < seconds and len(samples[0]) < MAX_CALLS) or _too_few(samples):
            for i, runner in enumerate(runners):
                if spent[i] > share and len(samples[i]) >= _WARM_UP:
                    continue
                before = time.perf_counter_ns()
                runner.call(export, *args)
                took = (time.perf_counter_ns() - before) / 1000
                samples[i].append(took)
                spent[i] += took
            if on_progress is not None and len(samples[0]) % 100 == 0:
                on_progress(min(1.0, (time.perf_counter() - started) / seconds))
    finally:
        if collecting:
            gc.enable()
    return samples


def _too_few(samples: Sequence[Sequence[float]]) -> bool:
    """Whether some policy has fewer samples than quartiles need."""
    return any(len(times) < _WARM_UP for times in samples)


def summary(policy: str, times: Sequence[float], note: str = "") -> PolicyCost:
    """Median and quartiles of at least two times in microseconds."""
    q1, median, q3 = statistics.quantiles(times, n=4)
    return PolicyCost(policy, len(times), round(median, 2), round(q1, 2), round(q3, 2), note)


def machine(engine: Engine) -> str:
    """Where something was measured, and with which versions."""
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, "
        f"wasmtime {engine.release.version}, labkit {importlib.metadata.version('labkit')}"
    )
