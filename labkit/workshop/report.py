"""What somebody who shares their progress sends to the instructor's board: this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from labkit.decodable import decodable

LARGEST = 2**16
"""Bytes of a report: hundreds of exercises fit."""

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How far somebody is in one exercise: answers checked, hints seen, solution asked for, passed."""

    tries: Count = 0
    hints: Count = 0
    gave_up: bool = False
    passed: bool = False

    @property
    def begun(self) -> bool:
        """Whether anything was done in it at all."""
        return self != Standing()


@decodable
class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Every exercise that was begun, by id, and the `latest` one, if that is known.

    Whole each time, so that nothing is missing at a board that was away for a while. Who it is about is not in
    it: the board asks the hub whose token came with it.
    """

    exercises: Annotated[Mapping[Id, Standing], msgspec.Meta(max_length=1000)]
    latest: Id | None = None
