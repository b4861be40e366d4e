"""labkit's own share: what a call through a lab costs beside the same call through wasmtime-py alone.

`bare` calls the function as wasmtime-py gives it. `counted` calls it through `Instance.call`, with limits and an
outcome, and keeps nothing; `recorded` keeps the step as well, which is what a lab does.
"""

from __future__ import annotations

from typing import Final

from labkit.cost.results import Subject
from labkit.cost.stage import Stage
from labkit.cost.turns import Way, single
from labkit.cost.workloads import workload
from labkit.host import Counter, Limits, Observer, Store
from labkit.record import Recorder

_LIMITS: Final = Limits(seconds=10.0, memory=2**30)


def recording_way(stage: Stage, subject: Subject) -> Way:
    """A call of a live instance, as wasmtime-py makes it or as a lab does."""
    one = workload(subject.guest)
    if subject.what == "bare":
        live = stage.live(subject)
        return Way(single(live.run), close=live.close)
    engine = stage.lab_engine
    observer: Observer = Counter() if subject.what == "counted" else Recorder(engine.release.version)
    store = Store(engine, observer, limits=_LIMITS)
    instance = store.instantiate(stage.program(subject.guest))
    instance.call(one.export, *one.args).unwrap()
    return Way(single(lambda: instance.call(one.export, *one.args)), close=store.close)
