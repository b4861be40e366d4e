"""The claims ledger as a widget: filters above the table, and the evidence for one claim below it."""

from __future__ import annotations

from typing import Any, Final

import ipywidgets

from labkit.claims import SAYS, Checked, Report
from labkit.views import markup
from labkit.views.claims_table import (
    changed,
    evidence_table,
    ledger_table,
    problems,
    reading,
    told,
    waiting_table,
)
from labkit.views.widget import LabWidget
from labkit.views.words import clip

_ANY: Final = "all"
_OFFERED: Final = 76
"""Characters of a claim that the choice of one shows."""


class ClaimsView(LabWidget):
    """What came of a set of claims, with filters: family, who says it, only what changed between releases.

    The evidence for one of them, to be chosen, stands below the table: what decided it under each release.
    """

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report
        claims = [*(checked.claim for checked in report.checked), *report.waiting]
        families = sorted({claim.family for claim in claims})
        sayers = [says for says in SAYS if any(claim.says == says for claim in claims)]
        self.family = self._dropdown("family", [("all families", _ANY), *((name, name) for name in families)])
        self.says = self._dropdown("said by", [("anybody", _ANY), *((SAYS[name], name) for name in sayers)])
        self.only_changed = ipywidgets.Checkbox(
            value=False, indent=False, description="only what changed between releases"
        )
        self.only_changed.layout.width = "auto"
        # A filter that leaves nothing to choose is not offered.
        self.family.layout.display = None if len(families) > 1 else "none"
        self.says.layout.display = None if len(sayers) > 1 else "none"
        self.claim = self._dropdown("evidence for", [])
        self.claim.layout.width = "min(60em, 100% - 4px)"
        self.table = ipywidgets.HTML()
        self.evidence = ipywidgets.HTML()
        self.waiting = ipywidgets.HTML()
        self._lay_out()
        for control in (self.family, self.says, self.only_changed):
            control.observe(self._filtered, names="value")
        self.claim.observe(self._chosen, names="value")
        self._filter()

    @property
    def shown(self) -> list[Checked]:
        """The claims that the filters let through."""
        return [
            checked
            for checked in self.report.checked
            if self.family.value in (_ANY, checked.claim.family)
            and self.says.value in (_ANY, checked.claim.says)
            and (changed(checked) or not self.only_changed.value)
        ]

    def static(self) -> str:
        """The table, the evidence of the chosen claim, and what is not run yet."""
        return "".join([self.problem.value, self.table.value, self.evidence.value, self.waiting.value])

    def told(self) -> str:
        """The claims that are shown, one per line."""
        return "\n".join([reading(self.report, self.shown), *(f"  {told(checked)}" for checked in self.shown)])

    def _dropdown(self, description: str, options: list[tuple[str, str]]) -> Any:
        control = ipywidgets.Dropdown(options=options, description=description)
        control.style.description_width = "initial"
        control.layout.width = "auto"
        return control

    def _lay_out(self) -> None:
        filters = ipywidgets.HBox([self.family, self.says, self.only_changed])
        filters.layout.flex_flow = "row wrap"
        filters.layout.grid_gap = "4px 16px"
        self.children = (filters, self.problem, self.table, self.claim, self.evidence, self.waiting)

    def _filtered(self, _change: dict[str, Any]) -> None:
        self.guarded("Filtering failed", self._filter)

    def _chosen(self, _change: dict[str, Any]) -> None:
        self.guarded("Showing the evidence failed", self._draw)

    def _filter(self) -> None:
        kept = self.claim.value
        # What is chosen stands below in full; a narrow window would cut it off without a sign.
        options = [(clip(checked.claim.claim, _OFFERED), checked.claim.id) for checked in self.shown]
        # Drawn once, below, and not for each of the two changes.
        self.claim.unobserve(self._chosen, names="value")
        self.claim.options = options
        self.claim.value = kept if kept in [name for _, name in options] else self._telling()
        self.claim.observe(self._chosen, names="value")
        self._draw()

    def _telling(self) -> str | None:
        """The claim to begin with: one that is not as stated, else one that changed, else the first."""
        order = sorted(self.shown, key=lambda checked: (checked.agrees, not changed(checked)))
        return order[0].claim.id if order else None

    def _draw(self) -> None:
        shown = self.shown
        one = next((checked for checked in shown if checked.claim.id == self.claim.value), None)
        rows = (
            ledger_table(self.report, shown, self.claim.value)
            if shown
            else markup.paragraph("No claim that was run passes these filters.")
        )
        self.table.value = markup.boxed(problems(self.report), rows)
        self.evidence.value = markup.boxed(evidence_table(one)) if one else ""
        waiting = [c for c in self.report.waiting if self.family.value in (_ANY, c.family)]
        self.waiting.value = markup.boxed(waiting_table(waiting))
