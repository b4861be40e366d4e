"""What it costs to catch a panic, beside a trap and making again what it took away.

Timed as policies are: single calls in turn, medians compared, one way twice for the noise of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from labkit.cost.machine import this_machine
from labkit.cost.measure import PolicyCost, noise, summary
from labkit.cost.turns import Way, single, take_turns
from labkit.errors import ArgumentError
from labkit.host.engine import Engine
from labkit.host.instance import Instance
from labkit.host.observer import Counter
from labkit.host.outcome import Kind
from labkit.host.program import Program
from labkit.host.store import Store

SIZES = (0, 1, 64)
"""MiB of a document that the guest keeps."""

_PERIOD = 0.1


class RecoveryReport(msgspec.Struct, frozen=True):
    """What each way costs, in microseconds. `caught` and `rebuilt` are keyed by the MiB that the guest keeps.

    `noise`: the ratio by which two runs of the same way differed.
    """

    aborting: PolicyCost
    unwinding: PolicyCost
    caught: dict[int, PolicyCost]
    rebuilt: dict[int, PolicyCost]
    noise: float
    machine: str

    @property
    def costs(self) -> tuple[PolicyCost, ...]:
        """Every way: calls that return, caught panics, traps with what has to be made again."""
        return (self.aborting, self.unwinding, *self.caught.values(), *self.rebuilt.values())


def measure_recovery(
    engine: Engine,
    aborting: Program,
    unwinding: Program,
    *,
    sizes: Sequence[int] = SIZES,
    seconds: float = 4.0,
    on_progress: Callable[[float], None] = lambda _part: None,
) -> RecoveryReport:
    """Time an account book that aborts and one that unwinds for about `seconds` in all.

    With each of `sizes` the one panics and catches it; the other traps, and is made again in a new store, with its
    document. Raises `ArgumentError` where the guests do not do that.
    """
    with _Bench(engine) as bench:
        ways = [
            bench.returns(aborting),
            bench.returns(unwinding),
            *(bench.catches(unwinding, mib) for mib in sizes),
            *(bench.traps(aborting, mib) for mib in sizes),
            bench.returns(aborting),
        ]
        timed = [Way(single(way)) for way in ways]
        take_turns(timed, seconds, on_time=on_progress, period=_PERIOD)
    labels = [
        ("a call that returns", "panic=abort"),
        ("a call that returns", "panic=unwind"),
        *(("a caught panic", f"{mib} MiB kept") for mib in sizes),
        *(("a trap, and made again", f"{mib} MiB written anew") for mib in sizes),
    ]
    costs = [summary(label, way, note) for (label, note), way in zip(labels, timed, strict=False)]
    return RecoveryReport(
        aborting=costs[0],
        unwinding=costs[1],
        caught=dict(zip(sizes, costs[2 : 2 + len(sizes)], strict=True)),
        rebuilt=dict(zip(sizes, costs[2 + len(sizes) :], strict=True)),
        noise=noise(costs[0], summary("", timed[-1])),
        machine=this_machine().describe(),
    )


class _Bench:
    """Makes what is timed, and closes its stores."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._observer = Counter()
        self._stores: dict[int, Store] = {}

    def returns(self, program: Program) -> Callable[[], None]:
        instance = self._opened(program, 0)
        return lambda: _call(instance, "returned", "add", 1, 2)

    def catches(self, program: Program, mib: int) -> Callable[[], None]:
        instance = self._opened(program, mib)
        return lambda: _call(instance, "guest-error", "note", 60)

    def traps(self, program: Program, mib: int) -> Callable[[], None]:
        live = [self._opened(program, mib)]

        def once() -> None:
            _call(live[0], "trapped", "note", 60)
            self._stores.pop(live[0].store.number).close()
            live[0] = self._opened(program, mib)

        return once

    def _opened(self, program: Program, mib: int) -> Instance:
        store = Store(self._engine, self._observer)
        self._stores[store.number] = store
        instance = store.instantiate(program)
        if mib:
            _call(instance, "returned", "load", mib)
        return instance

    def __enter__(self) -> _Bench:
        return self

    def __exit__(self, *_exc: object) -> None:
        for store in self._stores.values():
            store.close()


def _call(instance: Instance, wanted: Kind, export: str, *args: int) -> None:
    outcome = instance.call(export, *args)
    if outcome.kind != wanted:
        raise ArgumentError(
            f"To be timed, {export} of {instance.program.name} has to be {wanted}; the call {outcome.describe()}."
        )
