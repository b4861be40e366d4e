"""The explorer: a program of one's own, a form per export, and what comes of calls under every policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets
import msgspec

from labkit.errors import ArgumentError, LabkitError, unknown
from labkit.explore import Call, Played, Session
from labkit.host.outcome import Outcome
from labkit.record.trace import FORMAT, Trace
from labkit.reuse import POLICY_NAMES
from labkit.runtimes.difference import first_difference
from labkit.views import markup
from labkit.views.form import Form
from labkit.views.memory_diff import memory_diff_html
from labkit.views.profile import comment, missing, profile_html, profile_text
from labkit.views.surroundings import Given, Stubs
from labkit.views.text import outcome_html
from labkit.views.timeline_view import Explain, TimelineView
from labkit.views.widget import LabWidget, on_enter
from labkit.views.words import clip, what

_OFFERED = 500

Play = Callable[[Session, str], Played]
"""Makes a session's calls from its beginning, under a Wasmtime release, in a child process."""


class Explorer(LabWidget):
    """What a program is, and a bench to call it on.

    Its whole state is a session: the calls so far, the policy, the stubs and what WASI gives. Every change plays
    all of it again from the beginning with `play`, so what is shown is what these calls do. `releases` are
    offered, the first of them chosen. `save`, `call`, `stub` and the rest do what the buttons do, for code.
    """

    def __init__(self, session: Session, play: Play, releases: Sequence[str], explain: Explain) -> None:
        super().__init__()
        self.session = session
        self.played: Played | None = None
        self._play = play
        self._quiet = False
        exports = {one.path: one for one in session.profile.interface.exports}
        self._exports = exports
        self.profile = ipywidgets.HTML(profile_html(session.profile, folded=True))
        # A browser slows down with thousands of entries; `call` takes every export.
        self.export = self._dropdown("export", list(exports)[:_OFFERED], "The function to call")
        self.signature = ipywidgets.HTML()
        self.form_box = ipywidgets.VBox()
        self.form: Form | None = None
        self.policy = self._dropdown("policy", list(POLICY_NAMES), "The reuse policy of the host")
        self.release = self._dropdown("Wasmtime", list(releases), "The release to call it under")
        self.call_button = self._button("call", "Call the export with what is filled in", "primary")
        self.again_button = self._button("call again", "Make the last call once more")
        self.undo_button = self._button("take back", "Take the last call back")
        self.reset_button = self._button("reset", "Forget all calls")
        self.stubs = Stubs(session, self._refresh)
        self.given = Given(session.program.name, self._refresh)
        self.status = ipywidgets.HTML()
        self.note = ipywidgets.HTML()
        self.timeline = TimelineView(Trace(format=FORMAT, runtime=session.profile.runtime), explain)
        self.outcome = ipywidgets.HTML()
        self.memory = ipywidgets.HTML()
        self.path = ipywidgets.Text(
            value=f"{session.program.name}.labkit", description="file", tooltip="The file to save to"
        )
        self.save_button = self._button("save as repro", "Write calls, outcomes and the program to one file")
        self.saved = ipywidgets.HTML()
        self._connect()
        self._lay_out()
        self._choose(next(iter(exports), None))
        self._draw()

    def call(self, text: str) -> Outcome:
        """Make a further call, such as `process-input(101)`; its outcome, which is a result whatever it is.

        Raises `UnknownNameError` or `ArgumentError` for what does not fit.
        """
        self._take(self._asked().then(self.session.call(text)))
        return self.outcomes[-1]

    def stub(self, path: str, text: str | None) -> None:
        """Have an import return the value that `text` writes, or stop the guest for None; see the class."""
        if path not in self.stubs.rows:
            raise unknown(f"import of {self.session.program.name} to stub", path, self.stubs.rows)
        self._quietly(lambda: self.stubs.set(path, text))
        try:
            self._take(self._asked())
        except LabkitError:
            self._quietly(lambda: self.stubs.set(path, None))
            raise

    def under(self, *, policy: str | None = None, wasmtime: str | None = None) -> list[Outcome]:
        """Make the same calls under another policy or release; their outcomes."""

        def set_both() -> None:
            for field, value in ((self.policy, policy), (self.release, wasmtime)):
                if value is not None and value not in field.options:
                    raise ArgumentError(f"{value} is none of {', '.join(field.options)}.")
                field.value = value or field.value

        self._quietly(set_both)
        self._take(self._asked())
        return self.outcomes

    @property
    def outcomes(self) -> list[Outcome]:
        """What came of each call."""
        steps = [] if self.played is None else self.played.trace.steps
        calls = [step for step in steps if step.do == "call" or (step.outcome and not step.outcome.ok)]
        return [step.outcome for step in calls if step.outcome is not None]

    def save(self, path: str | Path) -> Path:
        """Write the calls, what came of them and the program as one repro; raises `LabkitError` without a call."""
        if self.played is None or not self.session.calls:
            raise LabkitError("Nothing has been called yet; make a call first.")
        return self.session.repro(self.played).save(path)

    def static(self) -> str:
        """The profile and, after a call, timeline, output and what changed in memory."""
        parts = [profile_html(self.session.profile), self.problem.value]
        if self.played is not None:
            parts += [self.note.value, self.timeline.static(), self.outcome.value, self.memory.value]
        return "".join(parts)

    def told(self) -> str:
        """The profile and the timeline's reading."""
        told = profile_text(self.session.profile)
        return told if self.played is None else f"{told}\n{self.timeline.told()}"

    def _button(self, description: str, tooltip: str, style: str = "") -> Any:
        button = ipywidgets.Button(description=description, tooltip=tooltip, button_style=style)
        button.layout.width = "auto"
        return button

    def _dropdown(self, label: str, options: list[str], tooltip: str) -> Any:
        found = ipywidgets.Dropdown(options=options, description=label, tooltip=tooltip)
        found.style.description_width = "initial"
        found.layout.width = "max-content"
        found.layout.max_width = "calc(100% - 4px)"
        return found

    def _connect(self) -> None:
        self.export.observe(lambda change: self._choose(change["new"]), names="value")
        self.policy.observe(lambda _change: self._refresh(), names="value")
        self.release.observe(lambda _change: self._refresh(), names="value")
        self.call_button.on_click(lambda _button: self._press())
        self.again_button.on_click(lambda _button: self._change((*self.session.calls, *self.session.calls[-1:])))
        self.undo_button.on_click(lambda _button: self._change(self.session.calls[:-1]))
        self.reset_button.on_click(lambda _button: self._change(()))
        self.save_button.on_click(lambda _button: self.guarded("It could not be saved", self._save))
        on_enter(self.path, lambda: self.guarded("It could not be saved", self._save))

    def _lay_out(self) -> None:
        choices = ipywidgets.HBox([self.policy, self.release])
        buttons = ipywidgets.HBox(
            [self.call_button, self.again_button, self.undo_button, self.reset_button, self.status]
        )
        saving = ipywidgets.HBox([self.path, self.save_button, self.saved])
        for row in (choices, buttons, saving):
            row.layout.flex_flow = "row wrap"
        profile = self.session.profile
        sides = [(self.stubs.widget, "imports that nobody provides")] if missing(profile) else []
        sides += [(self.given.widget, "what WASI gives it")] if profile.anatomy.wasi else []
        around = ipywidgets.Accordion([widget for widget, _ in sides], titles=[title for _, title in sides])
        bench = [self.export, self.signature, self.form_box, choices, *([around] if sides else []), buttons]
        self.results = ipywidgets.VBox([self.note, self.timeline, self.outcome, self.memory, saving])
        if profile.problem is not None:
            bench = []
        self.children = (self.profile, *bench, self.problem, self.results)

    def _choose(self, path: str | None) -> None:
        if path is None:
            return
        signature = self._exports[path]
        self.form = Form(signature, self._press)
        self.form_box.children = (self.form.widget,)
        said = markup.paragraph(f"<code>{markup.text(signature)}</code>")
        self.signature.value = markup.boxed(said, comment(self.session.profile.docs, path))

    def _press(self) -> None:
        def press() -> None:
            assert self.form is not None
            call = Call(self.form.signature.path, self.form.arguments())
            self._take(self._asked().then(call))

        self._try(press)

    def _change(self, calls: tuple[Call, ...]) -> None:
        self._try(lambda: self._take(msgspec.structs.replace(self._asked(), calls=calls)))

    def _refresh(self) -> None:
        if not self._quiet:
            self._try(lambda: self._take(self._asked()))

    def _try(self, action: Callable[[], None]) -> None:
        """Run a callback's work; wrong use is one sentence beside the buttons."""

        def run() -> None:
            try:
                action()
            except LabkitError as error:
                self.say_problem(f"{error} Nothing was called.")

        self.guarded("The calls could not be made", run)

    def _quietly(self, action: Callable[[], None]) -> None:
        """Change fields without a play for each."""
        self._quiet = True
        try:
            action()
        finally:
            self._quiet = False

    def _asked(self) -> Session:
        """The session with what the fields say now."""
        plain = msgspec.structs.replace(
            self.session, policy=str(self.policy.value), stubs={}, wasi=self.given.wasi()
        )
        return plain.with_stubs(self.stubs.values())

    def _take(self, session: Session) -> None:
        """Play a session, and keep and show it if that can be done."""
        before = self.played
        alike = self.played is not None and _around(session) == _around(self.session)
        self.status.value = markup.boxed('<p class="lk-muted" role="status">calling …</p>')
        try:
            played = self._play(session, str(self.release.value)) if session.calls else None
        finally:
            self.status.value = ""
        self.session, self.played = session, played
        unsteady = _unsteady(before.trace, played.trace) if alike and before and played else None
        self._draw(unsteady)

    def _draw(self, unsteady: int | None = None) -> None:
        played = self.played
        self.again_button.disabled = self.undo_button.disabled = (
            self.reset_button.disabled
        ) = not self.session.calls
        self.results.layout.display = None if played else "none"
        self.saved.value = ""
        if played is None:
            return
        said = "" if unsteady is None else (
            f"All calls are made again from the beginning each time, and step {unsteady} went differently than "
            "before: this program depends on time, chance or something else that changes."
        )  # fmt: skip
        self.note.value = markup.boxed(markup.paragraph(said, "lk-muted")) if said else ""
        self.timeline.update(played.trace, select=played.trace.steps[-1].n if played.trace.steps else None)
        self.outcome.value = _outcomes(played.trace)
        self.memory.value = _memories(played)

    def _save(self) -> None:
        try:
            path = self.save(self.path.value.strip())
        except LabkitError as error:
            self.say_problem(str(error))
            return
        said = f"saved; `labkit replay {path}` plays it again"
        self.saved.value = markup.boxed(f'<p role="status">{markup.prose(said)}</p>')


