"""The heartbeat of an event loop as something a cell shows."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.record.trace import Trace
from labkit.views import markup
from labkit.views.heartbeat import heartbeat_alt, heartbeat_html, heartbeat_table


class Heartbeats:
    """For how long the event loop stood still in each of `traces`, which maps a label to its trace."""

    def __init__(self, traces: Mapping[str, Trace]) -> None:
        self.traces = dict(traces)

    def _repr_html_(self) -> str:
        table = markup.details("show as a table", heartbeat_table(self.traces))
        return heartbeat_html(self.traces) + markup.boxed(table)

    def __repr__(self) -> str:
        return heartbeat_alt(self.traces)
