"""A trace in words: the sentence above its picture, the text for who cannot see it, and its table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Final

from labkit.host.outcome import KINDS, Kind
from labkit.record.trace import Step, Trace
from labkit.views import markup
from labkit.views.fold import Fold, folded
from labkit.views.reach import lockouts
from labkit.views.words import answer, cause_text, clip, counted, listed, short_value, what, why

_DID: Final[Mapping[Kind, str]] = {
    "returned": "returned",
    "guest-error": "answered with its own error",
    "trapped": "trapped",
    "refused": "was refused",
    "exited": "exited",
    "host-error": "raised an exception in the host",
    "aborted": "aborted the process",
    "timed-out": "ran out of time",
}
_ALT_STEPS: Final = 12
_OUTPUT: Final = 1000
"""Characters of one step's output that a table shows."""


def timeline_reading(trace: Trace) -> str:
    """What the timeline shows, in a sentence or two, computed from the steps alone."""
    run = [step for step in trace if step.outcome is not None]
    if not trace.steps:
        return "No steps yet: instantiate a program to begin."
    if not run:
        return f"{counted(len(trace), 'step')} to run, none run yet."
    dead = next((step for step in run if _kind(step) == "aborted"), None)
    if dead:
        return f"Step {dead.n} aborted the whole process{_signal(dead)}: every store in it is gone."
    poison = lockouts(trace)
    if poison:
        return _poisoned(run, poison)
    refused = next((step for step in run if _kind(step) == "refused"), None)
    if refused and refused.outcome:
        return f"Step {refused.n} was refused: {cause_text(refused.outcome.cause)}."
    failed = next((step for step in run if not _ok(step)), None)
    if failed:
        later = next((s for s in run if s.n > failed.n and s.store == failed.store and s.do == "call"), None)
        still = f", yet store {failed.store} still answers: step {later.n} {_did(later)}" if later else ""
        return f"Step {failed.n} {_did(failed)}{still}."
    calls = [step for step in run if step.do == "call"]
    if not calls:
        return f"{counted(len(run), 'instantiation')}, no call yet."
    return _all_answered(calls)


def _poisoned(run: list[Step], poison: dict[int, int]) -> str:
    """The reading where stores were poisoned: what that cost, and whether a new store helped."""
    store, since = min(poison.items(), key=lambda item: item[1])
    culprit = next((step for step in run if step.n == since), None)
    if culprit is not None and culprit.do == "instantiate" and not _entered_later(run, store, since):
        return f"Step {since} {_did(culprit)} while its start function ran: there is no instance to call."
    refused = [step for step in run if _kind(step) == "refused" and poison.get(step.store, step.n) < step.n]
    if refused:
        first = refused[0]
        sentence = f"Step {first.n} was refused because step {poison[first.store]} poisoned store {first.store}."
        source = next((step.instance for step in run if step.n == poison[first.store]), None)
        other = any(step.instance != source for step in refused if step.store == first.store)
        elsewhere = _answered_elsewhere(run, first.store, first.n)
        if other:
            sentence += " A new instance in that store does not help"
            return f"{sentence}; a new store does." if elsewhere else f"{sentence}."
        return f"{sentence} A new store answers again." if elsewhere else sentence
    if len(poison) > 1:
        return f"{len(poison)} stores were poisoned, and no call was refused: none of them was used again."
    did = _did(culprit) if culprit else "failed"
    sentence = f"Step {since} {did} and poisoned store {store}"
    still = next((s for s in run if s.n > since and s.store == store and s.do == "call" and _ok(s)), None)
    if still:
        return f"{sentence} for components; step {still.n}, into a core module there, was still answered."
    if _answered_elsewhere(run, store, since):
        return f"{sentence}; later calls went to another store and were answered."
    return f"{sentence}; nothing has been called in it since."


def _entered_later(run: list[Step], store: int, since: int) -> bool:
    """Whether anybody tried to enter a store after step `since`, and not only what that step failed to make."""
    later = [step for step in run if step.n > since and step.store == store and step.outcome]
    return any(s.outcome and (s.outcome.cause is None or s.outcome.cause.kind != "no-instance") for s in later)


