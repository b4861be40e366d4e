"""The words and signs of a WIT text, each with the doc comment above it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

END: Final = ""

_TOKEN: Final = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<line>//[^\n]*)"
    r"|(?P<block>/\*)"
    r"|(?P<name>%?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)"
    r"|(?P<number>[0-9][0-9A-Za-z.+-]*)"
    r"|(?P<sign>->|[{}()<>,;:=@./*_])"
)
_EDGE: Final = re.compile(r"/\*|\*/")


class WitError(Exception):
    """What is no WIT, as a clause that names the line."""


@dataclass(frozen=True)
class Token:
    """A word or sign; the last one of a text has none."""

    text: str
    line: int
    docs: str = ""
    is_name: bool = False

    @property
    def name(self) -> str:
        """A name without the sign that keeps it from being a keyword."""
        return self.text.removeprefix("%")

    @property
    def told(self) -> str:
        """What it is, for a sentence."""
        return self.text or "the end of the file"


def tokens(text: str) -> list[Token]:
    """The tokens of a text, and at its end two that are empty; raises `WitError`."""
    found: list[Token] = []
    docs: list[str] = []
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise WitError(f"line {line}: {text[at]!r} is no part of it")
        end = match.end()
        if match.lastgroup == "line" and match.group().startswith("///"):
            docs.append(match.group()[3:].removeprefix(" ").rstrip())
        elif match.lastgroup == "block":
            end = _block_end(text, at, line)
            if text.startswith("/**", at) and end - at > len("/***/"):
                docs += [part.strip().lstrip("*").strip() for part in text[at + 3 : end - 2].splitlines()]
        elif match.lastgroup in ("name", "number", "sign"):
            found.append(Token(match.group(), line, "\n".join(docs).strip(), match.lastgroup == "name"))
            docs = []
        line += text.count("\n", at, end)
        at = end
    # One more than the end, so that whoever looks a word ahead finds something.
    return [*found, *[Token(END, line)] * 3]


def _block_end(text: str, start: int, line: int) -> int:
    """Where a comment ends that may have others in it."""
    depth = 0
    for edge in _EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    raise WitError(f"line {line}: a comment does not end")
