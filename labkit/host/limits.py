"""What a guest may use before the host stops it."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, omit_defaults=True):
    """Limits of one store.

    `seconds`: wall time of one call (None: no limit; the interrupt button works all the same).
    `memory`: bytes each linear memory may grow to. `fuel`: units given to the store once; only an engine made
    with fuel can count it.
    """

    seconds: float | None = 10.0
    memory: int | None = None
    fuel: int | None = None
