"""A guest that moves all of an amount or nothing, whatever happens on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.errors import LabkitError
from labkit.host import Instance, Program
from labkit.lab import Lab
from labkit.workshop.checks.finding import Finding


@dataclass(frozen=True)
class _Move:
    """A transfer in the one instance, and what both accounts hold after it."""

    amount: int
    allowed: bool
    accounts: tuple[int, int]


# The book is neither new nor the same after each: an answer that puts the beginning back is found out.
MOVES = (
    _Move(40, True, (60, 40)),
    _Move(60, False, (60, 40)),
    _Move(51, False, (60, 40)),
    _Move(10, True, (50, 50)),
    _Move(2**31 - 1, False, (50, 50)),
    _Move(50, True, (0, 100)),
    _Move(60, False, (0, 100)),
)


def whole_transfer(program: Any) -> list[Finding]:
    """Whether a `process-transfer` guest refuses what is too large with an error, and leaves no half of it."""
    if not isinstance(program, Program):
        return [Finding(False, "Give the check your program: the variable that the %%guest cell made.")]
    try:
        with Lab(seconds=2) as lab, lab.store() as store:
            instance = store.instantiate(program)
            for move in MOVES:
                wrong = _wrong(instance, move)
                if wrong is not None:
                    return [Finding(False, wrong)]
    except LabkitError as error:
        return [Finding(False, str(error))]
    refused = sum(not move.allowed for move in MOVES)
    return [
        Finding(True, f"{refused} transfers were refused with an error, and left both accounts as they were."),
        Finding(True, f"The same instance made the other {len(MOVES) - refused}, each of them whole."),
    ]


def _wrong(instance: Instance, move: _Move) -> str | None:
    """What is not as it should be about one transfer, as a sentence."""
    call = f"transfer({move.amount})"
    outcome = instance.call("transfer", move.amount)
    if not outcome.ok:
        return f"{call} should be answered, whatever it says; it {outcome.describe()}."
    if move.allowed and (outcome.kind, outcome.value) != ("returned", 100):
        return f"{call} is allowed and should return 100; it {outcome.describe()}."
    if not move.allowed and outcome.kind != "guest-error":
        return f"{call} is too large and should be answered with an error; it {outcome.describe()}."
    held = tuple(instance.call(account).value for account in ("first", "second"))
    if held == move.accounts:
        return None
    should = f"the accounts should hold {_and(move.accounts)}; they hold {_and(held)}"
    if move.allowed:
        return f"After {call} {should}."
    half = ", so half of it was done" if sum(held) != sum(move.accounts) else ""
    return f"{call} was refused, and {should}{half}."


def _and(pair: tuple[int, ...]) -> str:
    return " and ".join(map(str, pair))
