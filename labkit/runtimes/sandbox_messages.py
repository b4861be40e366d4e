"""What the two sides of a sandbox say to each other: one job down, frames of msgpack up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from labkit.decodable import decodable
from labkit.record.trace import ProgramRecord, Step, StoreRecord
from labkit.runtimes.messages import portable
from labkit.runtimes.sandbox_body import Body, Luggage

_LENGTH = 4


class LabSettings(msgspec.Struct, frozen=True):
    """The limits of a lab, as `Lab` takes them."""

    seconds: float | None = 10.0
    memory: int | None = 2**30
    fuel: int | None = None


class SandboxJob(msgspec.Struct, frozen=True):
    """Everything the child needs."""

    body: Body
    luggage: Luggage
    lab: LabSettings


class BodyFailure(msgspec.Struct, frozen=True):
    """An exception that ended the body: its class, its text, the lines to show, the name it lacked, if any."""

    kind: str
    message: str
    lines: tuple[str, ...]
    lacked: str | None = None


class Finish(msgspec.Struct, frozen=True):
    """The body came to its end: `names` and `value` packed; `text` stands for a value that cannot come."""

    names: dict[str, Any] = {}
    value: Any = None
    text: str | None = None
    failure: BodyFailure | None = None


@decodable
class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """One frame: a record that is new or has changed, or how it ended."""

    step: Step | None = None
    program: ProgramRecord | None = None
    store: StoreRecord | None = None
    finish: Finish | None = None


def frame_for(record: Step | ProgramRecord | StoreRecord) -> bytes:
    """The frame that tells of `record`."""
    match record:
        case Step():
            return frame(Told(step=portable(record)))
        case ProgramRecord():
            return frame(Told(program=record))
        case StoreRecord():
            return frame(Told(store=record))


def frame(told: Told) -> bytes:
    """A message with its length before it."""
    data = msgspec.msgpack.encode(told)
    return len(data).to_bytes(_LENGTH, "big") + data


class Frames:
    """Bytes as they come into messages as they are complete."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def take(self, data: bytes) -> Iterator[Told]:
        """The messages that are complete now."""
        self._rest += data
        while len(self._rest) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._rest[:_LENGTH], "big")
            if len(self._rest) < end:
                return
            whole = bytes(self._rest[_LENGTH:end])
            del self._rest[:end]
            yield msgspec.msgpack.decode(whole, type=Told)
