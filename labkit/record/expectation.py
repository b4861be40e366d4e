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
        raise UnmetError(
            f"Expected {' and '.join(missing)}, but "
            + (f"this happened: {', '.join(o.kind for o in seen)}." if seen else "no guest was entered.")
        )


def seen_by_expectations(outcome: Outcome) -> None:
    """Tell every open expectation of this context."""
    for seen in _OPEN.get():
        seen.append(outcome)
