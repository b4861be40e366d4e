"""labkit's own share: what a call through a lab costs beside the same call through wasmtime-py alone.

`bare` calls the function as wasmtime-py gives it. `counted` calls it through `Instance.call`, with limits and an
outcome, and keeps nothing; `recorded` keeps the step as well, which is what a lab does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from labkit.cost.comparison import Noise, Pair
from labkit.cost.results import Row, Subject, Table
from labkit.cost.stage import Stage
from labkit.cost.statistics import times
from labkit.cost.turns import Way, single, take_turns
from labkit.cost.workloads import workload
from labkit.host import Counter, Engine, Limits, Observer, Program, Store
from labkit.record import Recorder

WAYS: Final = ("bare", "counted", "recorded")
_LIMITS: Final = Limits(seconds=10.0, memory=2**30)


def measure_recording(
    programs: Mapping[str, Program],
    *,
    seconds: float = 3.0,
    on_progress: Callable[[float], None] = lambda _part: None,
) -> Table:
    """Time a call of each workload in `programs`, by name, in the three ways, for about `seconds` in all.

    Raises `UnknownNameError` for a name that is no workload.
    """
    subjects = [Subject(what, guest, "python") for guest in programs for what in WAYS]
    with tempfile.TemporaryDirectory(prefix="labkit-") as folder, Engine() as engine, ExitStack() as stack:
        stage = Stage(programs, {}, Path(folder))
        again = Stage(programs, {}, Path(folder))
        ways = [_way(subject, stage, engine, stack) for subject in subjects]
        twins = [_way(subject, again, engine, stack) for subject in subjects[:: len(WAYS)]]
        take_turns([*ways, *twins], seconds, on_time=on_progress)
    first = [times(way.column(0)) for way in ways]
    second = [times(way.column(0)) for way in twins]
    pairs = [
        Pair(subject.describe(), ours.median, theirs.median)
        for subject, ours, theirs in zip(subjects[:: len(WAYS)], first[:: len(WAYS)], second, strict=True)
    ]
    return Table(
        id="recording",
        title="A call of a live instance, by itself and in a lab",
        rows=tuple(Row(subject, took) for subject, took in zip(subjects, first, strict=True)),
        noise=Noise(tuple(pairs)),
    )


def _way(subject: Subject, stage: Stage, engine: Engine, stack: ExitStack) -> Way:
    one = workload(subject.guest)
    if subject.what == "bare":
        live = stage.live(subject)
        stack.callback(live.close)
        return Way(single(live.run))
    observer: Observer = Counter() if subject.what == "counted" else Recorder(engine.release.version)
    store = stack.enter_context(Store(engine, observer, limits=_LIMITS))
    instance = store.instantiate(stage.program(subject.guest))
    instance.call(one.export, *one.args).unwrap()
    return Way(single(lambda: instance.call(one.export, *one.args)))
