"""The version switch: the same scenario under another Wasmtime release, and what that changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from labkit.errors import RuntimeDamagedError, RuntimeMissingError
from labkit.host.versions import current
from labkit.record.trace import FORMAT, Trace
from labkit.runtimes import Cell, Runtime, comparison, first_difference
from labkit.views import markup
from labkit.views.timeline_view import Explain, TimelineView
from labkit.views.widget import LabWidget, on_enter
from labkit.views.words import clean

Say = Callable[[str], None]


class VersionSwitch(LabWidget):
    """Toggle buttons for the release, a field to add another, and what comes of the scenario under it.

    `play` plays under a release and `add` fetches one (raising `RuntimeMissingError` or `RuntimeDamagedError`);
    `own` is the environment's release, with which the others are compared. `title` says what is played.
    """

    def __init__(
        self,
        title: str,
        play: Callable[[str], Cell],
        add: Callable[[str, Say], Runtime],
        releases: Sequence[str],
        own: str,
        explain: Explain,
    ) -> None:
        super().__init__()
        self._title = title
        self._play = play
        self._add = add
        self._own = own
        self._cells: dict[str, Cell] = {}
        self._setting = False
        self.sentence = ""
        self.heading = ipywidgets.HTML(markup.boxed(markup.paragraph(f"<strong>{markup.text(title)}</strong>")))
        self.release_buttons = ipywidgets.ToggleButtons(description="Wasmtime")
        self.release_buttons.style.button_width = "auto"
        self.release_buttons.style.description_width = "70px"
        self._offer(releases, own)
        self.version = ipywidgets.Text(
            placeholder="43.0.0", description="another", tooltip="A Wasmtime release to add, such as 43.0.0"
        )
        self.version.style.description_width = "initial"
        self.version.layout.width = "180px"
        self.add_button = ipywidgets.Button(
            description="add", tooltip="Fetch this release, unless it is here, and play under it"
        )
        self.add_button.layout.width = "auto"
        self.status = ipywidgets.HTML()
        self.verdict = ipywidgets.HTML()
        self.timeline = TimelineView(Trace(format=FORMAT, runtime=current().version), explain)
        self.release_buttons.observe(self._switched, names="value")
        self.add_button.on_click(lambda _button: self._fetch())
        on_enter(self.version, self._fetch)
        row = ipywidgets.HBox([self.version, self.add_button, self.status])
        row.layout.flex_flow = "row wrap"
        self.children = (self.heading, self.release_buttons, row, self.problem, self.verdict, self.timeline)
        self._refresh()

    @property
    def release(self) -> str:
        """The release that is switched on."""
        return str(self.release_buttons.value)

    def static(self) -> str:
        """What was played, the comparison, and the timeline under the chosen release."""
        told = markup.paragraph(f"Wasmtime {markup.text(self.release)}", "lk-muted")
        parts = [self.heading.value, markup.boxed(told), self.problem.value, self.verdict.value]
        return "".join(parts) + (self.timeline.static() if self.timeline.trace.steps else "")

    def told(self) -> str:
        """What was played, the comparison, and the timeline's reading."""
        return f"{self._title} under Wasmtime {self.release}\n{self.sentence}\n{self.timeline.told()}"

    def _offer(self, releases: Sequence[str], chosen: str) -> None:
        ordered = sorted(releases, key=lambda version: tuple(map(int, version.split("."))))
        self._setting = True
        try:
            self.release_buttons.tooltips = [
                f"Play under Wasmtime {version}{', the release of this environment' * (version == self._own)}"
                for version in ordered
            ]
            self.release_buttons.options = ordered
            self.release_buttons.value = chosen
        finally:
            self._setting = False

    def _switched(self, _change: dict[str, Any]) -> None:
        if not self._setting:
            self._refresh()

    def _refresh(self) -> None:
        self.guarded(f"The run under Wasmtime {self.release} failed", self._draw)

    def _draw(self) -> None:
        self._say(f"playing under Wasmtime {self.release} …")
        try:
            cell, own = self._cell(self.release), self._cell(self._own)
        finally:
            self._say("")
        self.sentence = self._compared(cell, own)
        self.verdict.value = markup.boxed(markup.paragraph(markup.prose(self.sentence)))
        trace = cell.trace or Trace(format=FORMAT, runtime=cell.runtime)
        n = first_difference(trace, own.trace) if own.trace else None
        self.timeline.update(trace, select=n if any(step.n == n for step in trace) else None)
        self.timeline.layout.display = None if trace.steps else "none"

    def _compared(self, cell: Cell, own: Cell) -> str:
        if cell.trace is None:
            return cell.problem or ""
        if cell.runtime == own.runtime:
            return f"This is how it goes under {own.runtime}, the release of this environment."
        if own.trace is None:
            return f"There is nothing to compare with: {own.problem}"
        return comparison(cell.trace, own.trace)

    def _cell(self, version: str) -> Cell:
        known = self._cells.get(version)
        if known is None:
            known = self._cells[version] = self._play(version)
        return known

    def _fetch(self) -> None:
        self.guarded("The release could not be added", self._fetch_it)

    def _fetch_it(self) -> None:
        wanted = self.version.value.strip()
        if not wanted:
            self.say_problem("Write the release to add, such as 43.0.0.")
            return
        self._say(f"looking for Wasmtime {clean(wanted)} …")
        try:
            runtime = self._add(wanted, self._say)
        except (RuntimeMissingError, RuntimeDamagedError) as error:
            self.say_problem(str(error))
            return
        finally:
            self._say("")
        self.version.value = ""
        # What could not be played because the release was missing can be now.
        self._cells.pop(runtime.version, None)
        known = [version for version in self.release_buttons.options if version != runtime.version]
        self._offer([*known, runtime.version], runtime.version)
        self._refresh()

    def _say(self, text: str) -> None:
        line = f'<p class="lk-muted" role="status">{markup.text(text)}</p>' if text else ""
        self.status.value = markup.boxed(line) if line else ""
