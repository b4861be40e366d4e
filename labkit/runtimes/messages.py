"""What parent and child say to each other: one job down, one line of JSON per record up."""

from __future__ import annotations

from typing import Any

import msgspec

from labkit.decodable import decodable
from labkit.host.outcome import Outcome
from labkit.host.plain import plain
from labkit.host.program import Program
from labkit.record.knobs import Knobs
from labkit.record.scenario import Scenario
from labkit.record.trace import ProgramRecord, Step, StoreRecord


class Job(msgspec.Struct, frozen=True):
    """Everything a child needs; the programs by the names the scenario uses.

    `kept` is a folder for machine code, and `memories` asks for what each call changes in an exported memory.
    """

    scenario: Scenario
    programs: dict[str, Program]
    policy: str | None
    knobs: Knobs
    kept: str | None = None
    memories: bool = False


class Failure(msgspec.Struct, frozen=True):
    """A `LabkitError` that ended the play: its class and its sentence."""

    error: str
    sentence: str


class StepMemory(msgspec.Struct, frozen=True):
    """What changed in the memory of an instance since it was last looked at, which was before step `n`.

    `diff` is a `MemoryDiff`, which a child that looks into no memory need not know.
    """

    n: int
    diff: msgspec.Raw


@decodable
class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line from the child: a record that is new or has changed, or how it ended."""

    step: Step | None = None
    program: ProgramRecord | None = None
    store: StoreRecord | None = None
    memory: StepMemory | None = None
    failure: Failure | None = None
    done: bool = False


def line_for(record: Step | ProgramRecord | StoreRecord) -> bytes:
    """The line that tells the parent of `record`."""
    match record:
        case Step():
            message = Message(step=portable(record))
        case ProgramRecord():
            message = Message(program=record)
        case StoreRecord():
            message = Message(store=record)
    return line(message)


def line(message: Message) -> bytes:
    """A message as one line."""
    return msgspec.json.encode(message) + b"\n"


def portable(step: Step) -> Step:
    """Values as a trace writes them: JSON has no NaN, and a resource stays where it is."""
    if step.outcome is None:
        return step
    outcome: Outcome = msgspec.structs.replace(
        step.outcome, value=_plain(step.outcome.value), error=_plain(step.outcome.error)
    )
    return msgspec.structs.replace(step, outcome=outcome)


def _plain(value: Any) -> Any:
    return None if value is None else plain(value)
