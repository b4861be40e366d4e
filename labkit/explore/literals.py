"""Values as people type them, checked against a shape: JSON, and WAVE's shorter way to write the same.

`circle(2.5)` and `{"circle": 2.5}` are the same case of a variant; names need no quotation marks, in records,
flags and lists neither, and text needs none where a whole argument is one. WAVE is the component model's notation
for values: https://github.com/bytecodealliance/wasm-tools/tree/main/crates/wasm-wave
"""

from __future__ import annotations

import re
from typing import Any

from labkit.errors import ArgumentError
from labkit.explore.notation import Braced, Reader, Word
from labkit.host.plain import short
from labkit.host.shape import FLOATS, INTEGERS, Part, Shape
from labkit.host.signature import Signature

_FLOAT_WORDS = ("nan", "inf", "-inf")

# The reader leaves what overflows as it is written.
_TOO_LARGE = re.compile(r"-?\d+(\.\d*)?([eE]\+?\d+)?")


def parse(shape: Shape, text: str, where: str) -> Any:
    """The plain value that `text` writes; raises `ArgumentError` with a sentence about the part that is wrong.

    `where` names what is being filled in, as `process-input: input` does.
    """
    if shape.kind == "string" and not text.lstrip().startswith('"'):
        return text
    if shape.kind == "char" and len(text) == 1:
        return text
    return fit(shape, Reader(text, where).one(), where)


def parse_call(text: str) -> tuple[str, str | None]:
    """A call as people write it, `name(…)` or `name`, as the export's name and the text of its arguments."""
    name, opening, rest = text.strip().partition("(")
    if not opening:
        return name.strip(), None
    if not rest.rstrip().endswith(")"):
        raise ArgumentError(f"{short(text)} is no call: a closing parenthesis is missing.")
    return name.strip(), rest.rstrip()[:-1]


def parse_arguments(signature: Signature, text: str | None) -> tuple[Any, ...]:
    """The arguments of a call, written as between the parentheses of a call; raises `ArgumentError`."""
    params = signature.params
    values = Reader(f"({text or ''})", signature.path).whole()
    if len(values) != len(params):
        wanted = f"{len(params)} argument{'s' * (len(params) != 1)}"
        raise ArgumentError(f"{signature.path} takes {wanted}, not {len(values)}: {signature}.")
    pairs = zip(params, values, strict=True)
    return tuple(_part(part, value, f"{signature.path}: `{part.name}`") for part, value in pairs)


def fit(shape: Shape, value: Any, where: str) -> Any:
    """`value` in the form that labkit's host takes for `shape`; raises `ArgumentError` where it does not fit."""

    def refuse(because: str) -> ArgumentError:
        return ArgumentError(f"{where} takes {shape}, not {short(value)}: {because}.")

    kind = shape.kind
    if kind in INTEGERS:
        low, high = INTEGERS[kind]
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse("a whole number is wanted")
        if not low <= value <= high:
            raise refuse(f"the range is {low} to {high}")
        return value
    if kind in FLOATS:
        return _float(kind, value, refuse)
    match kind:
        case "bool":
            if not isinstance(value, bool):
                raise refuse("write true or false")
            return value
        case "char":
            if not isinstance(value, str) or len(value) != 1:
                raise refuse("one character is wanted")
            return value
        case "string":
            if not isinstance(value, str):
                raise refuse('write a text, in quotation marks: "…"')
            return str(value)
        case "list":
            return _list(shape, value, where, refuse)
        case "tuple":
            if not isinstance(value, list) or len(value) != len(shape.parts):
                raise refuse(f"{len(shape.parts)} values are wanted, as in (…, …)")
            return [_part(part, item, f"{where}[{i}]") for i, (part, item) in
                    enumerate(zip(shape.parts, value, strict=True))]  # fmt: skip
        case "record":
            return _record(shape, value, where, refuse)
        case "flags":
            return _flags(shape, value, refuse)
        case "option":
            return _option(shape, value, where)
        case "enum" | "variant" | "result":
            return _case(shape, value, where, refuse)
    raise ArgumentError(f"{where} takes {shape}, which cannot be written as a value: only a guest can give one.")


