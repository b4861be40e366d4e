"""A repro to look at: what was recorded, why it went so, and buttons that play it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets

from labkit.record import Repro
from labkit.repros import Replay
from labkit.runtimes import Runtime
from labkit.views import markup
from labkit.views.text import program_html
from labkit.views.timeline_view import Explain, TimelineView
from labkit.views.widget import LabWidget, on_enter

Say = Callable[[str], None]


class ReproView(LabWidget):
    """What a repro holds, with its timeline; nothing of it runs before somebody presses `replay`.

    `play` plays it under a release and compares, `add` fetches a release that is not here; `releases` are those
    that are, `own` the environment's.
    """

    def __init__(
        self,
        repro: Repro,
        play: Callable[[str], Replay],
        add: Callable[[str, Say], Runtime],
        releases: Sequence[str],
        own: str,
        explain: Explain,
    ) -> None:
        super().__init__()
        self.repro = repro
        self.replay: Replay | None = None
        self._play = play
        self._add = add
        self.heading = ipywidgets.HTML(self._facts())
        self.timeline = TimelineView(repro.trace, explain)
        self.release = ipywidgets.Combobox(
            value=own,
            options=list(releases),
            description="Wasmtime",
            tooltip="The release to replay under; one that is not here is fetched",
            ensure_option=False,
        )
        self.release.style.description_width = "initial"
        self.release.layout.width = "180px"
        self.replay_button = ipywidgets.Button(
            description="replay", tooltip="Play this again in a child process, and compare"
        )
        self.replay_button.layout.width = "auto"
        self.status = ipywidgets.HTML()
        self.verdict = ipywidgets.HTML()
        self.played = TimelineView(repro.trace, explain)
        self.played.layout.display = "none"
        self.replay_button.on_click(lambda _button: self._pressed())
        on_enter(self.release, self._pressed)
        row = ipywidgets.HBox([self.release, self.replay_button, self.status])
        row.layout.flex_flow = "row wrap"
        self.children = (self.heading, self.timeline, row, self.problem, self.verdict, self.played)

    def static(self) -> str:
        """What the repro holds, its timeline, and the verdict of the last replay."""
        parts = [self.heading.value, self.timeline.static(), self.problem.value, self.verdict.value]
        return "".join(parts)

    def told(self) -> str:
        """The title, where it was recorded, the timeline's reading and the last verdict."""
        verdict = f"\n{self.replay.sentence}" if self.replay else ""
        lines = [self.repro.title, self._recorded(), self.timeline.told()]
        return "\n".join(lines) + verdict

    def _recorded(self) -> str:
        policy = self.repro.trace.policy
        under = f", policy {policy}" if policy else ""
        return f"Recorded under Wasmtime {self.repro.trace.runtime}{under} on {self.repro.platform}."

    def _facts(self) -> str:
        programs = "".join(map(program_html, self.repro.programs.values()))
        parts = [
            markup.paragraph(f"<strong>{markup.text(self.repro.title)}</strong>"),
            markup.paragraph(markup.text(self._recorded()), "lk-muted"),
        ]
        return markup.boxed(*parts, markup.details(f"programs ({len(self.repro.programs)})", programs))

    def _pressed(self) -> None:
        self.guarded("The replay failed", self._replay)

    def _replay(self) -> None:
        wanted = str(self.release.value).strip()
        self._say(f"playing under Wasmtime {wanted} …")
        try:
            self.replay = self._play(self._add(wanted, self._say).version)
        finally:
            self._say("")
        same = "lk-edge-returned" if self.replay.same else "lk-edge-trapped"
        sentence = markup.paragraph(f"<strong>{markup.prose(self.replay.sentence)}</strong>")
        self.verdict.value = markup.boxed(f'<div class="lk-badge {same}" role="status">{sentence}</div>')
        self.played.update(self.replay.trace, select=self._first_difference())
        self.played.layout.display = "none" if self.replay.same else None

    def _first_difference(self) -> int | None:
        replay = self.replay
        if replay is None or replay.step is None or all(step.n != replay.step for step in replay.trace):
            return None
        return replay.step

    def _say(self, text: str) -> None:
        line = f'<p class="lk-muted" role="status">{markup.text(text)}</p>' if text else ""
        self.status.value = markup.boxed(line) if line else ""
