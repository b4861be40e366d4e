"""Predictions about the steps of a play, judged by playing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from labkit.errors import LabkitError
from labkit.lab import Lab
from labkit.record import Trace, explain
from labkit.runtimes import installed_runtimes
from labkit.workshop.checks.finding import Finding
from labkit.workshop.prediction import NOT_REACHED, Play, Row, letter, what_came


class _Judged(NamedTuple):
    """One prediction, what came instead of it or with it, and why; `play` is the play's letter."""

    play: str
    step: int
    said: str
    came: str
    why: str

    @property
    def holds(self) -> bool:
        return self.said == self.came

    @property
    def finding(self) -> Finding:
        """The prediction, if it holds, as what it was right about."""
        return Finding(self.holds, f"{self.play}: {self.why}" if self.play else self.why)


def predicted(plays: Sequence[Play], answer: Any) -> list[Finding]:
    """Whether a list of predictions, one for each step that asks for one, is what happens."""
    unfit = _unfit(plays, answer)
    if unfit is not None:
        return [unfit]
    try:
        return compared(plays, played(plays), answer)
    except LabkitError as error:
        return [Finding(False, str(error))]


def played(plays: Sequence[Play]) -> list[Trace | None]:
    """What happens in each play; `None` for one under a release that is not on this machine.

    Raises `LabkitError` for a release that is damaged.
    """
    here = installed_runtimes()
    with Lab(seconds=5) as lab:
        return [
            lab.run(play.scenario, runtime=play.runtime) if play.runtime is None or play.runtime in here else None
            for play in plays
        ]


def compared(plays: Sequence[Play], traces: Sequence[Trace | None], answer: Sequence[Any]) -> list[Finding]:
    """Predictions beside what happened.

    Told are those that hold up to the first that does not, and why that one went otherwise: whoever reads it can
    think again about the others.
    """
    said = iter([str(prediction).strip() for prediction in answer])
    judged: list[_Judged] = []
    absent: list[Finding] = []
    for play, trace in zip(plays, traces, strict=True):
        own = [next(said) for _ in play.asked]
        if trace is None:
            absent.append(_not_here(play.runtime))
        else:
            judged += _judged(play, letter(play, plays), trace, own)
    return _told(judged) + absent


def _unfit(plays: Sequence[Play], answer: Any) -> Finding | None:
    """What keeps an answer from being judged."""
    questions = [(play, row) for play in plays for row in play.asked]
    if not isinstance(answer, list | tuple):
        return Finding(False, f"Give the check a list of {len(questions)} predictions, in the order of the steps.")
    if len(answer) != len(questions):
        return Finding(False, f"{len(questions)} steps want a prediction; there are {len(answer)}.")
    for (play, row), prediction in zip(questions, answer, strict=True):
        where, choices = _where(row.step, letter(play, plays)), play.choices_of(row)
        if prediction is None:
            return Finding(False, f"There is no prediction for {where} yet.")
        if str(prediction).strip() not in choices:
            offered = ", ".join(map(repr, choices))
            return Finding(False, f"{prediction!r} is no prediction for {where}: say one of {offered}.")
    return None


def _judged(play: Play, name: str, trace: Trace, said: Sequence[str]) -> list[_Judged]:
    return [
        _Judged(name, row.step, own, what_came(trace, row, play.choices_of(row)), _why(trace, row))
        for row, own in zip(play.asked, said, strict=True)
    ]


def _why(trace: Trace, row: Row) -> str:
    step = next((step for step in trace if step.n == row.step), None)
    if step is None:
        return f"{explain(trace, trace.steps[-1].n).sentence} So step {row.step} was never taken."
    if row.because and step.outcome is not None:
        return f"Step {row.step} {step.outcome.describe()}. {row.because}"
    return explain(trace, row.step).sentence


def _told(judged: Sequence[_Judged]) -> list[Finding]:
    wrong = next((n for n, one in enumerate(judged) if not one.holds), None)
    if wrong is None:
        return [one.finding for one in judged]
    first, held = judged[wrong], sum(one.holds for one in judged)
    where = _where(first.step, first.play)
    said = f"nobody would come to {where}" if first.said == NOT_REACHED else f"{where} would be `{first.said}`"
    how_many = f"{held} of {len(judged)} predictions hold"
    told = f"{how_many}. The first that does not: you said that {said}. {first.why}"
    return [*(one.finding for one in judged[:wrong]), Finding(False, told)]


def _where(step: int, play: str) -> str:
    return f"step {step} of {play}" if play else f"step {step}"


def _not_here(version: str | None) -> Finding:
    return Finding(
        True,
        f"What you said of Wasmtime {version} was not judged: that release is not on this machine, and "
        f"`labkit runtimes add {version}` fetches it.",
    )
