"""The same calls under every policy, as rows: what was answered, what state is left, what it took."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.host.outcome import Outcome
from labkit.record.trace import Step, Trace
from labkit.views import markup
from labkit.views.costs import duration
from labkit.views.words import answer, cause_text, clip, counted, number_text


@dataclass(frozen=True)
class PolicyRow:
    """One policy's row; `us`: microseconds for a call and what was made for it, the median over the calls."""

    policy: str
    answers: tuple[Outcome | None, ...]
    state: str
    note: str
    stores: int
    us: float | None


def input_calls(trace: Trace, export: str) -> list[Step]:
    """The calls the user asked for, without those a host function made."""
    return [step for step in trace if step.do == "call" and step.export == export and step.inside is None]


def kept_state(trace: Trace, export: str) -> str:
    """What the guest remembers after the run: the last call of a run asks for its counter."""
    calls = input_calls(trace, export)
    probe = next((step for step in reversed(trace.steps) if step.do == "call"), None)
    if probe is None or probe.export == export or probe.outcome is None:
        return "not asked"
    outcome = probe.outcome
    if outcome.kind == "returned":
        return f"{outcome.value} of {counted(len(calls), 'call')} counted"
    if outcome.kind == "refused":
        return f"out of reach: {cause_text(outcome.cause)}"
    return f"unknown: {clip(outcome.describe(), 80)}"


def times_per_call(trace: Trace, export: str) -> list[float]:
    """Microseconds of each call with what was made for it; the question for the state at the end is left out."""
    calls = {step.n for step in input_calls(trace, export)}
    spent: list[float] = []
    since = 0.0
    for step in (step for step in trace if step.inside is None):
        since += step.us or 0.0
        if step.n in calls:
            spent.append(since)
            since = 0.0
    return spent


def policy_row(policy: str, note: str, runs: Sequence[Trace], export: str) -> PolicyRow:
    """A row from runs of the same calls: what the first one did, and what all of them took."""
    trace = runs[0]
    calls = input_calls(trace, export)
    spent = [us for run in runs for us in times_per_call(run, export)]
    return PolicyRow(
        policy=policy,
        answers=tuple(step.outcome for step in calls),
        state=kept_state(trace, export),
        note=note,
        stores=len({step.store for step in trace}),
        us=statistics.median(spent) if any(spent) else None,
    )


def policy_table(rows: Sequence[PolicyRow], inputs: Sequence[float], chosen: str) -> str:
    """The rows as an accessible HTML table; the chosen policy's is set off."""
    said = " → ".join(map(number_text, inputs))
    caption = f"The same calls under every policy: {said or 'none yet'}"
    cells = [
        [
            markup.text(row.policy),
            " ".join(_answer(outcome) for outcome in row.answers) or '<span class="lk-muted">–</span>',
            f'{markup.text(row.state)}<br><span class="lk-muted">{markup.text(row.note)}</span>',
            str(row.stores),
            "–" if row.us is None else duration(row.us),
        ]
        for row in rows
    ]
    head = ["policy", "answers", "state kept", "stores made", "time per call"]
    index = next((i for i, row in enumerate(rows) if row.policy == chosen), None)
    foot = markup.paragraph(
        "Time per call: the median over a few runs, from Python, with the instances made for the call.", "lk-muted"
    )
    return markup.boxed(markup.table(caption, head, cells, numbers=(3, 4), chosen=index), foot)


def _answer(outcome: Outcome | None) -> str:
    if outcome is None:
        return markup.labelled(None)
    # The value says more than the word "returned"; every other kind is named.
    came = answer(outcome) if outcome.kind == "returned" else ""
    if came:
        spoken = f'<span class="lk-spoken">{outcome.kind}</span>'
        return f'<span class="lk-answer">{markup.glyph(outcome.kind)}{spoken} {markup.text(came)}</span>'
    return f'<span class="lk-answer">{markup.labelled(outcome.kind)}</span>'
