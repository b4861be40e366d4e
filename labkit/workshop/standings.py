"""What has been tried and passed, of all exercises or of one notebook, and what to do next."""

from __future__ import annotations

from typing import Final

import msgspec

from labkit.errors import unknown
from labkit.numbered import numbered
from labkit.views import markup
from labkit.workshop.catalogue import Exercise, exercises, find_exercise
from labkit.workshop.progress import Progress, Record

_SIGNS: Final = (("passed", "✔"), ("tried", "◐"), ("open", "○"))


class Standing(msgspec.Struct, frozen=True):
    """How somebody stands with one exercise: `state` is `passed`, `tried` or `open`."""

    id: str
    notebook: str
    title: str
    state: str
    tries: int
    hints: int
    solution_seen: bool

    @classmethod
    def of(cls, exercise: Exercise, record: Record) -> Standing:
        """What the record of an exercise says."""
        state = "passed" if record.passed else "tried" if record.tries else "open"
        return cls(
            exercise.id,
            exercise.notebook,
            exercise.title,
            state,
            record.tries,
            record.hints,
            record.gave_up,
        )

    @property
    def sign(self) -> str:
        """The state as a sign."""
        return dict(_SIGNS)[self.state]

    @property
    def in_words(self) -> str:
        """`passed`, `tried twice, 1 hint`, `open`."""
        tried = {1: "tried once", 2: "tried twice"}.get(self.tries, f"tried {self.tries} times")
        words = [tried if self.state == "tried" else self.state]
        words += [f"{self.hints} hint{'s' * (self.hints != 1)}"] if self.hints else []
        words += ["solution seen"] if self.solution_seen else []
        return ", ".join(words)


class Overview:
    """The exercises of one notebook, or of all, as a table for a cell; `standings` is the same as data."""

    def __init__(self, progress: Progress, notebook: str | None = None) -> None:
        self.notebook = notebook
        self._progress = progress

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How things stand now, exercise by exercise."""
        records = self._progress.all()
        return tuple(
            Standing.of(exercise, records.get(exercise.id, Record()))
            for exercise in exercises().values()
            if self.notebook in (None, exercise.notebook)
        )

    @property
    def sentence(self) -> str:
        """How many have passed, and what to do next."""
        passed = sum(standing.state == "passed" for standing in self.standings)
        left = [standing for standing in self.standings if standing.state != "passed"]
        so_far = f"{passed} of {len(self.standings)} exercises passed."
        if not left:
            return f"{so_far} That is all of them."
        # One that was begun comes before one that was not.
        following = next((standing for standing in left if standing.state == "tried"), left[0])
        where = "" if self.notebook else f", in notebook {following.notebook}"
        return f"{so_far} Next: “{following.title}”{where}."

    def reset(self, name: str) -> None:
        """Forget what was tried in one exercise; raises `UnknownNameError`."""
        self._progress.reset(find_exercise(name).id)

    def reset_all(self) -> None:
        """Forget everything that is shown here: of this notebook, or of all."""
        if self.notebook is None:
            self._progress.reset()
            return
        for standing in self.standings:
            self._progress.reset(standing.id)

    def __repr__(self) -> str:
        lines = []
        for notebook, standings in self._by_notebook().items():
            lines += [] if self.notebook else [f"{notebook}: {_count(standings)}"]
            lines += [f"  {one.sign} {one.title} ({one.id}): {one.in_words}" for one in standings]
        return "\n".join([self.sentence, *lines])

    def _repr_html_(self) -> str:
        table = self._notebook_table() if self.notebook else self._whole_table()
        return markup.boxed(markup.paragraph(f"<strong>{markup.prose(self.sentence)}</strong>"), table)

    def _notebook_table(self) -> str:
        rows = [
            [
                markup.text(one.title),
                f"{one.sign} {markup.text(one.in_words)}",
                f"<code>{markup.text(one.id)}</code>",
            ]
            for one in self.standings
        ]
        return markup.table(f"Exercises of {self.notebook}", ["exercise", "so far", "id"], rows)

    def _whole_table(self) -> str:
        rows = []
        for notebook, standings in self._by_notebook().items():
            link = f'<a href="{markup.text(notebook)}.ipynb#Your-turn">{markup.text(notebook)}</a>'
            titles = "<br>".join(
                f'{one.sign}<span class="lk-spoken"> {one.state}:</span> {markup.text(one.title)}'
                for one in standings
            )
            rows.append([link, _count(standings), titles])
        signs = ", ".join(f"{sign} {state}" for state, sign in _SIGNS)
        return markup.table(signs, ["notebook", "passed", "exercises"], rows)

    def _by_notebook(self) -> dict[str, list[Standing]]:
        found: dict[str, list[Standing]] = {}
        for standing in self.standings:
            found.setdefault(standing.notebook, []).append(standing)
        return found


def _count(standings: list[Standing]) -> str:
    return f"{sum(one.state == 'passed' for one in standings)} of {len(standings)}"


def overview(notebook: str | None = None) -> Overview:
    """What was tried and passed so far: of all exercises, or of the notebook with this id or number.

    Raises `UnknownNameError` for a notebook that has none.
    """
    known = dict.fromkeys(exercise.notebook for exercise in exercises().values())
    wanted = None if notebook is None else numbered(notebook, known)
    if wanted is not None and wanted not in known:
        raise unknown("notebook with exercises", wanted, known)
    return Overview(Progress(), wanted)
