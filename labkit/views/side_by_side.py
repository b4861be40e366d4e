"""The same steps under Wasmtime and in JavaScript, side by side, and which of the two was recorded elsewhere."""

from __future__ import annotations

from typing import Final

from labkit.javascript import Account, Event, Story, StoryStep, Thrown, Told, WasmtimeAccount
from labkit.views import markup
from labkit.views.words import clean, counted, listed, value_text

_EVENTS: Final = {"instance": "a new instance begins", "hook": "the hook runs", "re-entry": "it calls notes()"}

Row = tuple[StoryStep, Told, Told]


class SideBySide:
    """A story as both hosts told it; `why_recorded` says, where the account of JavaScript is a recorded one, why.

    `differs` are the steps, counted from 1, that ended differently: in another kind, or with another value.
    """

    def __init__(
        self, story: Story, wasmtime: WasmtimeAccount, javascript: Account, *, why_recorded: str = ""
    ) -> None:
        self.story = story
        self.wasmtime = wasmtime
        self.javascript = javascript
        self.why_recorded = why_recorded
        self.rows: tuple[Row, ...] = tuple(zip(story.steps, wasmtime.told, javascript.told, strict=True))
        self.differs = tuple(
            n
            for n, (_step, ours, theirs) in enumerate(self.rows, start=1)
            if (ours.kind, ours.value) != (theirs.kind, theirs.value)
        )

    def _repr_html_(self) -> str:
        head = ["step", *_heads(self)]
        rows = [
            [f"{_sign(n in self.differs)}{_name(n, step)}", _cell(step, ours), _cell(step, theirs)]
            for n, (step, ours, theirs) in enumerate(self.rows, start=1)
        ]
        note = [markup.paragraph(markup.prose(_recorded(self)), "lk-badge lk-edge-guest-error")]
        return markup.boxed(
            *note * self.javascript.recorded,
            markup.table(_reading(self), head, rows),
            markup.details("what the stacks name", _stacks(self.rows)),
        )

    def __repr__(self) -> str:
        wasmtime, javascript = _heads(self)
        lines = [_reading(self), *[_recorded(self)] * self.javascript.recorded]
        for n, (step, ours, theirs) in enumerate(self.rows, start=1):
            lines.append(f"{n}. {step.text}")
            lines += [f"   {wasmtime}: {_words(step, ours)}", f"   {javascript}: {_words(step, theirs)}"]
        return "\n".join(lines)


def _heads(both: SideBySide) -> tuple[str, str]:
    """What each side is, and whether it was run just now."""
    versions = both.javascript.versions
    when = f"recorded {versions.date}" if both.javascript.recorded else "live"
    return (
        f"Wasmtime {both.wasmtime.trace.runtime}, live",
        f"Node {versions.node}, wasm-bindgen {versions.wasm_bindgen}, {when}",
    )


def _reading(both: SideBySide) -> str:
    """What the story is, and which of its steps end differently."""
    steps = counted(len(both.rows), "step")
    if not both.differs:
        return f"{both.story.title}: {steps}, and each ends in the same way on both sides."
    which = listed([str(n) for n in both.differs])
    ends = "number {} ends" if len(both.differs) == 1 else "numbers {} end"
    return f"{both.story.title}: {steps}, of which {ends.format(which)} differently."


def _recorded(both: SideBySide) -> str:
    """That the JavaScript side was run elsewhere, when, with what, and why."""
    versions = both.javascript.versions
    made = f"Node {versions.node}, wasm-bindgen {versions.wasm_bindgen} and {versions.rustc}"
    return f"The JavaScript side is a recording of {versions.date}, made with {made}. {both.why_recorded}".strip()


def _sign(differs: bool) -> str:
    spoken = '<span class="lk-spoken"> ends differently:</span>'
    return f'<span title="ends differently"><b>≠</b>{spoken} </span>' * differs


def _name(n: int, step: StoryStep) -> str:
    return f"{n}. <code>{markup.text(step.text)}</code>"


def _cell(step: StoryStep, told: Told) -> str:
    before = [markup.paragraph(f"{n}. {markup.text(_event(event))}", "lk-muted") for n, event in _numbered(told)]
    words = _answer(step, told)
    shown = f" <code>{markup.text(words)}</code>" if told.error else f" {markup.text(words)}"
    blame = f" since step {told.by}" if told.by else ""
    last = f"{len(told.events) + 1}. " if told.events else ""
    return "".join(before) + markup.paragraph(f"{last}{markup.labelled(told.kind)}{shown * bool(words)}{blame}")


def _words(step: StoryStep, told: Told) -> str:
    before = [_event(event) for event in told.events]
    blame = f" since step {told.by}" if told.by else ""
    return "; ".join([*before, f"{told.kind} {clean(_answer(step, told))}".rstrip() + blame])


def _numbered(told: Told) -> list[tuple[int, Event]]:
    return list(enumerate(told.events, start=1))


def _event(event: Event) -> str:
    if event.what != "re-entry":
        return _EVENTS[event.what]
    return f"{_EVENTS[event.what]}: {_said(event.error) if event.error else value_text(event.value)}"


def _answer(step: StoryStep, told: Told) -> str:
    if told.error is not None:
        return _said(told.error)
    if step.do == "on-abort":
        return "(there was a hook before)" if told.value else "(no hook before)"
    return "" if told.value is None else value_text(told.value)


def _said(error: Thrown) -> str:
    return clean(f"{error.name}: {error.message}")


def _stacks(rows: tuple[Row, ...]) -> str:
    body = [
        [_name(n, step), _frames(ours), _frames(theirs)]
        for n, (step, ours, theirs) in enumerate(rows, start=1)
        if any(told.error and told.error.frames for told in (ours, theirs))
    ]
    return markup.table("WebAssembly functions, innermost first", ["step", "Wasmtime", "JavaScript"], body)


def _frames(told: Told) -> str:
    frames = told.error.frames if told.error else ()
    return markup.block("\n".join(frames)) if frames else '<span class="lk-muted">–</span>'
