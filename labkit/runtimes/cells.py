"""One scenario under one release and one policy, played in a child or taken from the cache."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from labkit import resources
from labkit.errors import FormatError, LabkitError
from labkit.host.program import Program
from labkit.record.knobs import Knobs
from labkit.record.scenario import Scenario
from labkit.record.trace import Trace, read_trace
from labkit.runtimes.fetch import add_runtime
from labkit.runtimes.nursery import Nursery
from labkit.runtimes.release import Runtime
from labkit.runtimes.run import run_in_child
from labkit.runtimes.watch import ChildLimits

# Signals that a crash raises by itself. Another one came from somebody else, and says nothing about the release.
_CRASHES = ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE")


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of it: a trace, or the one sentence that says why there is none; with neither it was not played.

    `cached`: its result was known.
    """

    scenario: str
    policy: str | None
    runtime: str
    trace: Trace | None = None
    problem: str | None = None
    cached: bool = False


def play_cell(
    scenario: Scenario,
    programs: Mapping[str, Program],
    version: str,
    policy: str | None,
    limits: ChildLimits | None = None,
    nursery: Nursery | None = None,
    stop: threading.Event | None = None,
    *,
    knobs: Knobs | None = None,
    anew: bool = False,
) -> Cell:
    """Play one cell unless its result is known; never raises for what goes wrong in it.

    `anew` plays it in any case and keeps nothing: times compare only with others of the same session. Another
    thread that sets `stop` ends its child.
    """
    path = _cache_file(scenario, programs, version, policy, limits, knobs)
    trace = None if anew else _known(path)
    if trace is not None:
        return Cell(scenario.id, trace.policy, version, trace, cached=True)
    try:
        trace = run_in_child(
            scenario,
            programs,
            Runtime(version),
            policy=policy,
            knobs=knobs,
            limits=limits,
            nursery=nursery,
            stop=stop,
        )
    except LabkitError as error:
        return Cell(scenario.id, policy, version, problem=str(error))
    if not anew and lasting(trace):
        _keep(path, trace)
    return Cell(scenario.id, trace.policy, version, trace)


def fetch_and_play(
    scenario: Scenario,
    programs: Mapping[str, Program],
    version: str,
    policy: str | None,
    limits: ChildLimits | None = None,
) -> Cell:
    """The same on a machine that may lack the release, which is fetched first; another process may have asked."""
    try:
        add_runtime(version)
    except LabkitError as error:
        return Cell(scenario.id, policy, version, problem=str(error))
    return play_cell(scenario, programs, version, policy, limits)


def lasting(trace: Trace) -> bool:
    """Whether the same would come of it again: not where somebody, or this machine, put an end to the child."""
    for step in trace:
        outcome = step.outcome
        if outcome is None or (outcome.kind == "timed-out" and outcome.code is None):
            return False
        if outcome.kind == "aborted" and outcome.signal not in _CRASHES:
            return False
    return True


def _cache_file(
    scenario: Scenario,
    programs: Mapping[str, Program],
    version: str,
    policy: str | None,
    limits: ChildLimits | None,
    knobs: Knobs | None,
) -> Path:
    digests = {name: program.digest for name, program in programs.items()}
    what = (scenario, digests, version, policy, limits or ChildLimits(), knobs or scenario.knobs, _code_digest())
    key = hashlib.sha256(msgspec.json.encode(what, order="deterministic")).hexdigest()
    return resources.cache_dir() / "matrix" / f"{key}.json"


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """Of all code that decides what a child does: a version number stands still while it is worked on."""
    whole = hashlib.sha256()
    for room in ("host", "record", "reuse", "runtimes"):
        for path in sorted((resources.PACKAGE / room).glob("*.py")):
            whole.update(path.read_bytes())
    return whole.hexdigest()


def _known(path: Path) -> Trace | None:
    try:
        return read_trace(path.read_bytes())
    except (OSError, FormatError):
        return None


def _keep(path: Path, trace: Trace) -> None:
    # A cache that cannot be written costs time and nothing else.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(msgspec.json.encode(trace))
        Path(file.name).replace(path)
