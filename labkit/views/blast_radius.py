"""The blast-radius grid as something a cell shows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from labkit.host.versions import Release
from labkit.record.trace import FORMAT, Trace
from labkit.runtimes import Cell
from labkit.views import markup
from labkit.views.grid import (
    Rule,
    blast_radius_alt,
    blast_radius_html,
    blast_radius_reading,
    blast_radius_table,
    callers,
    cell,
)


class BlastRadius:
    """Traces side by side: who was still answered in each. `traces` maps a column's name to its trace.

    `axis` names what the columns are; with `rule` a vertical rule says where neighbouring columns first differ.
    `notes` are sentences to read below.
    """

    def __init__(
        self, traces: Mapping[str, Trace], *, axis: str = "", rule: Rule | None = None, notes: Sequence[str] = ()
    ) -> None:
        self.traces = dict(traces)
        self.axis = axis
        self.rule = rule
        self.notes = tuple(notes)

    def _repr_html_(self) -> str:
        table = markup.details("show as a table", blast_radius_table(self.traces, rule=self.rule))
        said = [markup.paragraph(markup.prose(note), "lk-muted") for note in self.notes]
        return blast_radius_html(self.traces, rule=self.rule, axis=self.axis) + markup.boxed(table, *said)

    def __repr__(self) -> str:
        reading = blast_radius_reading(self.traces, rule=self.rule)
        return "\n".join([reading, blast_radius_alt(self.traces, rule=self.rule), *self.notes])


def by_release(cells: Sequence[Cell]) -> BlastRadius:
    """The same scenario under one release after the other; a release without a trace has a column of dashes."""
    majors = [Release(one.runtime).major for one in cells]
    alone = len(set(majors)) == len(majors)
    names = [str(major) if alone else one.runtime for one, major in zip(cells, majors, strict=True)]
    nothing = [Trace(format=FORMAT, runtime=one.runtime) for one in cells]
    traces = {name: one.trace or empty for name, one, empty in zip(names, cells, nothing, strict=True)}
    said = dict.fromkeys(one.problem for one in cells if one.problem)
    return BlastRadius(traces, axis="Wasmtime release", rule=first_turn(traces), notes=tuple(said))


def first_turn(traces: Mapping[str, Trace]) -> Rule | None:
    """The rule between the first neighbouring columns in which the same callers fared differently."""
    rows = callers(traces)
    columns = [(name, trace) for name, trace in traces.items() if trace.steps]
    for (_, before), (name, after) in itertools.pairwise(columns):
        if [_fate(before, row) for row in rows] != [_fate(after, row) for row in rows]:
            return list(traces).index(name), _label(name, _scope(before), _scope(after))
    return None


def _fate(trace: Trace, caller: str) -> Any:
    step = cell(trace, caller)
    return step and step.outcome and step.outcome.kind


def _scope(trace: Trace) -> str | None:
    """What the refused calls of a trace found poisoned, where they agree on it."""
    causes = [step.outcome.cause for step in trace if step.outcome and step.outcome.cause]
    scopes = {cause.scope for cause in causes if cause.kind == "poisoned"}
    return scopes.pop() if len(scopes) == 1 else None


def _label(name: str, before: str | None, after: str | None) -> str:
    if before and after and before != after:
        return f"since {name} a trap poisons the {after}, no longer the {before} alone"
    return f"since {name}"
