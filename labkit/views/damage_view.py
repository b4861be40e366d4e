"""What a damaged guest answers, as something a cell shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.record.trace import Trace
from labkit.views import markup
from labkit.views.damage import damage_alt, damage_html, damage_table


class Damage:
    """The calls of `traces`, by label; `right` maps an export to what it returns in a sound guest."""

    def __init__(self, traces: Mapping[str, Trace], right: Mapping[str, Any]) -> None:
        self.traces = dict(traces)
        self.right = dict(right)

    def _repr_html_(self) -> str:
        table = markup.details("show as a table", damage_table(self.traces, self.right))
        return damage_html(self.traces, self.right) + markup.boxed(table)

    def __repr__(self) -> str:
        return damage_alt(self.traces, self.right)