def _all_answered(calls: list[Step]) -> str:
    counts = Counter(_kind(step) for step in calls)
    if counts["guest-error"]:
        first = next(step for step in calls if _kind(step) == "guest-error")
        later = next((step for step in calls if step.n > first.n and _kind(step) == "returned"), None)
        after = f", and step {later.n} still returned" if later else ""
        return f"Step {first.n} answered with the guest's own error{after}: the store stays usable."
    return "The call returned." if len(calls) == 1 else f"All {len(calls)} calls returned."


def _answered_elsewhere(run: list[Step], store: int, after: int) -> bool:
    return any(step.n > after and step.store != store and step.do == "call" and _ok(step) for step in run)


def _kind(step: Step) -> Kind | None:
    return step.outcome.kind if step.outcome else None


def _ok(step: Step) -> bool:
    return step.outcome is not None and step.outcome.ok


def _did(step: Step) -> str:
    kind = _kind(step)
    return _DID[kind] if kind else "has not run"


def _signal(step: Step) -> str:
    return f" ({answer(step.outcome)})" if answer(step.outcome) else ""


def telling_step(trace: Trace) -> int | None:
    """The step to look at first: the first refused, else the first that failed, else the last."""
    refused = (step.n for step in trace if _kind(step) == "refused")
    failed = (step.n for step in trace if step.outcome and not step.outcome.ok)
    last = (step.n for step in trace.steps[-1:])
    return next(chain(refused, failed, last), None)


def step_title(step: Step) -> str:
    """One step in a line, as hovering over its mark shows it."""
    args = ", ".join(short_value(arg, 60) for arg in step.args)
    did = f"{step.export}({args})" if step.do == "call" else what(step)
    tail = [part for part in (answer(step.outcome), why(step.outcome)) if part]
    kind = _kind(step) or "not run"
    return clip(f"Step {step.n}, store {step.store}: {did}: {kind}{' – ' + ': '.join(tail) if tail else ''}", 400)


def timeline_alt(trace: Trace) -> str:
    """The timeline for a screen reader: the reading, then the steps, or their number where they are many."""
    stores = {step.store for step in trace}
    head = (
        f"Timeline of {counted(len(trace), 'step')} in {counted(len(stores), 'store')} "
        f"under Wasmtime {trace.runtime}. {timeline_reading(trace)}"
    )
    if len(trace) <= _ALT_STEPS:
        return " ".join([head, *(f"{step_title(step)}." for step in trace)])
    counts = Counter(_kind(step) for step in trace if step.do == "call")
    kinds = listed([f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]])
    return f"{head} Calls: {kinds or 'none'}."


def timeline_table(trace: Trace, *, selected: int | None = None) -> str:
    """The steps as an accessible HTML table: what each did, what came of it and why; callers and output if any.

    Of a long trace those far from `selected` (the most telling step if None) are folded into a row.
    """
    shown = folded(trace, telling_step(trace) if selected is None else selected)
    steps = [step for step in shown if isinstance(step, Step)]
    callers = any(step.caller for step in steps)
    writers = any(_written(step) for step in steps)
    who, output = ["who"] * callers, ["output"] * writers
    head = ["step", "store", "what", *who, "outcome", "why", *output]
    rows = []
    for step in shown:
        if isinstance(step, Fold):
            rows.append([f"{step.first}–{step.last}", "", markup.text(step), *[""] * (len(head) - 3)])
            continue
        came = answer(step.outcome)
        inside = f"from inside step {step.inside}" if step.inside is not None else ""
        behind = "; ".join(part for part in (inside, why(step.outcome)) if part)
        rows.append(
            [
                str(step.n),
                str(step.store),
                f"<code>{markup.text(what(step))}</code>",
                *([markup.text(step.caller or "")] if callers else []),
                markup.labelled(_kind(step)) + (f" <code>{markup.text(came)}</code>" if came else ""),
                markup.text(behind),
                *([_written(step)] if writers else []),
            ]
        )
    chosen = next((i for i, step in enumerate(shown) if isinstance(step, Step) and step.n == selected), None)
    return markup.boxed(markup.table(timeline_reading(trace), head, rows, chosen=chosen))


def _written(step: Step) -> str:
    """What the guest wrote in a step, as HTML; a panic's message stands beside its outcome already."""
    if step.outcome is None:
        return ""
    both = step.outcome.stdout + ("" if step.outcome.panic else step.outcome.stderr)
    return markup.block(clip(both.rstrip("\n"), _OUTPUT)) if both else ""
