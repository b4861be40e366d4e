"""What whoever measures and whoever waits for it say to each other: one job down, one line of JSON per message
up.
"""

from __future__ import annotations

import msgspec

from labkit.cost.plans import Plan
from labkit.cost.results import Machine, Table
from labkit.decodable import decodable
from labkit.host.program import Program


class Job(msgspec.Struct, frozen=True):
    """Tables, with seconds for all of them, and the programs of their workloads by name."""

    plans: tuple[Plan, ...]
    seconds: float
    programs: dict[str, Program]
    absent: dict[str, str]


@decodable
class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """News: the machine, first of all; a table as far as it has come; how much of the time is over, 0 to 1; or the
    sentence of an error that ended the run. One without any of them says that all is well.
    """

    machine: Machine | None = None
    table: Table | None = None
    part: float | None = None
    failure: str = ""


def line(message: Message) -> bytes:
    """A message as one line."""
    return msgspec.json.encode(message) + b"\n"
