"""The matrix: scenarios and policies down, releases across, a child process per cell."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed

import msgspec

from labkit.errors import ArgumentError
from labkit.host.program import Program
from labkit.record.scenario import Scenario
from labkit.reuse.play import policy_for
from labkit.reuse.policy import policy_info
from labkit.runtimes.cells import Cell, fetch_and_play, play_cell
from labkit.runtimes.difference import first_difference
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.playable import programs_of
from labkit.runtimes.release import version_text
from labkit.runtimes.watch import ChildLimits

Progress = Callable[[Cell, int, int], None]

Key = tuple[str, str | None, str]
"""A cell's place: scenario, policy, release."""


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
    brought: Mapping[str, Mapping[str, Program]] | None = None,
    policies: Sequence[str] = (),
    executor: Executor | None = None,
    nursery: Nursery | None = None,
    limits: ChildLimits | None = None,
    on_cell: Progress = lambda _cell, _done, _all: None,
) -> Matrix:
    """Play every scenario under every release and policy; results that are known are not played again.

    `load` finds programs by name; `brought` are those that scenarios bring along, by their ids.
    A scenario that names its own stores is played once, whatever the policies; no policies mean each one's own.
    `executor` runs the cells, in processes or on machines that fetch releases themselves (default: a thread per
    processor, each waiting for a child forked from a `nursery`, yours or one for this sweep). `on_cell` is told of
    each finished cell, how many are done, and of how many. What goes wrong in a cell stays in it. Raises
    `ArgumentError` without scenarios or releases, `RuntimeMissingError` for what is no version, `UnknownNameError`
    for an unknown policy. When it is interrupted, the children that still run are ended.
    """
    versions = tuple(dict.fromkeys(version_text(version) for version in runtimes))
    wanted = rows_to_play(scenarios, policies)
    if not versions or not wanted:
        raise ArgumentError("A matrix needs at least one scenario and one Wasmtime release.")
    brought = brought or {}
    names = dict.fromkeys(name for one, _ in wanted if one.id not in brought for name in programs_of(one))
    programs = {name: load(name) for name in names}
    pool = executor or ThreadPoolExecutor(os.cpu_count() or 1)
    stop = threading.Event()
    # Somebody else's executor may have its workers in other processes, or on other machines: neither an event nor
    # a prepared child of this one reaches them.
    own = Nursery() if executor is None and nursery is None else None
    more = (nursery or own, stop) if executor is None else ()
    play = play_cell if executor is None else fetch_and_play
    futures: dict[Future[Cell], Key] = {}
    try:
        for scenario, policy in wanted:
            have = brought.get(scenario.id, programs)
            needed = {name: have[name] for name in programs_of(scenario)}
            for version in versions:
                job = pool.submit(play, scenario, needed, version, policy, limits, *more)
                futures[job] = (scenario.id, policy, version)
        for done, future in enumerate(as_completed(futures), 1):
            on_cell(_result(future, futures[future]), done, len(futures))
    except BaseException:
        # An interrupt, most likely: whoever pressed the button does not want to wait for what still runs.
        stop.set()
        raise
    finally:
        for future in futures:
            future.cancel()
        if executor is None:
            pool.shutdown()
        if own is not None:
            own.close()
    return tabulate(wanted, versions, {key: _result(future, key) for future, key in futures.items()})


def _result(future: Future[Cell], key: Key) -> Cell:
    try:
        return future.result()
    except Exception as error:
        # Of a worker elsewhere, which may go wrong in ways of its own.
        return Cell(*key, problem=f"Whoever was to play this failed: {type(error).__name__}: {error}")


def rows_to_play(scenarios: Iterable[Scenario], policies: Sequence[str] = ()) -> list[tuple[Scenario, str | None]]:
    """Which scenario is played under which policy, row by row; raises `UnknownNameError` for an unknown policy."""
    names = list(dict.fromkeys(policy_info(policy).name for policy in policies))
    rows: list[tuple[Scenario, str | None]] = []
    for scenario in scenarios:
        own = policy_for(scenario)
        rows.extend((scenario, policy) for policy in ([own] if own is None or not names else names))
    return rows


def tabulate(
    wanted: Iterable[tuple[Scenario, str | None]], versions: Sequence[str], cells: Mapping[Key, Cell]
) -> Matrix:
    """The matrix of these rows and releases; of `cells` some may be missing, because they were not played."""
    rows = []
    for scenario, policy in wanted:
        keys: list[Key] = [(scenario.id, policy, version) for version in versions]
        row = tuple(cells.get(key) or Cell(*key) for key in keys)
        rows.append(Row(scenario.id, policy, row, _changed(row)))
    return Matrix(tuple(versions), tuple(rows))


def _changed(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(after.runtime for before, after in itertools.pairwise(cells) if differ(before, after))


def differ(one: Cell, other: Cell) -> bool:
    """Whether the same scenario went differently in two cells; a cell that was not played differs from none."""
    if any(cell.trace is None and cell.problem is None for cell in (one, other)):
        return False
    if one.trace is None or other.trace is None:
        return (one.trace is None) != (other.trace is None)
    return first_difference(one.trace, other.trace) is not None
