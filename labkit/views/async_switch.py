"""The switch of synchronous and asynchronous: five switches, and what comes of their mix by release."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import ipywidgets

from labkit.record.mix import Mix, scenario_of_mix
from labkit.record.scenario import Scenario
from labkit.runtimes import Cell
from labkit.runtimes.cells import lasting
from labkit.runtimes.sweep import Progress
from labkit.views import markup
from labkit.views.async_buttons import MixButtons, words_of
from labkit.views.async_strip import ReleaseStrip, release_table
from labkit.views.async_words import deciding_step, gap_of, kind_of, moved, reading, stalls, to_change
from labkit.views.matrix_words import NOT_PLAYED
from labkit.views.text import explanation_html
from labkit.views.timeline_view import Explain
from labkit.views.timeline_words import timeline_table
from labkit.views.widget import EarlyWidget

Play = Callable[[Scenario, Sequence[str], Progress], object]
"""Plays a scenario under these releases and tells of each cell as it comes."""

_PERIOD: Final = 0.15
"""Seconds between two redraws while it plays."""

_GAP: Final = (
    "A free event loop beats every 5 ms: gap is the longest pause between two beats, the bar its part of the "
    "call; “stalls” from half of it on."
)


class _SupersededError(Exception):
    """Raised in a play after a newer one has begun."""


class AsyncSwitch(EarlyWidget):
    """Switches for engine, linker, instantiation, call and host function; below them the outcome by release.

    `play` plays a mix's scenario under those of `releases` whose result is not known; `own` is the release that is
    chosen to begin with, or the last where it is not among them. Nothing is played before `fill`.
    """

    def __init__(
        self, play: Play, releases: Sequence[str], own: str, explain: Explain, *, mix: Mix | None = None
    ) -> None:
        super().__init__()
        self._play = play
        self._releases = tuple(releases)
        self._own = own
        self._explain = explain
        self._cells: dict[tuple[Mix, str], Cell] = {}
        # A click may come, on a thread of its own, while another one's mix is still played.
        self._lock = threading.RLock()
        self._round = 0
        self._playing = False
        self._stopped = False
        self._at = self._releases.index(own) if own in self._releases else len(self._releases) - 1
        self.switches = MixButtons(mix or Mix(), self._switched)
        self.note = ipywidgets.HTML()
        self.sentence = ipywidgets.HTML()
        self.strip = ReleaseStrip(self._choose)
        self.legend = ipywidgets.HTML(markup.boxed(markup.paragraph(markup.text(_GAP), "lk-muted")))
        self.advice = ipywidgets.HTML()
        self.mend_button = ipywidgets.Button(description="make this change", tooltip="Set the switches like that")
        self.mend_button.layout.width = "auto"
        self.mend_button.layout.flex = "none"
        self.mend_button.on_click(lambda _button: self._mend())
        self.mending = ipywidgets.HBox([self.advice, self.mend_button])
        self.mending.layout.flex_flow = "row wrap"
        self.mending.layout.align_items = "center"
        self.detail = ipywidgets.HTML()
        self.children = (
            *(self.switches, self.note, self.problem, self.sentence, self.strip, self.legend),
            *(self.mending, self.detail),
        )
        self._draw()

    @property
    def mix(self) -> Mix:
        """How the switches stand."""
        return self.switches.mix

    @property
    def cells(self) -> tuple[Cell, ...]:
        """What came of this mix so far, a cell per release."""
        mix = self.mix
        name = scenario_of_mix(mix).id
        return tuple(self._cells.get((mix, version)) or Cell(name, None, version) for version in self._releases)

    @property
    def release(self) -> str:
        """The release whose steps are shown and explained."""
        return self._releases[self._at]

    def fill(self) -> None:
        """Play the mix and show each release as it comes; in a notebook the widget appears at once.

        An interrupt ends the play and keeps what is there. Raises what `play` raises.
        """
        self.appear()
        try:
            self._fill()
        finally:
            self.renew()

    def static(self) -> str:
        """The switches, what came of them by release, what to change, and why under the chosen release."""
        said = "; ".join(
            f"{markup.text(name)}: <strong>{markup.text(how)}</strong>" for name, how in words_of(self.mix)
        )
        table = release_table(self.cells, self._reading(), self._at)
        top = markup.boxed(markup.paragraph(said), table, self._noted())
        return f"{top}{self.problem.value}{self.detail.value}"

    def told(self) -> str:
        """The mix, its reading, and what to change."""
        advice = self._advice()
        said = [f"What to change: {advice}."] if advice else []
        return "\n".join([f"{self.mix.title}.", self._reading(), *said, *self._notes()])

    def _switched(self, before: Mix, after: Mix) -> None:
        text = moved(before, after)
        self.note.value = markup.boxed(f'<p role="status">{markup.prose(text)}</p>') if text else ""
        self.guarded("This mix could not be played", self._fill)

    def _mend(self) -> None:
        self.switches.show(self.mix.mended())
        self._switched(self.mix, self.mix)

    def _choose(self, at: int) -> None:
        self._at = at
        self.guarded("This release cannot be shown", self._draw)

    def _fill(self) -> None:
        with self._lock:
            self._round += 1
            mix, started = self.mix, self._round
            missing = [version for version in self._releases if not self._lasts(mix, version)]
            self._playing, self._stopped = bool(missing), False
            self._draw()
        drawn = time.monotonic()

        def on_cell(cell: Cell, _done: int, _total: int) -> None:
            nonlocal drawn
            self._cells[mix, cell.runtime] = cell
            if self._round != started:
                raise _SupersededError
            if time.monotonic() - drawn > _PERIOD:
                self._draw()
                drawn = time.monotonic()

        try:
            if missing:
                self._play(scenario_of_mix(mix), missing, on_cell)
        except _SupersededError:
            return
        except KeyboardInterrupt:
            self._stopped = True
        finally:
            with self._lock:
                # What the newest click plays is drawn by that one.
                if self._round == started:
                    self._playing = False
                    self._draw()

    def _lasts(self, mix: Mix, version: str) -> bool:
        cell = self._cells.get((mix, version))
        return cell is not None and cell.trace is not None and lasting(cell.trace)

    def _draw(self) -> None:
        with self._lock:
            cells = self.cells
            said = f'<p role="status"><strong>{markup.prose(self._reading())}</strong></p>'
            self.sentence.value = markup.boxed(said)
            self.strip.update(cells, self._at, playing=self._playing)
            self.legend.layout.display = None if any(map(gap_of, cells)) else "none"
            noted = self._noted()
            self.advice.value = markup.boxed(noted)
            self.mend_button.layout.display = None if self._advice() else "none"
            self.mending.layout.display = None if noted else "none"
            why = ""
            try:
                why = self._why(cells[self._at])
            finally:
                # Where the explanation fails nothing is shown rather than another release's.
                self.detail.value = f'<div aria-busy="{str(self._playing).lower()}">{why}</div>'

    def _why(self, cell: Cell) -> str:
        """The steps under one release, and why the one that decides went as it did."""
        here = ", the release of this environment" if cell.runtime == self._own else ""
        title = markup.paragraph(f"<strong>Wasmtime {markup.text(cell.runtime)}</strong>{here}")
        step = deciding_step(cell.trace) if cell.trace is not None else None
        if cell.trace is None or step is None:
            return markup.boxed(title, markup.paragraph(markup.prose(cell.problem or NOT_PLAYED)))
        explained = explanation_html(self._explain(cell.trace, step.n))
        return markup.boxed(title) + explained + timeline_table(cell.trace, selected=step.n)

    def _reading(self) -> str:
        cells = self.cells
        if self._playing:
            played = sum(cell.trace is not None or cell.problem is not None for cell in cells)
            return f"Playing it: {played} of {len(cells)} releases …"
        return reading(cells, self._own)

    def _advice(self) -> str:
        """What to change where it fails or stalls the event loop; empty where it does neither."""
        wrong = (kind_of(cell) not in (None, "returned") or stalls(cell) for cell in self.cells)
        return to_change(self.mix) if not self._playing and any(wrong) else ""

    def _noted(self) -> str:
        advice = self._advice()
        change = f"<strong>What to change:</strong> {markup.prose(advice)}." if advice else ""
        lines = [*([change] if change else []), *map(markup.prose, self._notes())]
        return "".join(map(markup.paragraph, lines))

    def _notes(self) -> list[str]:
        problems = dict.fromkeys(cell.problem for cell in self.cells if cell.problem)
        stopped = "Stopped before the end; run the cell again to play what is missing." if self._stopped else ""
        return [*problems, *([stopped] if stopped else [])]
