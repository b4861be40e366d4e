"""The blast-radius grid as something a cell shows."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.record.trace import Trace
from labkit.views import markup
from labkit.views.grid import blast_radius_alt, blast_radius_html, blast_radius_reading, blast_radius_table


class BlastRadius:
    """Traces side by side: who was still answered in each. `traces` maps a column's name to its trace."""

    def __init__(self, traces: Mapping[str, Trace]) -> None:
        self.traces = dict(traces)

    def _repr_html_(self) -> str:
        table = markup.details("show as a table", blast_radius_table(self.traces))
        return blast_radius_html(self.traces) + markup.boxed(table)

    def __repr__(self) -> str:
        return f"{blast_radius_reading(self.traces)}\n{blast_radius_alt(self.traces)}"
