"""Host functions, sorted by what they do to the event loop of whoever awaits the guest."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Callable
from typing import Any, Final

from labkit.errors import LabkitError
from labkit.host import Engine, Limits, Store
from labkit.programs import build_program
from labkit.record import Recorder, Step
from labkit.reuse.heartbeat import BEAT, Heartbeat
from labkit.workshop.checks.apart import run_apart
from labkit.workshop.checks.finding import Finding

FUNCTIONS: Final = ("note", "pause", "ask", "wait", "hurry", "hand_over")
FINE, STOPS, FAILS = ANSWERS = ("fine", "stops the loop", "fails")

_GIVE: Final = "Give the check a dict that maps each of the six functions to one of your answers."
_RUNS: Final = 3
"""A busy machine stops for a moment now and then; a function that stops the loop does so every time."""


def sorted_functions(answer: Any) -> list[Finding]:
    """Whether a dict maps each of `FUNCTIONS`, the functions themselves, to what its call turns out to be."""
    if not isinstance(answer, dict) or not all(callable(function) for function in answer):
        return [Finding(False, _GIVE)]
    by_name = {getattr(function, "__name__", "?"): function for function in answer}
    missing = [name for name in FUNCTIONS if name not in by_name]
    if missing:
        return [Finding(False, f"Nothing is said about `{missing[0]}`. {_GIVE}")]
    findings = []
    for name in FUNCTIONS:
        said = answer[by_name[name]]
        if said not in ANSWERS:
            return [Finding(False, f"{said!r} is no answer for `{name}`: say {', '.join(map(repr, ANSWERS))}.")]
        finding = _judged(name, by_name[name], said)
        if not finding.passed:
            return [finding]
        findings.append(finding)
    return findings


def _judged(name: str, function: Callable[..., Any], said: str) -> Finding:
    try:
        step = _measured(function)
    except LabkitError as error:
        return Finding(False, f"`{name}`: {error}")
    if step is None:
        return Finding(said == STOPS, f"`{name}` stopped the loop, and never let go of it.")
    found, seen = _seen(step)
    if found == said:
        return Finding(True, f"`{name}` {seen}.")
    return Finding(False, f"You said {said!r} of `{name}`, and it is {found!r}: the call {seen}.")


def _seen(step: Step) -> tuple[str, str]:
    """The right answer, and what was measured."""
    outcome, took, gap = step.outcome, (step.us or 0.0) / 1000, step.gap_ms or 0.0
    assert outcome is not None
    if outcome.kind == "host-error":
        return FAILS, f"ended in {outcome.raised}: {textwrap.shorten(outcome.message or '', 80)}"
    if outcome.kind != "returned":
        return FAILS, outcome.describe()
    if _stops(step):
        return STOPS, f"took {took:.0f} ms, and the event loop stood still for {gap:.0f} ms"
    return FINE, f"took {took:.0f} ms, and the event loop went on: {gap:.0f} ms between two beats at most"


def _stops(step: Step) -> bool:
    took, gap = (step.us or 0.0) / 1000, step.gap_ms or 0.0
    return took > 10 * BEAT * 1000 and gap > took / 2


def _measured(function: Callable[..., Any]) -> Step | None:
    """An awaited call of a guest that calls `function`, the best of a few; None where it never ended."""
    best: Step | None = None
    for _ in range(_RUNS):
        step = _called(function)
        if step is None:
            return None
        if best is None or (step.gap_ms or 0.0) < (best.gap_ms or 0.0):
            best = step
        if not _stops(step):
            break
    return best


def _called(function: Callable[..., Any]) -> Step | None:
    guest = build_program("host-log")
    engine = Engine()
    recorder = Recorder(engine.release.version)

    async def call() -> None:
        heartbeat = Heartbeat(recorder)
        async with heartbeat:
            with Store(engine, heartbeat, imports={"host#log": function}, limits=Limits(seconds=5)) as store:
                instance = await store.instantiate_async(guest)
                await instance.call_async("run")
                await heartbeat.beat()

    with warnings.catch_warnings():
        # That a coroutine was never awaited is what some of them are about, and no news.
        warnings.simplefilter("ignore", RuntimeWarning)
        ended = run_apart(call)
    if not ended:
        # A guest is still inside, so that the engine cannot be closed.
        return None
    engine.close()
    return recorder.trace().steps[-1]
