"""Rust's v0 mangling: `_R` and a path in a grammar of its own.

https://doc.rust-lang.org/rustc/symbol-mangling/v0.html has it; the letters below are its tags. Constants that are
more than numbers, truth values and characters are left to the reader of the mangled name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_BASIC: Final = {
    "a": "i8", "b": "bool", "c": "char", "d": "f64", "e": "str", "f": "f32", "h": "u8", "i": "isize", "j": "usize",
    "l": "i32", "m": "u32", "n": "i128", "o": "u128", "p": "_", "s": "i16", "t": "u16", "u": "()", "v": "...",
    "x": "i64", "y": "u64", "z": "!",
}  # fmt: skip
_INTEGERS: Final = "ahijlmnostxy"
_LONGEST: Final = 4000
_DEEPEST: Final = 100
# A name may refer back to parts of itself, which multiplies.
_MOST: Final = 2000


def demangled(symbol: str) -> str | None:
    """What a v0 name stands for, without the hashes of crates; `None` for any other name."""
    start = re.match(r"_{0,2}R(?=[A-Z])", symbol)
    if start is None or len(symbol) > _LONGEST or not symbol.isascii():
        return None
    body = symbol[start.end() :].partition(".llvm.")[0]
    body, dot, suffix = body.partition(".")
    reader = _Reader(body)
    try:
        said = reader.path(in_value=True)
        if reader.peek().isupper():
            reader.path(in_value=False)  # the crate that the code was made for
    except (_UnreadableError, ValueError):
        return None
    return f"{said}{dot}{suffix}" if reader.at == len(body) else None


class _UnreadableError(Exception):
    """A name that does not follow the grammar, or that is larger than anybody reads."""


class _Reader:
    """Reads a name from `at` on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._depth = 0
        self._taken = 0
        self._lifetimes = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def path(self, *, in_value: bool) -> str:
        return self._deeper(lambda: self._path(in_value))

    def _deeper(self, read: Callable[[], str]) -> str:
        self._depth += 1
        self._taken += 1
        if self._depth > _DEEPEST or self._taken > _MOST:
            raise _UnreadableError
        said = read()
        self._depth -= 1
        return said

    def _path(self, in_value: bool) -> str:
        match self._next():
            case "C":
                self._disambiguator()
                return self._identifier()
            case "N":
                return self._nested(in_value)
            case "M":
                self._impl()
                return f"<{self._type()}>"
            case "X":
                self._impl()
                return self._qualified()
            case "Y":
                return self._qualified()
            case "I":
                start = self.path(in_value=in_value)
                colons = "::" if in_value else ""
                return f"{start}{colons}<{', '.join(self._until_end(self._generic))}>"
            case "B":
                return self._back(lambda: self.path(in_value=in_value))
        raise _UnreadableError

    def _nested(self, in_value: bool) -> str:
        space = self._next()
        outer = self.path(in_value=in_value)
        number = self._disambiguator()
        name = self._identifier()
        if space.islower():
            return f"{outer}::{name}" if name else outer
        kind = {"C": "closure", "S": "shim"}.get(space, space)
        return f"{outer}::{{{kind}{':' if name else ''}{name}#{number}}}"

    def _impl(self) -> None:
        """Where an `impl` stands, which says nothing beside the type that it is for."""
        self._disambiguator()
        self.path(in_value=False)

    def _qualified(self) -> str:
        return f"<{self._type()} as {self.path(in_value=False)}>"

    def _generic(self) -> str:
        if self._take("L"):
            return self._lifetime(self._base62())
        return self._constant() if self._take("K") else self._type()

    def _type(self) -> str:
        return self._deeper(self._one_type)

    def _one_type(self) -> str:
        tag = self._next()
        if tag in _BASIC:
            return _BASIC[tag]
        match tag:
            case "A":
                return f"[{self._type()}; {self._constant()}]"
            case "S":
                return f"[{self._type()}]"
            case "T":
                parts = self._until_end(self._type)
                return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
            case "R" | "Q":
                life = self._base62() if self._take("L") else 0
                named = f"{self._lifetime(life)} " if life else ""
                return f"&{named}{'mut ' if tag == 'Q' else ''}{self._type()}"
            case "P":
                return f"*const {self._type()}"
            case "O":
                return f"*mut {self._type()}"
            case "F":
                return self._bound(self._function)
            case "D":
                said = self._bound(lambda: " + ".join(self._until_end(self._dyn_trait)))
                if not self._take("L"):
                    raise _UnreadableError
                life = self._base62()
                return f"dyn {said}" + (f" + {self._lifetime(life)}" if life else "")
            case "B":
                return self._back(self._type)
        self.at -= 1
        return self.path(in_value=False)

    def _function(self) -> str:
        unsafe = "unsafe " if self._take("U") else ""
        abi = ""
        if self._take("K"):
            name = "C" if self._take("C") else self._identifier().replace("_", "-")
            abi = f'extern "{name}" '
        arguments = ", ".join(self._until_end(self._type))
        result = "" if self._take("u") else f" -> {self._type()}"
        return f"{unsafe}{abi}fn({arguments}){result}"

    def _dyn_trait(self) -> str:
        generic = self.peek() == "I"
        said = self.path(in_value=False)
        bindings = []
        while self._take("p"):
            bindings.append(f"{self._identifier()} = {self._type()}")
        if not bindings:
            return said
        listed = ", ".join(bindings)
        return f"{said[:-1]}, {listed}>" if generic else f"{said}<{listed}>"

    def _bound(self, read: Callable[[], str]) -> str:
        """What lifetimes are bound for: `for<'a> fn(&'a str)`."""
        count = self._base62() + 1 if self._take("G") else 0
        if count > _DEEPEST:
            raise _UnreadableError
        self._lifetimes += count
        names = ", ".join(self._lifetime(count - i) for i in range(count))
        said = read()
        self._lifetimes -= count
        return f"for<{names}> {said}" if count else said

    def _lifetime(self, index: int) -> str:
        if index == 0:
            return "'_"
        depth = self._lifetimes - index
        if depth < 0:
            raise _UnreadableError
        return f"'{chr(ord('a') + depth)}" if depth < 26 else f"'_{depth}"

    def _constant(self) -> str:
        tag = self._next()
        if tag == "p":
            return "_"
        if tag == "B":
            return self._back(self._constant)
        minus = "-" if tag in _INTEGERS and self._take("n") else ""
        found = re.compile("([0-9a-f]*)_").match(self.text, self.at)
        if found is None or tag not in f"{_INTEGERS}bc":
            raise _UnreadableError
        self.at = found.end()
        value = int(found[1] or "0", 16)
        if tag == "b":
            return {0: "false", 1: "true"}.get(value, str(value))
        if tag == "c":
            return repr(chr(value)) if value < 0x110000 else str(value)
        return f"{minus}{value}" if value < 2**64 else f"{minus}{value:#x}"

    def _back(self, read: Callable[[], str]) -> str:
        """What was read at an earlier place stands here again."""
        here = self.at - 1
        to = self._base62()
        if to >= here:
            raise _UnreadableError
        self.at, after = to, self.at
        said = self._deeper(read)
        self.at = after
        return said

    def _until_end(self, read: Callable[[], str]) -> list[str]:
        said = []
        while not self._take("E"):
            said.append(read())
        return said

    def _identifier(self) -> str:
        encoded = self._take("u")
        found = re.compile("(0|[1-9][0-9]{0,3})_?").match(self.text, self.at)
        if found is None:
            raise _UnreadableError
        name = self.text[found.end() : found.end() + int(found[1])]
        if len(name) < int(found[1]):
            raise _UnreadableError
        self.at = found.end() + len(name)
        if not encoded:
            return name
        plain, _, rest = name.rpartition("_")
        return f"{plain}-{rest}".removeprefix("-").encode().decode("punycode")

    def _disambiguator(self) -> int:
        return self._base62() + 1 if self._take("s") else 0

    def _base62(self) -> int:
        found = re.compile("([0-9a-zA-Z]{0,12})_").match(self.text, self.at)
        if found is None:
            raise _UnreadableError
        self.at = found.end()
        value = 0
        for sign in found[1]:
            value = value * 62 + (int(sign, 36) if not sign.isupper() else ord(sign) - ord("A") + 36)
        return value + 1 if found[1] else 0

    def _take(self, tag: str) -> bool:
        if self.peek() == tag:
            self.at += 1
            return True
        return False

    def _next(self) -> str:
        tag = self.peek()
        if not tag:
            raise _UnreadableError
        self.at += 1
        return tag
