"""Keeps notes as the account book in Rust does, and answers with the same record."""

import traceback

import wit_world
from componentize_py_types import Err
from wit_world import PanicError

kept: list[int] = []


def refuse_above_50(amount: int) -> None:
    if amount > 50:
        raise ValueError(f"amount too large: {amount}")


def keep(amount: int) -> int:
    refuse_above_50(amount)
    kept.append(amount)
    return len(kept)


def told(error: Exception) -> PanicError:
    """What was said, and the innermost place of the traceback."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return PanicError(str(error), place.filename, place.lineno, place.colno + 1)


class WitWorld(wit_world.WitWorld):
    def note(self, amount: int) -> int:
        try:
            return keep(amount)
        except ValueError as error:
            # Raised as `Err` it is an answer: a value of the type that the world declares.
            raise Err(told(error)) from None

    def notes(self) -> int:
        return len(kept)

    def escape(self, amount: int) -> int:
        # Raised as anything else it leaves the guest, and is a trap.
        return keep(amount)
