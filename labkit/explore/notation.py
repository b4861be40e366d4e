"""Reads values as people type them, JSON among it, without knowing what type they are meant for.

WAVE is the component model's notation for values:
https://github.com/bytecodealliance/wasm-tools/tree/main/crates/wasm-wave
"""

from __future__ import annotations

import json
import math
from typing import Any

from labkit import bounds
from labkit.errors import ArgumentError
from labkit.host.plain import short

_END = ",:)]}({["


class Word(str):
    """A name without quotation marks."""

    __slots__ = ()


class Braced(tuple[Any, ...]):
    """What stood in braces without values: flags."""

    __slots__ = ()


class Reader:
    """Reads one value from `text`; `where` names what it is for. Raises `ArgumentError` for what is none."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._at = 0

    def one(self) -> Any:
        """The only value of the text."""
        value = self._value(0)
        self._end()
        return value

    def _value(self, depth: int) -> Any:
        if depth > bounds.DEPTH:
            raise self._wrong("it is nested too deeply")
        sign = self._peek()
        if sign == '"':
            return self._string()
        if sign == "[":
            return self._several("[", "]", depth)
        if sign == "(":
            return self._several("(", ")", depth)
        if sign == "{":
            return self._braces(depth)
        word = self._word()
        if self._peek() == "(":
            inside = self._several("(", ")", depth)
            # Only a tuple has several, and without parentheses of its own it is a tuple all the same.
            return {str(word): inside[0] if len(inside) == 1 else inside or None}
        return word

    def whole(self) -> list[Any]:
        """The values that stand in parentheses, of a text that is nothing else."""
        found = self._several("(", ")", 0)
        self._end()
        return found

    def _end(self) -> None:
        if self._peek():
            raise self._wrong(f"after the value stands {self._text[self._at :].strip()[:20]!r}")

    def _peek(self) -> str:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _string(self) -> str:
        try:
            value, self._at = json.JSONDecoder().raw_decode(self._text, self._at)
        except ValueError:
            raise self._wrong("a text has no closing quotation mark, or a wrong escape") from None
        return str(value)

    def _word(self) -> Any:
        start = self._at
        while (sign := self._text[self._at : self._at + 1]) and sign not in _END and not sign.isspace():
            self._at += 1
        word = self._text[start : self._at]
        if not word:
            raise self._wrong(f"{sign!r} is unexpected" if sign else "a value is missing")
        if word in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[word]
        return _number(word)

    def _several(self, opening: str, closing: str, depth: int) -> list[Any]:
        self._at += 1
        found: list[Any] = []
        while self._peek() != closing:
            found.append(self._value(depth + 1))
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != closing:
                raise self._wrong(f"{opening} is not closed by {closing}")
        self._at += 1
        return found

    def _braces(self, depth: int) -> Any:
        self._at += 1
        fields: dict[str, Any] = {}
        names: list[Any] = []
        while self._peek() != "}":
            name = self._string() if self._peek() == '"' else self._word()
            if self._peek() == ":":
                self._at += 1
                fields[str(name)] = self._value(depth + 1)
            else:
                names.append(name)
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "}":
                raise self._wrong("{ is not closed by }")
        self._at += 1
        if names and fields:
            raise self._wrong("a record has a value for each field, as in {name: value}")
        return fields if fields or not names else Braced(names)

    def _wrong(self, why: str) -> ArgumentError:
        return ArgumentError(f"{self._where}: {short(self._text)} cannot be read, because {why}.")


def _number(word: str) -> Any:
    try:
        return int(word, 0)
    except ValueError:
        pass
    try:
        value = float(word)
    except ValueError:
        return Word(word)
    # The words for what is no number are words here too.
    return value if math.isfinite(value) else Word(word)
