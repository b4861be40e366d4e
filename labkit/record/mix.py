"""A mix of synchronous and asynchronous: five switches, and the scenario that they make (wasmtime issue 9515)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

import msgspec

from labkit.errors import ArgumentError
from labkit.host.engine import EngineSettings
from labkit.record.scenario import HostBehaviour, Scenario, ScenarioStep

WAIT: Final = 0.2
"""Seconds that a host function waits, where it does: many times what a call takes otherwise."""

EngineMode = Literal["plain", "async"]
"""How the engine is made; since Wasmtime 42 there is no difference any more."""

Link = Literal["plain", "coroutine"]
"""What is linked in as the host function."""

Entry = Literal["sync", "awaited"]
"""How the host instantiates or calls."""

Work = Literal["returns", "blocks", "sleeps", "thread", "asyncio.run"]
"""What the host function does: return at once, keep its thread, wait as coroutines do, have another thread do the
blocking, or start an event loop to wait in."""

WORKS: Final[Mapping[Link, tuple[Work, ...]]] = MappingProxyType(
    {
        "plain": ("returns", "blocks", "asyncio.run"),
        "coroutine": ("returns", "sleeps", "blocks", "thread"),
    }
)
"""What each kind of host function can do."""

_NEIGHBOURS: Final[Mapping[Work, Work]] = MappingProxyType(
    {"sleeps": "blocks", "thread": "blocks", "asyncio.run": "sleeps"}
)
_MENDED: Final[Mapping[Work, tuple[Link, Work]]] = MappingProxyType(
    {"blocks": ("coroutine", "thread"), "asyncio.run": ("coroutine", "sleeps")}
)
_BEHAVIOURS: Final[Mapping[Work, HostBehaviour]] = MappingProxyType(
    {
        "returns": HostBehaviour(),
        "blocks": HostBehaviour(blocks=WAIT),
        "sleeps": HostBehaviour(sleeps=WAIT),
        "thread": HostBehaviour(blocks=WAIT, in_thread=True),
        "asyncio.run": HostBehaviour(sleeps=WAIT, nested_loop="asyncio.run"),
    }
)
_ENGINES: Final[Mapping[EngineMode, str]] = MappingProxyType(
    {"plain": "A plain engine", "async": "An engine made for async"}
)
_LINKS: Final[Mapping[Link, str]] = MappingProxyType(
    {"plain": "a plain host function", "coroutine": "a coroutine"}
)
_WORKS: Final[Mapping[Work, str]] = MappingProxyType(
    {
        "returns": "that returns at once",
        "blocks": f"that blocks for {WAIT} s",
        "sleeps": f"that sleeps for {WAIT} s",
        "thread": f"that has a thread blocked for {WAIT} s",
        "asyncio.run": "that starts asyncio.run",
    }
)
_ENTRIES: Final[Mapping[Entry, str]] = MappingProxyType({"sync": "synchronous", "awaited": "awaited"})


class Mix(msgspec.Struct, frozen=True):
    """How the five switches stand. Raises `ArgumentError` for a host function that cannot do such work."""

    engine: EngineMode = "async"
    link: Link = "plain"
    instantiate: Entry = "sync"
    call: Entry = "sync"
    work: Work = "returns"

    def __post_init__(self) -> None:
        if self.work not in WORKS[self.link]:
            able = ", ".join(WORKS[self.link])
            raise ArgumentError(
                f"{_LINKS[self.link].capitalize()} has no use for {self.work!r}; it can do: {able}."
            )

    @property
    def title(self) -> str:
        """The mix in words."""
        return (
            f"{_ENGINES[self.engine]}, {_LINKS[self.link]} {_WORKS[self.work]}, "
            f"{_ENTRIES[self.instantiate]} instantiation, {_ENTRIES[self.call]} call"
        )

    def linked(self, link: Link) -> Mix:
        """The same with another kind of host function; what that one cannot do becomes what is nearest to it."""
        work = self.work if self.work in WORKS[link] else _NEIGHBOURS[self.work]
        return msgspec.structs.replace(self, link=link, work=work)

    def mended(self) -> Mix:
        """The nearest mix that goes together on every release and leaves the event loop free.

        A host function that waits goes on waiting, in a way that others need not wait for. A coroutine wants an
        engine made for async and everything awaited; without one, either all of that or nothing.
        """
        link, work = _MENDED.get(self.work, (self.link, self.work))
        awaited = Mix("async", link, "awaited", "awaited", work)
        if link == "coroutine":
            return awaited
        return min((awaited, Mix("plain", link, "sync", "sync", work)), key=self._distance)

    def _distance(self, other: Mix) -> int:
        return sum(getattr(self, name) != getattr(other, name) for name in self.__struct_fields__)


def every_mix() -> list[Mix]:
    """All mixes that make sense."""
    return [
        Mix(engine, link, instantiate, call, work)
        for engine in get_args(EngineMode)
        for link in get_args(Link)
        for instantiate in get_args(Entry)
        for call in get_args(Entry)
        for work in WORKS[link]
    ]


def scenario_of_mix(mix: Mix) -> Scenario:
    """The scenario that a mix makes: guest `host-log` is instantiated and `run` called once, under an event loop.

    The loop runs whatever is awaited, as it does in a notebook or below a web framework.
    """
    switches = (mix.engine, mix.link, mix.instantiate, mix.call, mix.work.replace(".", "-"))
    behaviour = msgspec.structs.replace(_BEHAVIOURS[mix.work], asynchronous=mix.link == "coroutine")
    return Scenario(
        id=f"03-sync-and-async/mix-{'-'.join(switches)}",
        title=mix.title,
        guest="host-log",
        steps=(
            ScenarioStep(do="instantiate", store=1, instance=1, asynchronous=mix.instantiate == "awaited"),
            ScenarioStep(instance=1, export="run", asynchronous=mix.call == "awaited"),
        ),
        imports={"host#log": behaviour},
        engine=EngineSettings(async_support=mix.engine == "async"),
        in_loop=True,
    )