def _float(kind: str, value: Any, refuse: Any) -> Any:
    if isinstance(value, str) and value in _FLOAT_WORDS:
        return str(value)
    if isinstance(value, Word) and _TOO_LARGE.fullmatch(value):
        raise refuse(f"it is too large for an {kind}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse("a number is wanted, or nan, inf, -inf")
    try:
        return float(value)
    except OverflowError:
        raise refuse(f"it is too large for an {kind}") from None


def _list(shape: Shape, value: Any, where: str, refuse: Any) -> Any:
    if shape.inner.kind == "u8" and isinstance(value, dict) and set(value) == {"bytes"}:
        try:
            bytes.fromhex(value["bytes"])
        except (ValueError, TypeError):
            raise refuse("two hexadecimal digits per byte are wanted") from None
        return value
    if not isinstance(value, list):
        raise refuse("write [a, b, …]")
    return [fit(shape.inner, item, f"{where}[{i}]") for i, item in enumerate(value)]


def _part(part: Part, value: Any, where: str) -> Any:
    return None if part.shape is None else fit(part.shape, value, where)


def _record(shape: Shape, value: Any, where: str, refuse: Any) -> Any:
    names = [part.name for part in shape.parts]
    if not isinstance(value, dict):
        raise refuse("write {" + ", ".join(f"{name}: …" for name in names) + "}")
    given = {str(name): item for name, item in value.items()}
    # What an option leaves out is none, as in WAVE.
    optional = {part.name for part in shape.parts if part.shape is not None and part.shape.kind == "option"}
    missing = [name for name in names if name not in given and name not in optional]
    wrong = [name for name in given if name not in names]
    if wrong:
        raise refuse(f"it has no field {wrong[0]!r}; its fields are {', '.join(names)}")
    if missing:
        raise refuse(f"{missing[0]!r} is missing")
    return {part.name: _part(part, given.get(part.name), f"{where}.{part.name}") for part in shape.parts}


def _flags(shape: Shape, value: Any, refuse: Any) -> Any:
    known = [part.name for part in shape.parts]
    # Braces with nothing in them are a record's as well.
    names = list(value) if isinstance(value, list | Braced) or value == {} else None
    if names is None or not all(isinstance(name, str) for name in names):
        raise refuse(f"write {{{', '.join(known[:2])}}}, with any of {', '.join(known)}")
    wrong = [name for name in names if name not in known]
    if wrong:
        raise refuse(f"{str(wrong[0])!r} is none of {', '.join(known)}")
    return sorted(str(name) for name in names)


def _option(shape: Shape, value: Any, where: str) -> Any:
    inner = shape.inner
    nested = inner.kind == "option"
    if value is None or (isinstance(value, Word) and value == "none"):
        return None
    if isinstance(value, dict) and set(value) == {"some"}:
        value = value["some"]
    fitted = fit(inner, value, where)
    return {"some": fitted} if nested else fitted


def _case(shape: Shape, value: Any, where: str, refuse: Any) -> Any:
    known = {part.name: part for part in shape.parts}
    listed = ", ".join(name if part.shape is None else f"{name}(…)" for name, part in known.items())
    if isinstance(value, str):
        name, payload, bare = str(value), None, True
    elif isinstance(value, dict) and len(value) == 1:
        ((name, payload),) = value.items()
        name, bare = str(name), False
    else:
        raise refuse(f"write one of {listed}")
    if name not in known:
        raise refuse(f"{name!r} is none of {listed}")
    inner = known[name].shape
    if inner is None:
        if not bare and payload is not None:
            raise refuse(f"{name} carries nothing")
        return {name: None} if shape.kind == "result" else name
    if bare:
        raise refuse(f"{name} carries a value: write {name}(…)")
    return {name: fit(inner, payload, f"{where}.{name}")}
