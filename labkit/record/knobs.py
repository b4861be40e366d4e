"""The settings of a reuse policy, as a scenario holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from labkit import bounds
from labkit.bounds import Number
from labkit.errors import ArgumentError, unknown


class Knobs(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Settings of a policy, as `wasmtime serve` has them.

    `max_reuse`: calls one instance may answer. `idle_timeout`: seconds an unused instance is kept. `pool_size`:
    prepared instances. `drop_on_error`: replace an instance for a guest's own error too, which is waste.
    """

    max_reuse: Number | None = None
    idle_timeout: Annotated[float, Meta(ge=0, le=bounds.SECONDS)] | None = None
    pool_size: Number = 4
    drop_on_error: bool = False

    def __post_init__(self) -> None:
        for name, least in (("max_reuse", 1), ("idle_timeout", 0), ("pool_size", 1)):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or value < least):
                raise ArgumentError(f"{name} must be at least {least}, not {value!r}.")


def make_knobs(given: Mapping[str, Any]) -> Knobs:
    """Knobs by name; raises `UnknownNameError` for a name, `ArgumentError` for a value that no policy takes."""
    for name in given.keys() - set(Knobs.__struct_fields__):
        raise unknown("knob of a reuse policy", name, Knobs.__struct_fields__)
    return Knobs(**given)
