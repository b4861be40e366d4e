"""Plain data on its way between two processes, by value: what msgpack carries, with the rest spelled out.

Every dict is a spelled-out value with one key that names its kind, so nothing can be mistaken for it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from labkit.host.outcome import Outcome
from labkit.host.plain import plain
from labkit.host.program import Program
from labkit.record.scenario import Scenario
from labkit.record.trace import Trace

_DATA: dict[str, type] = {kind.__name__: kind for kind in (Outcome, Program, Scenario, Trace)}

_DEEPEST = 50


class NotPlainError(Exception):
    """A value that cannot go by value; its text names the type."""


def pack(value: Any, depth: int = 0) -> Any:
    """A value in the form `unpack` takes. Raises `NotPlainError` for what is no plain data, or too deep."""
    if depth > _DEEPEST:
        raise NotPlainError("something nested too deeply")
    # Exact types: a subclass is more than its value, and would come back as less.
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else {"int": hex(value)}
    if kind is list:
        return [pack(item, depth + 1) for item in value]
    if kind is tuple:
        return {"tuple": [pack(item, depth + 1) for item in value]}
    if kind is dict:
        return {"dict": [[pack(key, depth + 1), pack(item, depth + 1)] for key, item in value.items()]}
    if _DATA.get(kind.__name__) is kind:
        try:
            return {kind.__name__: msgspec.msgpack.encode(value, enc_hook=plain)}
        except (TypeError, OverflowError, RecursionError):
            pass
    raise NotPlainError(f"a {kind.__name__}")


def unpack(packed: Any) -> Any:
    """The value. Raises `ValueError` for what `pack` does not make."""
    if isinstance(packed, list):
        return [unpack(item) for item in packed]
    if not isinstance(packed, dict):
        return packed
    ((kind, inside),) = packed.items()
    if kind == "int":
        return int(inside, 16)
    if kind == "tuple":
        return tuple(unpack(item) for item in inside)
    if kind == "dict":
        return {unpack(key): unpack(item) for key, item in inside}
    if kind in _DATA:
        return msgspec.msgpack.decode(inside, type=_DATA[kind])
    raise ValueError(f"{kind!r} is no kind of value.")
