"""What happened in a repro, step by step, for hosts that are no labkit: no policies, no host functions in data."""

from __future__ import annotations

from typing import Any, NoReturn

import msgspec

from labkit.errors import LabkitError
from labkit.host.outcome import Outcome
from labkit.host.wasi import Wasi
from labkit.record.repro import Repro
from labkit.record.scenario import HostBehaviour
from labkit.record.trace import Step


class Told(msgspec.Struct, frozen=True):
    """One thing to do, with what came of it.

    `n` is the number of the step in the trace, 0 for `close`. `tried`: the runtime was asked; labkit itself
    refuses what it knows to be impossible. `wasi`: what the store gives to its guests, said where it is opened.
    """

    n: int
    do: str
    store: int
    instance: int | None = None
    program: str | None = None
    export: str | None = None
    args: tuple[Any, ...] = ()
    given: dict[str, int] = {}
    outcome: Outcome = Outcome("returned")
    tried: bool = True
    wasi: Wasi | None = None


def told(repro: Repro) -> list[Told]:
    """Everything that was done, in order, with stores and instances by their numbers.

    Raises `LabkitError` for what is asynchronous, and for host functions that do more than return and raise.
    """
    for path, how in repro.scenario.imports.items():
        _check_host_function(path, how)
    if repro.scenario.mixes_async or repro.scenario.needs_loop:
        _not_told("its calls are awaited or run in threads")
    if repro.scenario.engine.wasi != "sync":
        _not_told("it links WASI for asynchronous calls")
    if repro.trace.dropped:
        _not_told("its first steps were not kept")
    found: list[Told] = []
    opened: set[int] = set()
    wasi = {store.id: store.wasi for store in repro.trace.stores}
    for step in repro.trace:
        if step.inside is not None:
            _not_told(f"step {step.n} was made by a host function")
        found.append(_told(step, None if step.store in opened else wasi.get(step.store)))
        opened.add(step.store)
        closed = [store.id for store in repro.trace.stores if store.closed_after == step.n]
        found.extend(Told(0, "close", store) for store in closed if store in opened)
    return found


def _told(step: Step, wasi: Wasi | None) -> Told:
    outcome = step.outcome or Outcome("returned")
    return Told(
        step.n,
        step.do,
        step.store,
        step.instance,
        step.program,
        step.export,
        step.args,
        step.given,
        outcome,
        tried=outcome.kind != "refused" or outcome.code is not None,
        wasi=wasi,
    )


def _check_host_function(path: str, how: HostBehaviour) -> None:
    plain = HostBehaviour(returns=how.returns, raises=how.raises, exception=how.exception, answers=how.answers)
    if how != plain:
        _not_told(f"the host function `{path}` does more than return or raise")


def _not_told(why: str) -> NoReturn:
    raise LabkitError(f"This repro cannot be written as a program of its own: {why}. `labkit replay` plays it.")
