"""How the host tells somebody what it does, without knowing who listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec

from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.host.wasi import Wasi


class Event(msgspec.Struct, frozen=True):
    """An instantiation or call that is about to happen; arguments are already plain data.

    `given`: the numbers of the instances whose exports answer imports, by the imports' module.
    """

    do: Literal["instantiate", "call"]
    store: int
    program: Program
    instance: int
    export: str | None = None
    args: tuple[Any, ...] = ()
    runner: int | None = None
    inside: int | None = None
    caller: str | None = None
    recompiled: bool = False
    awaited: bool = False
    given: dict[str, int] = {}


@dataclass
class HostCallSeen:
    """A call the guest made to a host function while a step was running."""

    name: str
    args: tuple[Any, ...]
    returned: Any = None
    raised: str | None = None


@dataclass
class Seen:
    """What was seen during one step besides its outcome; `us` is wall time in microseconds."""

    host_calls: list[HostCallSeen] = field(default_factory=list)
    us: float = 0.0


class Observer(Protocol):
    """Numbers stores, instances and steps, and keeps of them what it likes."""

    def open_store(self, wasi: Wasi | None = None, coroutines: tuple[str, ...] = ()) -> int:
        """The number of a new store; what it gives to its guests, and the imports that coroutines answer."""

    def close_store(self, store: int) -> None:
        """A store is gone."""

    def open_instance(self) -> int:
        """The number of a new instance."""

    def begin(self, event: Event) -> int:
        """The number of a step that starts now."""

    def end(self, step: int, outcome: Outcome, seen: Seen) -> None:
        """The step is over."""


class Counter:
    """An observer that numbers everything and keeps nothing."""

    def __init__(self) -> None:
        self._stores = self._instances = self._steps = 0

    def open_store(self, wasi: Wasi | None = None, coroutines: tuple[str, ...] = ()) -> int:
        """The number of a new store."""
        self._stores += 1
        return self._stores

    def close_store(self, store: int) -> None:
        """Nothing is kept."""

    def open_instance(self) -> int:
        """The number of a new instance."""
        self._instances += 1
        return self._instances

    def begin(self, event: Event) -> int:
        """The number of a step that starts now."""
        self._steps += 1
        return self._steps

    def end(self, step: int, outcome: Outcome, seen: Seen) -> None:
        """Nothing is kept."""
