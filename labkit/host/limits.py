"""What a guest may use before the host stops it."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from labkit import bounds

N = TypeVar("N", int, float)


class Limits(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Limits of one store.

    `seconds`: wall time of one call (None: no limit; the interrupt button works all the same).
    `memory`: bytes each linear memory may grow to. `fuel`: units given to the store once; only an engine made
    with fuel can count it.
    """

    seconds: Annotated[float, Meta(gt=0, le=bounds.SECONDS)] | None = 10.0
    memory: Annotated[int, Meta(ge=0, le=bounds.MEMORY)] | None = None
    fuel: Annotated[int, Meta(ge=0, le=bounds.FUEL)] | None = None

    def within(self, ceiling: Limits) -> Limits:
        """These limits, each no looser than that of `ceiling`."""
        return Limits(
            seconds=_tighter(self.seconds, ceiling.seconds),
            memory=_tighter(self.memory, ceiling.memory),
            fuel=_tighter(self.fuel, ceiling.fuel),
        )


def _tighter(one: N | None, other: N | None) -> N | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)
