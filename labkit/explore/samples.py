"""Values made from types: what a form begins with, what a stub returns, and what a health check calls with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from labkit.host.shape import FLOATS, INTEGERS, Shape
from labkit.host.signature import Signature

_TEXTS = ("", "labkit", "naïve ☃", "x" * 1000)
_SHOWN = 2


def zero(shape: Shape) -> Any:
    """The least value of a shape: 0, an empty text, an empty list, the first case, `none`, `ok`.

    `None` where no value can be written; see `Shape.plain`.
    """
    kind, parts = shape.kind, shape.parts
    if kind in INTEGERS:
        return 0
    if kind in FLOATS:
        return 0.0
    match kind:
        case "bool":
            return False
        case "string":
            return ""
        case "char":
            return "a"
        case "list" | "flags":
            return []
        case "tuple" | "values":
            return [_payload(part.shape) for part in parts]
        case "record":
            return {part.name: _payload(part.shape) for part in parts}
        case "enum":
            return parts[0].name
        case "variant":
            return _case(parts[0].name, parts[0].shape)
        case "result":
            return {"ok": _payload(parts[0].shape)}
    return None


def _payload(shape: Shape | None) -> Any:
    return None if shape is None else zero(shape)


def _case(name: str, payload: Shape | None) -> Any:
    return name if payload is None else {name: zero(payload)}


def samples(shape: Shape) -> Iterator[Any]:
    """Values of a shape, the least first: each case, and the edges of every part with the rest at its least."""
    kind, parts = shape.kind, shape.parts
    yield zero(shape)
    if kind in INTEGERS:
        low, high = INTEGERS[kind]
        # Most guests take a core module's integers for signed ones.
        high = high if kind[0] != "i" else -low - 1
        yield from (one for one in (1, 100, 10_000, high, low) if low <= one <= high and one != 0)
    elif kind in FLOATS:
        yield from (1.0, 100.0, -1.5, 1e30, "nan")
    elif kind == "bool":
        yield True
    elif kind == "string":
        yield from _TEXTS[1:]
    elif kind == "char":
        yield "☃"
    elif kind == "list":
        inner = list(islice(samples(shape.inner), 3))
        yield inner[:1]
        yield inner
        yield inner[-1:] * 100
    elif kind == "option":
        nested = shape.inner.kind == "option"
        yield from ({"some": one} if nested else one for one in islice(samples(shape.inner), 3))
    elif kind == "flags":
        yield [parts[0].name]
        yield sorted(part.name for part in parts)
    elif kind == "enum":
        yield from (part.name for part in parts[1:])
    elif kind == "variant":
        yield from (_case(part.name, part.shape) for part in parts[1:])
    elif kind == "result":
        yield {"err": _payload(parts[1].shape)}
    elif kind in ("record", "tuple"):
        yield from _varied(shape)


def _varied(shape: Shape) -> Iterator[Any]:
    """A record or tuple with one part after the other away from its least value."""
    for i, part in enumerate(shape.parts):
        if part.shape is None:
            continue
        for value in islice(samples(part.shape), 1, 1 + _SHOWN):
            least = zero(shape)
            least[part.name if shape.kind == "record" else i] = value
            yield least


def argument_lists(signature: Signature, limit: int) -> list[tuple[Any, ...]]:
    """Up to `limit` different lists of arguments for a function, the least first.

    None where a parameter takes what nobody can write, a resource for one.
    """
    shapes = [part.shape for part in signature.params if part.shape is not None]
    if not all(shape.plain for shape in shapes):
        return []
    found = [tuple(zero(shape) for shape in shapes)]
    columns = [list(islice(samples(shape), limit)) for shape in shapes]
    for row in range(1, max(map(len, columns), default=0)):
        together = tuple(column[min(row, len(column) - 1)] for column in columns)
        if together not in found:
            found.append(together)
    return found[:limit]
