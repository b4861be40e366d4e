"""What comes of a mix of synchronous and asynchronous, in words: by release, for the loop, and what to change."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from labkit.host.outcome import Kind
from labkit.record.mix import WAIT, Mix
from labkit.record.trace import Step, Trace
from labkit.runtimes import Cell
from labkit.runtimes.difference import present
from labkit.runtimes.sweep import differ
from labkit.views.costs import duration
from labkit.views.heartbeat import Gap, longest_gap
from labkit.views.words import clean, clip, listed

_NOTICED = 50.0
"""Milliseconds from which on a call is one that waited; without waiting it takes about one."""


def deciding_step(trace: Trace) -> Step | None:
    """The first step that did not return, else the call; None for a trace without steps."""
    failed = (step for step in trace if step.outcome is None or step.outcome.kind != "returned")
    return next(failed, trace.steps[-1] if trace.steps else None)


def kind_of(cell: Cell) -> Kind | None:
    """The outcome kind of the step that decides; None where there is no result."""
    step = deciding_step(cell.trace) if cell.trace is not None else None
    return step.outcome.kind if step is not None and step.outcome is not None else None


def gap_of(cell: Cell) -> Gap | None:
    """The event loop's longest gap during a call that returned, and how long that took; milliseconds."""
    return longest_gap(cell.trace) if cell.trace is not None and kind_of(cell) == "returned" else None


def waited(cell: Cell) -> bool:
    """Whether it has a call that returned, and waited."""
    gap = gap_of(cell)
    return gap is not None and gap.took >= _NOTICED


def stalls(cell: Cell) -> bool:
    """Whether the call waited and the event loop stood still for most of it."""
    gap = gap_of(cell)
    return gap is not None and waited(cell) and gap.longest >= gap.took / 2


def short_words(cell: Cell) -> tuple[str, str]:
    """A cell in two lines: `aborted`, `in the call`; `returned`, `gap 6.1 ms`."""
    kind = kind_of(cell)
    if kind is None:
        return ("no result", "") if cell.problem or cell.trace is not None else ("not played", "")
    gap = gap_of(cell)
    if gap is not None:
        return kind, f"{'stalls' if stalls(cell) else 'gap'} {duration(gap.longest * 1000)}"
    step = deciding_step(cell.trace) if cell.trace is not None else None
    return kind, "" if step is None or kind == "returned" else _place(step)


def differing(cells: Sequence[Cell]) -> list[bool]:
    """For each release whether it went otherwise than under the one before; a missing result is no difference."""
    return [False, *(_differs(before, after) for before, after in itertools.pairwise(cells))][: len(cells)]


def _differs(before: Cell, after: Cell) -> bool:
    return None not in (kind_of(before), kind_of(after)) and differ(before, after)


def reading(cells: Sequence[Cell], own: str) -> str:
    """What happens under which releases, and what the event loop did under `own`, or the last one that knows."""
    played = [cell for cell in cells if kind_of(cell) is not None]
    if not played:
        return "No release has a result."
    sentence = "; ".join(_runs(played))
    sentence = f"{sentence[0].upper()}{sentence[1:]}."
    answered = [cell for cell in played if gap_of(cell) is not None]
    if not answered:
        return sentence
    return f"{sentence} {_loop(next((cell for cell in answered if cell.runtime == own), answered[-1]))}"


def _runs(played: Sequence[Cell]) -> list[str]:
    """A clause for each row of neighbouring releases under which the same happens."""
    starts = [at for at, differs in enumerate(differing(played)) if differs or at == 0]
    return [
        f"{_span(played, start, end - 1)} {_clause(played[start])}"
        for start, end in itertools.pairwise([*starts, len(played)])
    ]


def _span(played: Sequence[Cell], first: int, last: int) -> str:
    begin, end = played[first].runtime, played[last].runtime
    if (first, last) == (0, len(played) - 1):
        return f"under {begin}" if first == last else f"under each of these {len(played)} releases"
    if last == len(played) - 1:
        return f"since {begin}"
    if first == 0:
        return f"up to {end}"
    return f"under {begin}" if first == last else f"from {begin} to {end}"


def _clause(cell: Cell) -> str:
    step = deciding_step(cell.trace) if cell.trace is not None else None
    outcome = step.outcome if step is not None else None
    what = "instantiating" if step is not None and step.do == "instantiate" else "the call"
    # What a runtime says last is in the explanation; here it would hide what the sentence is about.
    did = "takes the whole process down" if outcome and outcome.kind == "aborted" else present(outcome)
    return f"{what} {clip(clean(did), 160)}"


def _loop(cell: Cell) -> str:
    gap = gap_of(cell)
    if gap is None:
        return ""
    took, longest = duration(gap.took * 1000), duration(gap.longest * 1000)
    if not waited(cell):
        return f"The call takes {took} under {cell.runtime}, and the event loop hardly notices it."
    if gap.longest >= 0.9 * gap.took:
        return f"Under {cell.runtime} the event loop stands still for as long as the call takes, {took}."
    if stalls(cell):
        return f"Under {cell.runtime} the event loop stands still for {longest} of the {took} that the call takes."
    return (
        f"Under {cell.runtime} the event loop goes on while the call takes {took}: its longest gap is {longest}."
    )


def to_change(mix: Mix) -> str:
    """What turns a mix into the one that mends it, as the rest of a sentence; empty where nothing has to."""
    wanted = mix.mended()
    parts = []
    if mix.engine != wanted.engine:
        parts.append(f"use an engine {'made for async' if wanted.engine == 'async' else 'without async support'}")
    if mix.work == "asyncio.run":
        parts.append("make the host function a coroutine that awaits what `asyncio.run` was to run")
    elif mix.link != wanted.link:
        parts.append("make the host function a coroutine that has a thread do the blocking")
    elif mix.work != wanted.work:
        parts.append("have a thread do the blocking, and await it")
    for how, change in (("awaited", "await {}"), ("sync", "make {} synchronous")):
        entered = [
            name
            for field, name in (("instantiate", "the instantiation"), ("call", "the call"))
            if getattr(mix, field) != getattr(wanted, field) == how
        ]
        if entered:
            parts.append(change.format(listed(entered)))
    return "; ".join(parts)


def moved(before: Mix, after: Mix) -> str:
    """Why the host function does something else after another kind of it was linked; empty where it does not."""
    if before.link == after.link or before.work == after.work:
        return ""
    match before.work:
        case "sleeps":
            return f"A plain function cannot sleep as coroutines do: now it blocks for {WAIT} s."
        case "thread":
            return f"A plain function cannot await a thread: now it blocks for {WAIT} s itself."
    return f"A coroutine needs no `asyncio.run`: now it awaits a sleep of {WAIT} s."


def _place(step: Step) -> str:
    return "instantiating" if step.do == "instantiate" else "in the call"
