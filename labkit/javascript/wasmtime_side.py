"""The same steps under Wasmtime: the account book as a component, in a guard with the hooks that a story sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from labkit.demangle import demangle
from labkit.host import Engine, Limits, Outcome, Program
from labkit.javascript.account import Event, Thrown, Told
from labkit.javascript.story import Hook, Story, StoryStep
from labkit.record import Recorder, Trace
from labkit.reuse import Guard
from labkit.reuse.guard import AbortHook

# The build script of the guest for JavaScript sets the same limit of memory.
LIMITS: Final = Limits(seconds=10.0, memory=32 * 2**20)

_FRAMES: Final = 6


class WasmtimeAccount(msgspec.Struct, frozen=True):
    """A story as Wasmtime told it through labkit, one `Told` for each of its steps, and the trace of it."""

    told: tuple[Told, ...]
    trace: Trace


def play_in_wasmtime(story: Story, program: Program, engine: Engine) -> WasmtimeAccount:
    """The account of a story that is played now with `program`, the account book that unwinds."""
    return _Play(program, engine).play(story)


class _Play:
    def __init__(self, program: Program, engine: Engine) -> None:
        self._recorder = Recorder(engine.release.version)
        self._guard = Guard(engine, self._recorder, program, trace=self._recorder.trace, limits=LIMITS)
        self._events: list[Event] = []
        self._instances = 0
        # The trace counts instantiations and what hooks call, too.
        self._story_steps: dict[int, int] = {}

    def play(self, story: Story) -> WasmtimeAccount:
        told = []
        with self._guard:
            for n, step in enumerate(story.steps, start=1):
                self._events = []
                told.append(self._take(step, n))
        return WasmtimeAccount(tuple(told), self._recorder.trace())

    def _take(self, step: StoryStep, n: int) -> Told:
        if step.do == "on-abort" and step.hook is not None:
            before = self._guard.on_abort(*self._hooks(step.hook))
            return Told("returned", bool(before))
        if step.do == "reinit":
            self._guard.schedule_reinit()
            return Told("returned")
        outcome = self._guard.call(step.export or "", *step.args)
        if outcome.step is not None:
            self._story_steps[outcome.step] = n
        self._note_new_instance()
        by = self._story_steps.get(outcome.cause.step or 0) if outcome.cause else None
        error = None if outcome.kind == "refused" else _thrown(outcome)
        return Told(outcome.kind, outcome.value, error, tuple(self._events), by)

    def _note_new_instance(self) -> None:
        made = sum(step.do == "instantiate" for step in self._recorder.trace())
        if self._instances and made > self._instances:
            self._events.insert(0, Event("instance"))
        self._instances = made

    def _hooks(self, hook: Hook) -> tuple[AbortHook, ...]:
        known: Mapping[Hook, tuple[Callable[[object], None], ...]] = {
            "tell": (self._tell,),
            "reinit": (self._schedule,),
            "tell-then-reinit": (self._tell, self._schedule),
        }
        return known[hook]

    def _tell(self, _abort: object) -> None:
        self._events.append(Event("hook"))
        outcome = self._guard.call("notes")
        self._events.append(Event("re-entry", outcome.value, _thrown(outcome)))

    def _schedule(self, _abort: object) -> None:
        self._guard.schedule_reinit()


def _thrown(outcome: Outcome) -> Thrown | None:
    frames = tuple(demangle(frame.func or "?") for frame in outcome.frames[:_FRAMES])
    match outcome.kind:
        case "returned":
            return None
        case "guest-error" if (panic := outcome.caught_panic) is not None:
            return Thrown("panic-error", str(panic))
        case "refused":
            return Thrown("refused", outcome.cause.kind if outcome.cause else "unknown")
    return Thrown("Trap", outcome.code or outcome.message or "", frames)
