"""An exercise on the table: its text, the check, hints after a try, the solution after passing or asking."""

from __future__ import annotations

from typing import Any

from labkit.views import markup
from labkit.workshop.catalogue import Exercise, find_exercise
from labkit.workshop.checks import Finding, check_for
from labkit.workshop.progress import Progress


class Card:
    """A short text that a cell shows: lines of plain text, and the same as HTML."""

    def __init__(self, title: str, lines: list[str], *, code: str = "", tone: str = "") -> None:
        self._title = title
        self._lines = lines
        self._code = code.strip("\n")
        self._tone = tone

    def __repr__(self) -> str:
        return "\n".join([self._title, *self._lines, *([self._code] if self._code else [])])

    def _repr_html_(self) -> str:
        title = f"{self._tone} {self._title}".strip()
        parts = [markup.paragraph(f"<strong>{markup.text(title)}</strong>")]
        parts += [markup.paragraph(markup.prose(line)) for line in self._lines]
        if self._code:
            parts.append(markup.block(self._code))
        return markup.boxed(*parts)


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
        findings = check_for(self.exercise.check)(answer)
        passed = all(finding.passed for finding in findings)
        record = self._progress.of(self.exercise.id)
        self._progress.update(self.exercise.id, tries=record.tries + 1, passed=record.passed or passed)
        if passed:
            return Card("Passed", [*_lines(findings), self.exercise.explanation], tone="✔")
        more = (
            ""
            if record.hints >= len(self.exercise.hints)
            else f'A hint is there if you want one: exercise("{self.exercise.id}").hint()'
        )
        return Card("Not yet", [line for line in (*_lines(findings), more) if line], tone="✘")

    def hint(self) -> Card:
        """The next hint; the first comes after a try."""
        record = self._progress.of(self.exercise.id)
        if not record.tries:
            return Card("Try it first", ["Hints come after the first check; a wrong answer costs nothing."])
        number = min(record.hints + 1, len(self.exercise.hints))
        self._progress.update(self.exercise.id, hints=number)
        return Card(f"Hint {number} of {len(self.exercise.hints)}", [self.exercise.hints[number - 1]])

    def solution(self, *, give_up: bool = False) -> Card:
        """The solution, after passing, or when asked for with `give_up=True`."""
        record = self._progress.of(self.exercise.id)
        if not (record.passed or record.gave_up or give_up):
            return Card("Not yet", ["It shows after you passed, or with task.solution(give_up=True)."])
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


def _lines(findings: list[Finding]) -> list[str]:
    return [f"{'✔' if finding.passed else '✘'} {finding.text}" for finding in findings]


def exercise(name: str) -> Task:
    """The exercise with this id, with the progress made in it; raises `UnknownNameError`."""
    return Task(find_exercise(name), Progress())
