"""An exercise on the table: its text, the check, hints after a try, the solution after passing or asking."""

from __future__ import annotations

from typing import Any

from labkit.programs import NotCompiled
from labkit.views import Line, Part, PredictionTable
from labkit.workshop.card import Card
from labkit.workshop.catalogue import Exercise, find_exercise
from labkit.workshop.checks import Finding, check_of
from labkit.workshop.prediction import Play, letter, meaning
from labkit.workshop.progress import Progress


class Task:
    """One exercise for one person; `progress` remembers it."""

    def __init__(self, exercise: Exercise, progress: Progress) -> None:
        self.exercise = exercise
        self._progress = progress

    @property
    def passed(self) -> bool:
        """Whether an answer has passed the check."""
        return self._progress.of(self.exercise.id).passed

    def check(self, answer: Any) -> Card:
        """Judge an answer: what is right, or the first thing that is wrong."""
        if isinstance(answer, NotCompiled):
            return Card("Not yet", [f"{answer}."], tone="✘")
        findings = check_of(self.exercise)(answer)
        passed = all(finding.passed for finding in findings)
        record = self._progress.tried(self.exercise.id, passed=passed)
        if passed:
            return Card("Passed", [*_lines(findings), self.exercise.explanation], tone="✔")
        more = (
            ""
            if record.hints >= len(self.exercise.hints)
            else f'A hint is there if you want one: `exercise("{self.exercise.id}").hint()`'
        )
        return Card("Not yet", [line for line in (*_lines(findings), more) if line], tone="✘")

    def hint(self) -> Card:
        """The next hint; the first comes after a try."""
        record = self._progress.of(self.exercise.id)
        if not record.tries:
            return Card("Try it first", ["Hints come after the first check; a wrong answer costs nothing."])
        count = len(self.exercise.hints)
        number = min(record.hints + 1, count)
        self._progress.update(self.exercise.id, hints=number)
        last = f'That was the last one; `exercise("{self.exercise.id}").solution(give_up=True)` shows a solution.'
        more = [last] if number == count else []
        return Card(f"Hint {number} of {count}", [self.exercise.hints[number - 1], *more])

    def solution(self, *, give_up: bool = False) -> Card:
        """The solution, after passing, or when asked for with `give_up=True`."""
        record = self._progress.of(self.exercise.id)
        if not (record.passed or record.gave_up or give_up):
            return Card("Not yet", ["It shows after you passed, or with `task.solution(give_up=True)`."])
        if give_up:
            self._progress.update(self.exercise.id, gave_up=True)
        return Card("A solution", [self.exercise.explanation], code=self.exercise.solution)

    def reset(self) -> None:
        """Start over."""
        self._progress.reset(self.exercise.id)

    def __repr__(self) -> str:
        return repr(self._card())

    def _repr_html_(self) -> str:
        return self._card()._repr_html_()

    def _card(self) -> Card:
        state = "passed" if self.passed else "open"
        return Card(f"Exercise: {self.exercise.title} ({state})", [self.exercise.task.strip()])


class PredictionTask(Task):
    """An exercise that asks for predictions: a table to choose them in, or a list of them for `check`."""

    def __init__(self, exercise: Exercise, progress: Progress) -> None:
        super().__init__(exercise, progress)
        self._table: PredictionTable | None = None

    @property
    def table(self) -> PredictionTable:
        """The steps, each with its choices; made when it is first shown."""
        if self._table is None:
            parts = [_part(play, letter(play, self.exercise.plays)) for play in self.exercise.plays]
            self._table = PredictionTable(self._card(), parts, self.check)
        return self._table

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return self.table._repr_mimebundle_(**kwargs)


def _part(play: Play, name: str) -> Part:
    lines = [
        Line(f"step {row.step}", row.does, tuple((choice, meaning(choice)) for choice in play.choices_of(row)))
        for row in play.rows
    ]
    return Part(name, play.title, tuple(lines))


def _lines(findings: list[Finding]) -> list[str]:
    return [f"{'✔' if finding.passed else '✘'} {finding.text}" for finding in findings]


def exercise(name: str) -> Task:
    """The exercise with this id, with the progress made in it; raises `UnknownNameError`."""
    found = find_exercise(name)
    return (PredictionTask if found.plays else Task)(found, Progress())