def _around(session: Session) -> Session:
    return msgspec.structs.replace(session, calls=())


def _unsteady(before: Trace, after: Trace) -> int | None:
    """The first step both traces have that went differently."""
    if before.runtime != after.runtime:
        return None
    n = first_difference(before, msgspec.structs.replace(after, steps=after.steps[: len(before)]))
    return n if n is not None and n <= min(len(before), len(after)) else None


def _outcomes(trace: Trace) -> str:
    """The last step's outcome with frames and output, and those of earlier steps that wrote or failed, to open."""
    *before, last = trace.steps
    parts = [
        markup.details(f"step {step.n}: {clip(what(step), 60)}", outcome_html(step.outcome))
        for step in before
        if step.outcome is not None and (step.outcome.frames or step.outcome.stdout or step.outcome.stderr)
    ]
    shown = "" if last.outcome is None else outcome_html(last.outcome)
    return shown + (markup.boxed(*parts) if parts else "")


def _memories(played: Played) -> str:
    last = max(played.memories, default=0)
    parts = [
        markup.details(f"step {n}: what changed in memory", memory_diff_html(diff, key=str(n)), opened=n == last)
        for n, diff in played.memories.items()
        if diff.changed or diff.size_before != diff.size_after
    ]
    return markup.boxed(*parts) if parts else ""
