"""The timeline as a widget: choose a step, read why it went as it did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from labkit.record import Explanation
from labkit.record.trace import Step, Trace
from labkit.views.fold import WHOLE, around
from labkit.views.text import explanation_html
from labkit.views.timeline import LAST, timeline_html
from labkit.views.timeline_words import step_title, telling_step, timeline_reading, timeline_table
from labkit.views.widget import LabWidget
from labkit.views.words import clip, what

Explain = Callable[[Trace, int], Explanation]
"""Explains the step with that number of a trace."""


class TimelineView(LabWidget):
    """A trace as a timeline with one step selected, its explanation below, and the steps as a table on request.

    `update` shows another trace; `select` another step. The step is chosen with two buttons or a list, all of
    them reachable by keyboard; the list of a long trace has the steps around the selected one, and a field takes
    any other step's number.
    """

    def __init__(self, trace: Trace, explain: Explain, *, last: int = LAST) -> None:
        super().__init__()
        self._explain = explain
        self._last = last
        self._setting = False
        self.trace = trace
        self.selected: int | None = None
        self.picture = ipywidgets.HTML()
        self.earlier = ipywidgets.Button(description="◀ earlier", tooltip="Select the step before this one")
        self.later = ipywidgets.Button(description="later ▶", tooltip="Select the step after this one")
        for button in (self.earlier, self.later):
            button.layout.width = "90px"
        self.chooser = ipywidgets.Dropdown(description="step", tooltip="The step to explain")
        self.chooser.style.description_width = "initial"
        self.chooser.layout.width = "min(34em, 100% - 4px)"
        self.number = ipywidgets.BoundedIntText(
            description="go to step", tooltip="The number of the step to explain"
        )
        self.number.style.description_width = "initial"
        self.number.layout.width = "170px"
        self.table_toggle = ipywidgets.ToggleButton(
            description="show the steps", tooltip="Show every step of the timeline as a table"
        )
        self.explanation = ipywidgets.HTML()
        self.table = ipywidgets.HTML()
        controls = ipywidgets.HBox([self.earlier, self.chooser, self.later, self.number, self.table_toggle])
        controls.layout.flex_flow = "row wrap"
        self.children = (self.picture, controls, self.problem, self.explanation, self.table)
        self.earlier.on_click(lambda _button: self._move(-1))
        self.later.on_click(lambda _button: self._move(1))
        self.chooser.observe(self._chosen, names="value")
        self.number.observe(self._chosen, names="value")
        self.table_toggle.observe(self._toggled, names="value")
        self.update(trace)

    def update(self, trace: Trace, *, select: int | None = None) -> None:
        """Show another trace, with step `select` or the most telling one selected."""
        self.trace = trace
        number = telling_step(trace) if select is None else select
        self.chooser.disabled = not trace.steps
        self.number.layout.display = None if len(trace) > WHOLE else "none"
        self.select(number)

    def select(self, number: int | None) -> None:
        """Ring the step with this number and explain it; None for an empty trace."""
        self.selected = number
        self._offer(number)
        self.guarded("The timeline could not be drawn", self._draw)

    def _offer(self, number: int | None) -> None:
        """Have the controls show that this step is selected."""
        self._setting = True
        try:
            options = [(_option(step), step.n) for step in around(self.trace, number)]
            if tuple(options) != tuple(self.chooser.options):
                self.chooser.options = options
            self.chooser.value = number
            if number is not None and len(self.trace) > WHOLE:
                self.number.max = self.trace.steps[-1].n
                self.number.min = self.trace.steps[0].n
                self.number.value = number
        finally:
            self._setting = False

    def static(self) -> str:
        """The picture, the explanation of the selected step and the table of all of them."""
        return self._picture() + self._why() + timeline_table(self.trace, selected=self.selected)

    def told(self) -> str:
        """The reading and the selected step."""
        step = self._step()
        return "\n".join([timeline_reading(self.trace), *([step_title(step)] if step else [])])

    def _draw(self) -> None:
        ends = [step.n for step in (*self.trace.steps[:1], *self.trace.steps[-1:])]
        self.earlier.disabled = not ends or self.selected == ends[0]
        self.later.disabled = not ends or self.selected == ends[-1]
        self.picture.value = self._picture()
        self._draw_table()
        # Last, and not before the rest is there: this is the part that calls somebody else's code.
        self.explanation.value = ""
        self.explanation.value = self._why()

    def _draw_table(self) -> None:
        shown = self.table_toggle.value
        self.table.layout.display = None if shown else "none"
        self.table.value = timeline_table(self.trace, selected=self.selected) if shown else ""

    def _picture(self) -> str:
        # The model's id keeps two widgets that show the same trace apart.
        return timeline_html(self.trace, selected=self.selected, last=self._last, key=self.model_id or "")

    def _why(self) -> str:
        return "" if self.selected is None else explanation_html(self._explain(self.trace, self.selected))

    def _step(self) -> Step | None:
        at = None if self.selected is None else self.trace.position(self.selected)
        return None if at is None else self.trace.steps[at]

    def _move(self, by: int) -> None:
        at = None if self.selected is None else self.trace.position(self.selected)
        if at is not None:
            self.select(self.trace.steps[min(max(at + by, 0), len(self.trace) - 1)].n)

    def _chosen(self, change: dict[str, Any]) -> None:
        if not self._setting:
            self.select(change["new"])

    def _toggled(self, change: dict[str, Any]) -> None:
        self.table_toggle.description = "hide the steps" if change["new"] else "show the steps"
        self.guarded("The steps could not be shown", self._draw_table)


def _option(step: Step) -> str:
    kind = step.outcome.kind if step.outcome else "no outcome yet"
    return f"{step.n} · {clip(what(step), 60)} · {kind}"
