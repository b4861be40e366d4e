"""What a check finds in an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing a check looked at, and whether it is as the task wants it."""

    passed: bool
    text: str


def raised(error: BaseException) -> Finding:
    """Whatever a trainee's function raises is a finding about it, not a failure of the check."""
    said = f": {error}".removesuffix(".") if str(error) else ""
    return Finding(False, f"Your function raised {type(error).__name__}{said}.")


Check = Callable[[Any], list[Finding]]
"""Judges an answer: reads traces and programs, never the text of the answer, so that every right one passes."""
