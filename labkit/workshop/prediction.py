"""A prediction: what somebody expects of the steps of a play, which is then played."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from labkit.record import Scenario, Trace

NOT_REACHED: Final = "not-reached"
"""The prediction that a step is never taken."""

_WORDS: Final = MappingProxyType(
    {
        "returned": "it goes well",
        "guest-error": "it is answered with an error of the guest's own",
        "trapped": "it is stopped half way",
        "refused": "the guest is not even entered",
        "exited": "the guest ends itself",
        "host-error": "a host function raises",
        "aborted": "the whole process dies",
        "timed-out": "the host stops it",
        NOT_REACHED: "nobody is left to do it",
    }
)


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a play: its number in the trace, and what it `does`, in words that name the call as code.

    `choices` are the predictions to choose from, in place of the play's; nothing is asked of a step that is
    `given`. A choice is an outcome kind, a kind with the value that it returns (`returned 40`), or `not-reached`.
    `because` says what a trace cannot know about an answer: what the guest's numbers mean.
    """

    step: int
    does: str
    choices: tuple[str, ...] = ()
    given: bool = False
    because: str = ""


class Play(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario to predict, and the Wasmtime release it is played under: by default the environment's.

    Under a release that is named it is played in a process of its own, if that release is on this machine.
    """

    title: str
    scenario: Scenario
    rows: tuple[Row, ...]
    choices: tuple[str, ...]
    runtime: str | None = None

    def choices_of(self, row: Row) -> tuple[str, ...]:
        """What may be predicted of a row; nothing where it is given."""
        return () if row.given else row.choices or self.choices

    @property
    def asked(self) -> tuple[Row, ...]:
        """The rows that want a prediction."""
        return tuple(row for row in self.rows if not row.given)


def meaning(choice: str) -> str:
    """What a choice means, in a few words; nothing for one that says it itself."""
    return _WORDS.get(choice, "")


def letter(play: Play, plays: Sequence[Play]) -> str:
    """What a play is called where there are several: `A`, `B` and so on; empty where it is alone."""
    return "" if len(plays) == 1 else chr(ord("A") + plays.index(play))


def what_came(trace: Trace, row: Row, choices: Sequence[str]) -> str:
    """What the play did at a row, as the one of `choices` that says it."""
    outcome = next((step.outcome for step in trace if step.n == row.step), None)
    if outcome is None:
        return NOT_REACHED
    with_value = f"{outcome.kind} {outcome.value!r}"
    return with_value if with_value in choices else outcome.kind
