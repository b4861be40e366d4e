"""How the subjects of a table are timed: from data to something that can be called.

Each way is tried before it is timed, and has to do what it is timed for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from typing import Any, Final

import msgspec
import wasmtime
from wasmtime import component as c

from labkit.cost.engines import Compiling, Knobs
from labkit.cost.floor import floor_way
from labkit.cost.native.call import PHASES, Failures, Fresh, Live
from labkit.cost.native.code import (
    compiling,
    deserialising,
    deserialising_file,
    making_engines,
    serialising,
)
from labkit.cost.plans import Plan
from labkit.cost.recording import recording_way
from labkit.cost.results import Subject
from labkit.cost.stage import Stage, prepare
from labkit.cost.turns import Way, single
from labkit.cost.workers import worker_way
from labkit.cost.workloads import workload
from labkit.errors import ArgumentError

_INSTANCES: Final = 20
"""New instances that one store takes before it is replaced: few enough for a pool that all tables share."""

_POOL: Final = 4
_CYCLE: Final = 100
"""Calls after which a mixture repeats: enough for one in a hundred to trap."""

_AGAIN: Final = 9
"""Later calls of an instance that are timed before it is replaced."""

_LIVE_REPEATS: Final = 8
"""Calls of a live instance by one look at the clock, which takes a tenth of such a call."""

Group = tuple[tuple[Subject, ...], Callable[[], Way]]
"""Subjects that one way times together, and how it is made."""


def groups(plan: Plan, stage: Stage) -> Iterator[Group]:
    """The subjects of a plan by the ways that time them."""
    maker = _MAKERS.get(plan.id, _by_policy)
    lapped: dict[tuple[str, str], list[Subject]] = {}
    for subject in plan.subjects:
        if subject.what in PHASES:
            lapped.setdefault((subject.guest, subject.reading), []).append(subject)
        else:
            yield (subject,), partial(maker, stage, subject)
    for together in lapped.values():
        yield tuple(together), partial(_lapped, stage, together)


def _by_policy(stage: Stage, subject: Subject) -> Way:
    if subject.reading == "floor":
        return floor_way(stage.prepared(subject), workload(subject.guest), live=subject.what == "keep")
    match subject.what:
        case "fresh-store":
            return _fresh_store(stage.fresh(subject))
        case "recompile":
            return _recompile(stage, subject)
        case "fresh-instance":
            return _fresh_instance(stage.live(subject))
        case "pool":
            return _pool([stage.live(subject) for _ in range(_POOL)])
    return _live(stage.live(subject))


def _fresh_store(fresh: Fresh) -> Way:
    _check(fresh.run(), fresh.failures)
    return Way(single(fresh.run))


def _live(live: Live) -> Way:
    # What `rebuild-on-trap` does when nothing traps is what `keep` does.
    _check(live.run(), live.failures)
    return Way(single(live.run, repeat=_LIVE_REPEATS), close=live.close)


def _pool(lives: Sequence[Live]) -> Way:
    for live in lives:
        _check(live.run(), live.failures)
    turn = cycle([live.run for live in lives])
    return Way(single(lambda: next(turn)(), repeat=_LIVE_REPEATS), close=lambda: _close(lives))


def _fresh_instance(live: Live) -> Way:
    """A store holds only so many instances: what it takes to replace it is shared among them."""
    count, share = 0, 0.0
    clock = time.perf_counter_ns

    def sample() -> tuple[float, ...]:
        nonlocal count, share
        if count == _INSTANCES:
            before = clock()
            live.renew()
            count, share = 0, (clock() - before) / _INSTANCES
        count += 1
        before = clock()
        _check(live.another() and live.run(), live.failures)
        return (clock() - before + share,)

    return Way(sample, close=live.close)


def _recompile(stage: Stage, subject: Subject) -> Way:
    engine, program = stage.prepared(subject).engine, stage.program(subject.guest)
    one = workload(subject.guest)

    def run() -> None:
        fresh = prepare(engine, program, subject.guest).fresh(one.export, *one.args)
        _check(fresh.run(), fresh.failures)

    return Way(single(run))


def _touching(stage: Stage, subject: Subject) -> Way:
    return _fresh_store(stage.fresh(subject, "touch", (int(subject.at or 0),)))


def _trapping(stage: Stage, subject: Subject) -> Way:
    """Calls of which a share traps, evenly spread, each timed by itself with what it takes to go on after it."""
    export, bad = workload(subject.guest).trap or ("", ())
    # Guests of this table trap for whatever is not positive.
    good, share = (1.0,), subject.at or 0.0
    traps = round(share * _CYCLE)
    pattern = [(i + 1) * traps // _CYCLE > i * traps // _CYCLE for i in range(_CYCLE)]
    if subject.what == "fresh-store":
        returns, trapping = (stage.fresh(subject, export, args).run for args in (good, bad))
        _check_both(returns, trapping)
        return _mixed([(int(trap), (returns, trapping)[trap]) for trap in pattern], (1 - share, share))
    lives = [stage.live(subject, export, good) for _ in range(_POOL if subject.what == "pool" else 1)]
    runs = [(live.run, _healing(live, live.calling(*bad))) for live in lives]
    _check_both(lives[0].run, lives[0].calling(*bad))
    lives[0].renew()
    steps = [(int(trap), runs[i % len(lives)][trap]) for i, trap in enumerate(pattern)]
    return _mixed(steps, (1 - share, share), close=lambda: _close(lives))


def _healing(live: Live, run: Callable[[], bool]) -> Callable[[], None]:
    """A call, and a new store after it if it trapped."""
    renew = live.renew

    def once() -> None:
        if not run():
            renew()

    return once


def _reused(stage: Stage, subject: Subject) -> Way:
    live, count = stage.live(subject), int(subject.at or 1)
    _check(live.run(), live.failures)

    def replaced() -> None:
        live.renew()
        live.run()

    # However often it is used again, each of those calls is like the others: a few between replacements will do.
    steps = [(0, replaced), *[(1, live.run)] * min(count - 1, _AGAIN)]
    return _mixed(steps, (1 / count, 1 - 1 / count), close=live.close)


def _mixed(
    steps: Sequence[tuple[int, Callable[[], object]]],
    weights: tuple[float, float],
    *,
    close: Callable[[], None] = lambda: None,
) -> Way:
    """Steps of two kinds, over and over, one for each sample."""
    clock, turn = time.perf_counter_ns, cycle(steps)

    def sample() -> tuple[float | None, ...]:
        kind, step = next(turn)
        before = clock()
        step()
        took = clock() - before
        return (None, took) if kind else (took, None)

    return Way(sample, weights, close)


def _lapped(stage: Stage, subjects: Sequence[Subject]) -> Way:
    fresh = stage.fresh(subjects[0])
    _check(fresh.run(), fresh.failures)
    laps, wanted = fresh.laps, [PHASES.index(subject.what) for subject in subjects]

    def sample() -> tuple[float, ...]:
        took = laps()
        return tuple(took[i] for i in wanted)

    return Way(sample)


def _phase(stage: Stage, subject: Subject) -> Way:
    """The phases that are not part of a call, and the trap, which is the first call of a guest that traps."""
    if subject.what != "trap":
        return Way(single(_code_step(stage, subject, stage.engine(Knobs()))))
    export, args = workload(subject.guest).trap or ("", ())
    trapping = stage.fresh(subject, export, args)
    if trapping.run():
        raise ArgumentError(f"{export} of {subject.guest} was to trap, and it returned.")
    laps, first = trapping.laps, PHASES.index("first-call")
    return Way(lambda: (laps()[first],))


def _compiling(stage: Stage, subject: Subject) -> Way:
    """Ways to code: `compile` under an engine's settings, from the runtime's cache, or from a file."""
    if subject.what == "deserialise":
        return Way(single(_code_step(stage, subject, stage.engine(Knobs()), from_file=True)))
    again = msgspec.structs.replace(subject, what="compile")
    if subject.what == "cache-hit":
        step = _code_step(stage, again, stage.engine(Knobs(cache=stage.cache)))
        # The first time fills the cache.
        step()
        return Way(single(step))
    knobs = Knobs(compiling=msgspec.convert(subject.what, Compiling))
    return Way(single(_code_step(stage, again, stage.engine(knobs))))


def _code_step(
    stage: Stage, subject: Subject, engine: wasmtime.Engine, *, from_file: bool = False
) -> Callable[[], object]:
    program = stage.program(subject.guest)
    public: type[wasmtime.Module] | type[c.Component] = (
        wasmtime.Module if program.kind == "module" else c.Component
    )
    native = subject.reading == "native"
    match subject.what:
        case "engine":
            return making_engines() if native else lambda: wasmtime.Engine(wasmtime.Config()).close()
        case "compile":
            return compiling(engine, program) if native else lambda: public(engine, program.wasm).close()
    made = stage.code(subject.guest)
    if subject.what == "serialise":
        return serialising(made, program.kind) if native else made.serialize
    image = bytes(made.serialize())
    if not from_file:
        if native:
            return deserialising(engine, program.kind, image)
        return lambda: public.deserialize(engine, image).close()
    file = stage.file(f"{subject.guest}.cwasm", image)
    if native:
        return deserialising_file(engine, program.kind, file)
    return lambda: public.deserialize_file(engine, str(file)).close()


_MAKERS: Final[dict[str, Callable[[Stage, Subject], Way]]] = {
    "touched": _touching,
    "traps": _trapping,
    "reuse": _reused,
    "workers": worker_way,
    "phases": _phase,
    "compilation": _compiling,
    "recording": recording_way,
}


def _check(returned: bool, failures: Failures) -> None:
    if not returned:
        raise ArgumentError(f"Only a call that returns can be timed, and this one failed: {failures.text}.")


def _check_both(good: Callable[[], bool], bad: Callable[[], bool]) -> None:
    if not good() or bad():
        raise ArgumentError("Of the two calls one has to return and the other to trap, and they do not.")


def _close(lives: Sequence[Any]) -> None:
    for live in lives:
        live.close()
