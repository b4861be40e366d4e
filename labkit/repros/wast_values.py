"""The values of .wast scripts: `(i32.const 1)`, `(f64.const nan:canonical)`, `(str.const "x")`."""

from __future__ import annotations

import math
import re
import struct
from typing import Any

from labkit.errors import FormatError
from labkit.host.plain import plain
from labkit.repros.sexpr import Group

TRAPS = {
    "unreachable": "unreachable",
    "memory-out-of-bounds": "out of bounds memory access",
    "table-out-of-bounds": "undefined element",
    "indirect-call-to-null": "uninitialized element",
    "bad-signature": "indirect call type mismatch",
    "integer-overflow": "integer overflow",
    "integer-division-by-zero": "integer divide by zero",
    "bad-conversion-to-integer": "invalid conversion to integer",
    "stack-overflow": "call stack exhausted",
    "out-of-fuel": "all fuel consumed",
    "cannot-enter-component": "cannot enter component instance",
}
"""What scripts call the traps, by their codes; a script may leave out the end of a text."""

_INTEGER = re.compile(r"(?P<sign>[+-]?)(?P<digits>0x[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|[0-9]+(?:_[0-9]+)*)")
_NAN = re.compile(r"[+-]?nan(:.*)?")


def read_value(group: Group) -> Any:
    """The plain data of a constant; raises `FormatError` for what is none that labkit knows."""
    kind, _, what = group.head.partition(".")
    words = group.words[1:]
    if what == "const":
        if kind == "str" and len(group.strings) == 1:
            return group.strings[0].decode("utf-8", "replace")
        if kind == "list":
            return [read_value(inner) for inner in group.groups]
        if len(words) == 1:
            return _read_word(kind, words[0], group)
    raise FormatError(f"Line {group.line}: labkit knows no value such as `{group.head[:50]}`.")


def _read_word(kind: str, word: str, group: Group) -> Any:
    if kind == "bool" and word in ("true", "false"):
        return word == "true"
    if kind in ("f32", "f64"):
        return plain(_read_float(kind, word, group))
    found = _INTEGER.fullmatch(word)
    if found is not None and re.fullmatch(r"[isu](8|16|32|64)", kind):
        number = int(found["digits"].replace("_", ""), 0) if "x" in found["digits"] else int(found["digits"])
        number = -number if found["sign"] == "-" else number
        bits = int(kind[1:])
        if -(2 ** (bits - 1)) <= number < 2**bits:
            # An `i32` has no sign; hosts read it with one.
            return number - 2**bits if kind.startswith("i") and number >= 2 ** (bits - 1) else number
    raise FormatError(f"Line {group.line}: {word[:50]!r} is no {kind[:20]}.")


def _read_float(kind: str, word: str, group: Group) -> float:
    text = word.replace("_", "")
    try:
        if _NAN.fullmatch(text):
            value = math.nan
        elif "x" in text:
            value = float.fromhex(text)
        else:
            value = float(text)
        return float(struct.unpack("<f", struct.pack("<f", value))[0]) if kind == "f32" else value
    except (ValueError, OverflowError):
        raise FormatError(f"Line {group.line}: {word[:50]!r} is no {kind}.") from None


def write_value(kind: str, value: Any, *, any_nan: bool = False) -> str:
    """A number as a constant of a type; with `any_nan` a NaN stands for all of them."""
    if kind.startswith("f") and value not in ("nan", "inf", "-inf"):
        value = repr(float(value))
    return f"({kind}.const {'nan:arithmetic' if any_nan and value == 'nan' else value})"
