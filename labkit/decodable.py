"""Structs that may be decoded for the first time by several threads at once."""

from __future__ import annotations

from typing import TypeVar

import msgspec

Kind = TypeVar("Kind", bound=type)


def decodable(kind: Kind) -> Kind:
    """Have msgspec look through `kind`, and all it is made of, now: a class decorator.

    It does so when a type is first decoded, and (as of 0.22) two threads that are first at the same time crash the
    process. While a module is imported there is one thread at it.
    """
    msgspec.json.Decoder(kind)
    return kind
