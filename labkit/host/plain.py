"""Plain data: what a trace can hold and JSON can carry, whatever release of wasmtime is there."""

from __future__ import annotations

import math
from typing import Any

from labkit.host.handles import Handle

FLOAT_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
"""Floats that JSON has no sign for, by the words that stand for them."""


def plain(value: Any) -> Any:
    """A value as a trace holds it: what JSON has no sign for becomes a word or a small dict."""
    match value:
        case float() if not math.isfinite(value):
            return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
        case bytes() | bytearray():
            return {"bytes": value.hex()}
        case Handle():
            return {"resource": value.number}
        case list() | tuple():
            return [plain(v) for v in value]
        case set() | frozenset():
            return sorted(plain(v) for v in value)
        case dict():
            return {key: plain(v) for key, v in value.items()}
        case None | bool() | int() | float() | str():
            return value
    return repr(value)


def short(value: Any) -> str:
    """A value for a sentence: as Python writes it, cut where that is long."""
    try:
        text = repr(value)
    except ValueError:
        # Python does not write out an integer of thousands of digits.
        return "an enormous integer"
    return text if len(text) <= 60 else f"{text[:57]}…"
