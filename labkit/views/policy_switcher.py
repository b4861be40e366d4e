"""The policy switcher: the same calls, another reuse policy, and what that changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets

from labkit.host.versions import current
from labkit.record.trace import FORMAT, Trace
from labkit.reuse.policy import PolicyInfo
from labkit.views import markup
from labkit.views.policy_table import PolicyRow, input_calls, kept_state, policy_row, policy_table
from labkit.views.timeline_view import Explain, TimelineView
from labkit.views.widget import LabWidget, on_enter
from labkit.views.words import number_text

Run = Callable[[str, Sequence[float]], Trace]
"""Calls a guest with these inputs under that policy, from scratch, then asks it for its counter."""

_STORY: Final = (10.0, 101.0, 10.0, 10.0)
_RUNS: Final = 7
_PATIENCE: Final = 0.05
"""Seconds after which a policy's time is taken from the runs made so far."""


class PolicySwitcher(LabWidget):
    """Toggle buttons for the policy, an input to call with, and what comes of it.

    Its whole state is a policy and the inputs so far: every change runs them again from scratch with `run`, so
    what is shown is always what that policy does with those calls. The other policies' runs are kept until the
    inputs change. `export` is the function that is called, `story` the inputs of the play button, `inputs` those
    to begin with.
    """

    def __init__(
        self,
        run: Run,
        policies: Sequence[PolicyInfo],
        explain: Explain,
        *,
        export: str = "process-input",
        story: Sequence[float] = _STORY,
        inputs: Sequence[float] = (),
    ) -> None:
        super().__init__()
        self._run = run
        self._policies = tuple(policies)
        self._export = export
        self._story = tuple(story)
        self._traces: dict[str, Trace] = {}
        self._rows: dict[str, PolicyRow] = {}
        self._round = 0
        self.inputs = tuple(inputs)
        told = " → ".join(map(number_text, self._story))
        self.policy_buttons = ipywidgets.ToggleButtons(
            options=[info.name for info in self._policies],
            tooltips=[f"{info.summary}; state: {info.state}" for info in self._policies],
            description="reuse policy",
        )
        self.policy_buttons.style.button_width = "auto"
        self.policy_buttons.style.description_width = "90px"
        self.policy_hint = ipywidgets.HTML()
        self.input = ipywidgets.Text(value="101.0", description="input", tooltip=f"A number to call {export} with")
        self.input.style.description_width = "initial"
        self.input.layout.width = "200px"
        self.call_button = self._button("call", f"Call {export} with the input")
        self.call_button.button_style = "primary"
        self.story_button = self._button(
            f"play the story: {told}", f"Forget the calls so far and make these {len(self._story)}"
        )
        self.reset_button = self._button("reset", "Forget the calls so far")
        self.state_line = ipywidgets.HTML()
        self.timeline = TimelineView(self._nothing(), explain)
        self.table = ipywidgets.HTML()
        self.call_button.on_click(lambda _button: self._call())
        on_enter(self.input, self._call)
        self.story_button.on_click(lambda _button: self._set_inputs(self._story))
        self.reset_button.on_click(lambda _button: self._set_inputs(()))
        self.policy_buttons.observe(self._switched, names="value")
        self._lay_out()
        self._refresh()

    @property
    def policy(self) -> str:
        """The name of the policy that is switched on."""
        return str(self.policy_buttons.value)

    def static(self) -> str:
        """The chosen policy's timeline and explanation, and the table of all policies."""
        return "".join([self.problem.value, self.state_line.value, self.timeline.static(), self.table.value])

    def told(self) -> str:
        """Policy, inputs and the timeline's reading."""
        said = " → ".join(map(number_text, self.inputs)) or "no calls yet"
        return f"policy {self.policy}, inputs: {said}\n{self.timeline.told()}"

    def _button(self, description: str, tooltip: str) -> Any:
        button = ipywidgets.Button(description=description, tooltip=tooltip)
        button.layout.width = "auto"
        return button

    def _lay_out(self) -> None:
        row = ipywidgets.HBox([self.input, self.call_button, self.story_button, self.reset_button])
        row.layout.flex_flow = "row wrap"
        top = [self.policy_buttons, self.policy_hint, row, self.problem, self.state_line]
        self.children = (*top, self.timeline, self.table)

    def _switched(self, _change: dict[str, Any]) -> None:
        self._refresh()

    def _call(self) -> None:
        text = self.input.value.strip()
        try:
            value = float(text)
        except ValueError:
            said = f"“{text}” is no number; write one like 101 or 10.5. Nothing was called." if text else ""
            self.say_problem(said or "Write a number to call with, like 101 or 10.5. Nothing was called.")
            return
        self._set_inputs((*self.inputs, value), follow=True)

    def _set_inputs(self, inputs: Sequence[float], *, follow: bool = False) -> None:
        self._round += 1
        self.inputs = tuple(inputs)
        self._traces = {}
        self._rows = {}
        self._refresh(follow=follow)

    def _refresh(self, *, follow: bool = False) -> None:
        self.guarded(f"The run under {self.policy} failed", lambda: self._draw(follow))

    def _draw(self, follow: bool) -> None:
        info = next(info for info in self._policies if info.name == self.policy)
        hint = f"{info.summary}; state: {info.state}"
        self.policy_hint.value = markup.boxed(markup.paragraph(markup.text(hint), "lk-muted"))
        trace = self._nothing()
        try:
            trace = self._trace(self.policy)
        finally:
            # After a failed run nothing is shown rather than another policy's picture.
            calls = input_calls(trace, self._export)
            self.state_line.value = self._state(trace)
            # Following a call by hand, its own step is explained; after a story, the most telling one.
            self.timeline.update(trace, select=calls[-1].n if follow and calls else None)
        self._draw_table()

    def _draw_table(self) -> None:
        """Row by row, after the timeline: some policies take long, and nobody should wait for them."""
        started = self._round
        self.table.value = self._table()
        for info in self._policies:
            row = self._rows.get(info.name) or self._row(info)
            if self._round != started:
                # JupyterLab may deliver the next click while this one is still at work; what that one draws holds.
                return
            self._rows[info.name] = row
            self.table.value = self._table()

    def _table(self) -> str:
        rows = [self._rows.get(info.name) or _pending(info) for info in self._policies]
        return policy_table(rows, self.inputs, self.policy)

    def _state(self, trace: Trace) -> str:
        state = f"<strong>kept state:</strong> {markup.text(kept_state(trace, self._export))}"
        runtime = f'<span class="lk-muted">Wasmtime {markup.text(trace.runtime)}</span>'
        return markup.boxed(markup.paragraph(f"{state} &nbsp; {runtime}"))

    def _row(self, info: PolicyInfo) -> PolicyRow:
        try:
            return policy_row(info.name, info.state, self._runs(info.name), self._export)
        except Exception as error:
            # One policy that cannot run must not hide what the others do; its row says why.
            return PolicyRow(info.name, (), f"failed: {type(error).__name__}: {error}", info.state, 0, None)

    def _trace(self, policy: str) -> Trace:
        if policy not in self._traces:
            self._traces[policy] = self._run(policy, self.inputs)
        return self._traces[policy]

    def _runs(self, policy: str) -> list[Trace]:
        """The run that is shown and a few more of the same, because the time of a single one says little."""
        runs = [self._trace(policy)]
        until = time.monotonic() + _PATIENCE
        while self.inputs and len(runs) < _RUNS and time.monotonic() < until:
            runs.append(self._run(policy, self.inputs))
        return runs

    def _nothing(self) -> Trace:
        return Trace(format=FORMAT, runtime=current().version)


def _pending(info: PolicyInfo) -> PolicyRow:
    return PolicyRow(info.name, (), "running …", info.state, 0, None)
