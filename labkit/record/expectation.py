"""`with expect("trapped"):` fails a cell in which nothing trapped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from labkit.errors import ArgumentError, LabkitError
from labkit.host.outcome import KINDS, Kind, Outcome


class UnmetError(LabkitError, AssertionError):
    """An expected outcome did not happen."""


_OPEN: ContextVar[tuple[list[Outcome], ...]] = ContextVar("expectations", default=())


@contextmanager
def expect(*kinds: Kind) -> Iterator[list[Outcome]]:
    """Require that each of `kinds` happens in the body, in any lab; gives the outcomes seen.

    Raises `UnmetError` naming what is missing, `ArgumentError` for a word that is no outcome kind.
    """
    wrong = [kind for kind in kinds if kind not in KINDS]
    if wrong or not kinds:
        raise ArgumentError(f"expect() takes outcome kinds ({', '.join(KINDS)}), not {wrong or 'nothing'}.")
    seen: list[Outcome] = []
    token = _OPEN.set((*_OPEN.get(), seen))
    try:
        yield seen
    finally:
        _OPEN.reset(token)
    happened = {outcome.kind for outcome in seen}
    missing = [kind for kind in kinds if kind not in happened]
    if missing:
        raise UnmetError(f"Expected {' and '.join(missing)}, but {_instead(seen)}")


def _instead(seen: list[Outcome]) -> str:
    if not seen:
        return "no guest was entered."
    happened = f"this happened: {', '.join(outcome.kind for outcome in seen)}."
    poisoned = next((one.cause for one in seen if one.cause is not None and one.cause.kind == "poisoned"), None)
    if poisoned is None:
        return happened
    again = "If the cell ran before, run the one that makes the instance first."
    return f"{happened} Step {poisoned.step} poisoned the store. {again}"


def seen_by_expectations(outcome: Outcome) -> None:
    """Tell every open expectation of this context."""
    for seen in _OPEN.get():
        seen.append(outcome)
