"""Whether one export changes what another answers: state that no export shows by itself.

One instance is asked the same thing twice, and once more after each call of another export. Where fresh instances
go on answering alike and this one does not, that other call is why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from labkit.explore.session import Call
from labkit.explore.verdicts import Trial, Verdict, answered, short, value_of
from labkit.record import Step
from labkit.reuse import PolicyName

OTHERS: Final = 8
"""Exports that are called in between."""

LABEL: Final = "across"
"""What evidence calls the trial."""

_ABOUT: Final = "state across exports"

Play = Callable[[PolicyName, list[Call]], Trial]


def across(watched: Call, others: Sequence[Call], play: Play) -> tuple[Verdict, Trial] | None:
    """A verdict on `watched`, a call that is answered alike twice in a row, and the trial that it rests on.

    None where there is no other export to call, or where calls in between end what the instance can answer.
    """
    others = [call for call in others if call.export != watched.export][:OTHERS]
    if not others:
        return None
    story = [watched, watched]
    for call in others:
        story += [call, watched]
    kept = play("keep", story)
    steps = kept.calls
    asked = steps[1::2]
    if len(steps) != len(story) or not all(answered(step.outcome) for step in asked):
        return None
    trial = Trial(LABEL, kept.trace, kept.memory)
    changed = next((n for n in range(1, len(asked)) if not _same(asked[n - 1], asked[n])), None)
    if changed is None:
        sentence = f"Its answer stayed the same after a call of {_counted(len(others))}, with the calls tried."
        return Verdict(_ABOUT, "good", sentence, ((LABEL, asked[0].n), (LABEL, asked[-1].n))), trial
    fresh = play("fresh-store", story).calls
    answers = [fresh[0], *fresh[1::2]]
    if not all(_same(answers[0], step) for step in answers):
        sentence = "It answers differently in fresh stores too: time, chance or input decides."
        return Verdict(_ABOUT, "note", sentence), trial
    before, after = asked[changed - 1], asked[changed]
    sentence = (
        f"It shows what another export did: {short(value_of(before.outcome))} before a call of "
        f"{others[changed - 1].export} and {short(value_of(after.outcome))} after it, of fresh instances the same "
        "each time. A policy that makes new instances loses that."
    )
    evidence = tuple((LABEL, step.n) for step in (before, steps[2 * changed], after))
    return Verdict(_ABOUT, "note", sentence, evidence), trial


def _same(one: Step, other: Step) -> bool:
    return value_of(one.outcome) == value_of(other.outcome)


def _counted(count: int) -> str:
    return "the other export" if count == 1 else f"each of {count} others"
