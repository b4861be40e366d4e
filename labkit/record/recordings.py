"""Recorded traces of scenarios whose guests need something that not every machine has.

One is written anew by `labkit run SCENARIO --json`; the tests hold each against a run.
"""

from __future__ import annotations

from labkit import resources
from labkit.errors import unknown
from labkit.record.trace import Trace, read_trace


def recordings() -> dict[str, Trace]:
    """The recorded traces by the id of their scenario."""
    files = sorted((resources.scenarios_dir() / "recorded").glob("*.json"))
    traces = [read_trace(path.read_bytes()) for path in files]
    return {trace.scenario: trace for trace in traces if trace.scenario}


def recorded(scenario: str) -> Trace:
    """What was recorded of `scenario`; raises `UnknownNameError` where nothing was."""
    known = recordings()
    if scenario not in known:
        raise unknown("recording", scenario, known)
    return known[scenario]
