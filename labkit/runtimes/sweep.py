"""The matrix: scenarios and policies down, releases across, a child process per cell."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed

import msgspec

from labkit.errors import ArgumentError
from labkit.host.program import Program
from labkit.record.scenario import Scenario
from labkit.reuse.play import policy_for
from labkit.reuse.policy import policy_info
from labkit.runtimes.cells import Cell, play_cell
from labkit.runtimes.difference import first_difference
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.release import version_text
from labkit.runtimes.run import programs_of
from labkit.runtimes.watch import ChildLimits

Progress = Callable[[Cell, int, int], None]


class Row(msgspec.Struct, frozen=True):
    """One scenario under one policy (None: it names its own stores), a cell per release.

    `changed` lists the releases in which it went differently from the release before them in the matrix.
    """

    scenario: str
    policy: str | None
    cells: tuple[Cell, ...]
    changed: tuple[str, ...]


class Matrix(msgspec.Struct, frozen=True):
    """Rows in the order asked for; `runtimes` are the columns."""

    runtimes: tuple[str, ...]
    rows: tuple[Row, ...]


def matrix(
    scenarios: Iterable[Scenario],
    runtimes: Iterable[str],
    load: Callable[[str], Program],
    *,
    policies: Sequence[str] = (),
    executor: Executor | None = None,
    limits: ChildLimits | None = None,
    on_cell: Progress = lambda _cell, _done, _all: None,
) -> Matrix:
    """Play every scenario under every release and policy; results that are known are not played again.

    A scenario that names its own stores is played once, whatever the policies; no policies mean each one's own.
    `executor` runs the cells (default: a thread per processor, each waiting for a child). `on_cell` is told of
    each finished cell, how many are done, and of how many. What goes wrong in a cell stays in it. Raises
    `ArgumentError` without scenarios or releases, `RuntimeMissingError` for what is no version, `UnknownNameError`
    for an unknown policy.
    """
    versions = tuple(dict.fromkeys(version_text(version) for version in runtimes))
    wanted = [(scenario, policy) for scenario in scenarios for policy in _policies(scenario, policies)]
    if not versions or not wanted:
        raise ArgumentError("A matrix needs at least one scenario and one Wasmtime release.")
    names = dict.fromkeys(name for scenario, _ in wanted for name in programs_of(scenario))
    programs = {name: load(name) for name in names}
    own = executor is None
    pool = executor or ThreadPoolExecutor(os.cpu_count() or 1)
    # Somebody else's executor may be in another process, or on another machine.
    nursery = Nursery() if own else None
    futures: dict[tuple[int, str], Future[Cell]] = {}
    try:
        for at, (scenario, policy) in enumerate(wanted):
            needed = {name: programs[name] for name in programs_of(scenario)}
            for version in versions:
                futures[at, version] = pool.submit(play_cell, scenario, needed, version, policy, limits, nursery)
        for done, future in enumerate(as_completed(futures.values()), 1):
            on_cell(future.result(), done, len(futures))
    finally:
        for future in futures.values():
            future.cancel()
        if own:
            pool.shutdown()
        if nursery is not None:
            nursery.close()
    rows = []
    for at, (scenario, _) in enumerate(wanted):
        cells = tuple(futures[at, version].result() for version in versions)
        rows.append(Row(scenario.id, cells[0].policy, cells, _changed(cells)))
    return Matrix(versions, tuple(rows))


def _policies(scenario: Scenario, asked: Sequence[str]) -> Sequence[str | None]:
    names = [policy_info(policy).name for policy in asked]
    own_stores = policy_for(scenario) is None
    return [None] if own_stores or not names else names


def _changed(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(after.runtime for before, after in itertools.pairwise(cells) if differ(before, after))


def differ(one: Cell, other: Cell) -> bool:
    """Whether the same scenario went differently in two cells."""
    if one.trace is None or other.trace is None:
        return (one.trace is None) != (other.trace is None)
    return first_difference(one.trace, other.trace) is not None
