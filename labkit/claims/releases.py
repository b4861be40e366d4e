"""Which releases a claim holds in: `39-41`, `42-44, 49-`, `all`, `none`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from labkit.errors import FormatError
from labkit.host.versions import FIRST_WITH_COMPONENTS, Release

_NEWEST: Final = 9999
_PART: Final = re.compile(r"(?:from )?(?P<low>\d+)?(?P<to>-)?(?P<high>\d+)?")

Answer = TypeVar("Answer")

Span = tuple[int, int]
"""Two majors, both within."""


class Releases:
    """A set of Wasmtime majors, read from the ledger's short form.

    `all` and `none` speak for themselves; `39-41` is from 39 up to 41, `42-` and `from 42` everything since 42,
    `-41` everything up to 41, and commas join several. Raises `FormatError` for anything else.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._spans = _spans(text)

    def __contains__(self, version: str) -> bool:
        major = Release(version).major
        return any(low <= major <= high for low, high in self._spans)

    @property
    def always(self) -> bool:
        """Whether it holds in every release."""
        return self._spans == ((0, _NEWEST),)

    @property
    def never(self) -> bool:
        """Whether it holds in none."""
        return not self._spans

    @property
    def sentence(self) -> str:
        """The rest of `it holds …`: `up to 41`, `from 42 to 44 and since 49`, `everywhere`, `nowhere`."""
        if self.always:
            return "everywhere"
        parts = [_words(span) for span in self._spans]
        return " and ".join(parts) or "nowhere"


def _spans(text: str) -> tuple[Span, ...]:
    if text == "all":
        return ((0, _NEWEST),)
    if text == "none":
        return ()
    found = []
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None or not (match["low"] or match["high"]):
            raise FormatError(f"{text!r} names no releases; write them as 39-41, 42-, -41, all or none.")
        low = int(match["low"] or 0)
        open_end = match["to"] or part.strip().startswith("from ")
        high = int(match["high"]) if match["high"] else _NEWEST if open_end else low
        if high < low:
            raise FormatError(f"{text!r} names no releases: {high} is before {low}.")
        found.append((low, high))
    return tuple(found)


def _words(span: Span) -> str:
    low, high = span
    # Nothing before it runs a component, so that a claim about components holds from the first day on.
    from_the_first = low <= FIRST_WITH_COMPONENTS
    if high == _NEWEST:
        return f"since {low}"
    if from_the_first:
        return f"up to {high}"
    return f"in {low}" if low == high else f"from {low} to {high}"


def short_names(versions: Sequence[str]) -> dict[str, str]:
    """Each version by its major where that says which one it is: `41` for `41.0.0`."""
    often = Counter(Release(version).major for version in versions)
    return {
        version: str(Release(version).major) if often[Release(version).major] == 1 else version
        for version in versions
    }


def compressed(answers: Mapping[str, Answer]) -> list[tuple[Answer, str]]:
    """Neighbouring releases with the same answer as one range: `[("holds", "39–41"), ("cannot-run", "42")]`."""
    names = short_names(list(answers))
    runs: list[tuple[Answer, list[str]]] = []
    for version, answer in answers.items():
        if runs and runs[-1][0] == answer:
            runs[-1][1].append(names[version])
        else:
            runs.append((answer, [names[version]]))
    return [(answer, run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}") for answer, run in runs]
