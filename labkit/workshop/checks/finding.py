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


Check = Callable[[Any], list[Finding]]
"""Judges an answer: reads traces and programs, never the text of the answer, so that every right one passes."""
