"""Rust's legacy mangling: `_ZN`, each part of the path behind its length, a hash, `E`."""

from __future__ import annotations

import re
from typing import Final

_HASH: Final = re.compile(r"h[0-9a-f]{16}")
_SIGNS: Final = {
    "SP": "@", "BP": "*", "RF": "&", "LT": "<", "GT": ">", "LP": "(", "RP": ")", "C": ",",
}  # fmt: skip
_LONGEST: Final = 4000


def demangled(symbol: str) -> str | None:
    """The path that a legacy name stands for, without its hash; `None` for any other name."""
    if len(symbol) > _LONGEST or not symbol.isascii():
        return None
    start = re.match("_{0,2}ZN", symbol)
    if start is None:
        return None
    parts, end = _parts(symbol, start.end())
    suffix = symbol[end + 1 :].partition(".llvm.")[0]
    if not parts or symbol[end : end + 1] != "E" or (suffix and not re.fullmatch(r"\.[\w.@$]+", suffix)):
        return None
    if len(parts) > 1 and _HASH.fullmatch(parts[-1]):
        parts.pop()
    return "::".join(_unescaped(part) for part in parts) + suffix


def _parts(symbol: str, at: int) -> tuple[list[str], int]:
    """The parts of the path from `at` on, each of which says how long it is, and where they end."""
    parts = []
    while found := re.compile(r"[0-9]{1,4}").match(symbol, at):
        at = found.end() + int(found[0])
        parts.append(symbol[found.end() : at])
        if at > len(symbol) or not parts[-1]:
            return [], at
    return parts, at


def _unescaped(part: str) -> str:
    """`$LT$T$u20$as$u20$Trait$GT$` is `<T as Trait>`, and two dots stand for two colons."""
    part = part.removeprefix("_") if part.startswith("_$") else part
    return re.sub(r"\$(\w+)\$|\.\.", _sign, part, flags=re.ASCII)


def _sign(found: re.Match[str]) -> str:
    word = found[1]
    if word is None:
        return "::"
    if re.fullmatch(r"u[0-9a-f]{1,5}", word):
        return chr(int(word[1:], 16))
    return _SIGNS.get(word, found[0])
