"""S-expressions as WebAssembly's text formats have them: lists, atoms and strings, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from labkit.errors import FormatError

_DEEPEST = 200
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|;;[^\n]*)|(?P<open>\((?!;))|(?P<close>\))|(?P<comment>\(;)"""
    r"""|"(?P<string>(?:[^"\\]|\\.)*)"|(?P<atom>[^\s()";]+)""",
    re.DOTALL,
)
_COMMENT = re.compile(r"\(;|;\)")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F_]{1,8})\}|([0-9a-fA-F]{2})|(.))", re.DOTALL)
_NAMED = {"t": b"\t", "n": b"\n", "r": b"\r", '"': b'"', "'": b"'", "\\": b"\\"}


@dataclass
class Atom:
    """A word, a number, a name such as `$m`."""

    text: str
    line: int


@dataclass
class String:
    """A string, as the bytes that it stands for."""

    data: bytes
    line: int


@dataclass
class Group:
    """A list; `start` and `end` say where it stands in the text, from its parenthesis to the other."""

    line: int
    start: int
    items: list[Atom | String | Group] = field(default_factory=list)
    end: int = 0

    @property
    def head(self) -> str:
        """Its first word; empty if it does not begin with one."""
        first = self.items[0] if self.items else None
        return first.text if isinstance(first, Atom) else ""

    @property
    def words(self) -> list[str]:
        """The atoms in it, without those of inner lists."""
        return [item.text for item in self.items if isinstance(item, Atom)]

    @property
    def groups(self) -> list[Group]:
        """The lists in it."""
        return [item for item in self.items if isinstance(item, Group)]

    @property
    def strings(self) -> list[bytes]:
        """The strings in it."""
        return [item.data for item in self.items if isinstance(item, String)]


def read_groups(text: str) -> list[Group]:
    """The lists of a text, in order; raises `FormatError`, which names the line, for what is none."""
    outermost = Group(1, 0)
    open_groups = [outermost]
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise FormatError(f"Line {line} cannot be read: a string or a list is not closed there.")
        end = _end_of_comment(text, at, line) if found["comment"] else found.end()
        if found["open"]:
            if len(open_groups) > _DEEPEST:
                raise FormatError(f"Line {line} cannot be read: lists are nested deeper than {_DEEPEST}.")
            group = Group(line, at)
            open_groups[-1].items.append(group)
            open_groups.append(group)
        elif found["close"]:
            if len(open_groups) == 1:
                raise FormatError(f"Line {line} cannot be read: a list is closed that was not opened.")
            open_groups.pop().end = end
        elif found["string"] is not None:
            open_groups[-1].items.append(String(_unescaped(found["string"], line), line))
        elif found["atom"]:
            open_groups[-1].items.append(Atom(found["atom"], line))
        line += text.count("\n", at, end)
        at = end
    if len(open_groups) > 1:
        raise FormatError(f"The list that line {open_groups[-1].line} opens is never closed.")
    return outermost.groups


def _end_of_comment(text: str, at: int, line: int) -> int:
    depth = 0
    for mark in _COMMENT.finditer(text, at):
        depth += 1 if mark[0] == "(;" else -1
        if depth == 0:
            return mark.end()
    raise FormatError(f"The comment that line {line} opens is never closed.")


def _unescaped(text: str, line: int) -> bytes:
    parts, last = [], 0
    for found in _ESCAPE.finditer(text):
        parts.append(text[last : found.start()].encode())
        last = found.end()
        try:
            if found[1] is not None:
                parts.append(chr(int(found[1].replace("_", ""), 16)).encode())
            else:
                parts.append(bytes.fromhex(found[2]) if found[2] is not None else _NAMED[found[3]])
        except (KeyError, ValueError, OverflowError):
            raise FormatError(f"Line {line} cannot be read: {found[0]!r} stands for nothing.") from None
    return b"".join([*parts, text[last:].encode()])
