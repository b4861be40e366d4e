"""The reuse policies: who decides which store the next call goes to.

A policy takes an instance for a call and gets it back with the call's outcome. Everything else (opening, counting,
closing) is the supply's.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from labkit.errors import unknown
from labkit.host.instance import Instance
from labkit.host.outcome import Outcome
from labkit.host.store import Store
from labkit.record.knobs import Knobs

PolicyName = Literal["keep", "fresh-instance", "rebuild-on-trap", "fresh-store", "recompile", "pool"]


class PolicyInfo(msgspec.Struct, frozen=True):
    """A policy in words: what it does, and what becomes of the guest's state."""

    name: PolicyName
    summary: str
    state: str


POLICIES: tuple[PolicyInfo, ...] = (
    PolicyInfo("keep", "one live instance for every call", "kept, until a trap makes it unreachable"),
    PolicyInfo("fresh-instance", "a new instance per call, always in the same store", "lost with every call"),
    PolicyInfo(
        "rebuild-on-trap", "one live instance; after a trap a new store", "kept between traps, lost by one"
    ),
    PolicyInfo("fresh-store", "a new store and instance per call", "lost with every call"),
    PolicyInfo("recompile", "compile the program again inside every call", "lost with every call"),
    PolicyInfo("pool", "prepared instances in turn; a trapped one is replaced", "kept per pooled instance"),
)
"""The reuse policies: `name`, `summary` and `state` say what each is called and does."""

POLICY_NAMES: tuple[PolicyName, ...] = tuple(info.name for info in POLICIES)


def policy_info(name: str) -> PolicyInfo:
    """The policy with this name; raises `UnknownNameError` with the nearest ones."""
    for info in POLICIES:
        if info.name == name:
            return info
    raise unknown("reuse policy", name, POLICY_NAMES)


class Supply(Protocol):
    """Makes what a policy asks for, each with its own count."""

    def open_store(self) -> Store:
        """A new store."""

    def instantiate(self, store: Store, *, recompile: bool = False) -> Instance:
        """A new instance in `store`, compiling the program again if asked."""


class Policy(Protocol):
    """Lends instances for calls."""

    def take(self) -> Instance:
        """The instance for the next call; its `outcome` may say that it could not be made."""

    def give_back(self, instance: Instance, outcome: Outcome) -> None:
        """The call is over."""

    def close(self) -> None:
        """Close every store."""


@dataclass
class _Live:
    """An instance with what the knobs need to know about it."""

    instance: Instance
    calls: int = 0
    last_used: float = 0.0


def _worn_out(live: _Live, knobs: Knobs) -> bool:
    if knobs.max_reuse is not None and live.calls >= knobs.max_reuse:
        return True
    return knobs.idle_timeout is not None and time.monotonic() - live.last_used > knobs.idle_timeout


def _unhealthy(outcome: Outcome, knobs: Knobs) -> bool:
    """A guest's own error leaves the instance healthy; anything else but an answer does not."""
    return not outcome.ok or (knobs.drop_on_error and outcome.kind == "guest-error")


class _OneLive:
    """`keep` and `rebuild-on-trap`: one live instance, which a trap ends or does not."""

    def __init__(self, supply: Supply, knobs: Knobs, *, rebuild: bool) -> None:
        self._supply = supply
        self._knobs = knobs
        self._rebuild = rebuild
        self._live: _Live | None = None

    def take(self) -> Instance:
        if self._live is not None and _worn_out(self._live, self._knobs):
            self.close()
        if self._live is None:
            instance = self._supply.instantiate(self._supply.open_store())
            self._live = _Live(instance, last_used=time.monotonic())
        return self._live.instance

    def give_back(self, instance: Instance, outcome: Outcome) -> None:
        if self._live is None or self._live.instance is not instance:
            return
        self._live.calls += 1
        self._live.last_used = time.monotonic()
        if self._rebuild and _unhealthy(outcome, self._knobs):
            self.close()

    def close(self) -> None:
        if self._live is not None:
            self._live.instance.store.close()
            self._live = None


class _FreshInstance:
    """A new instance per call in one store: the wrong fix since Wasmtime 42."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply
        self._store: Store | None = None

    def take(self) -> Instance:
        if self._store is None:
            self._store = self._supply.open_store()
        return self._supply.instantiate(self._store)

    def give_back(self, instance: Instance, outcome: Outcome) -> None:
        """Nothing to do: the next call makes its own instance."""

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


class _FreshStore:
    """`fresh-store`, and `recompile` when the program is compiled anew each time."""

    def __init__(self, supply: Supply, *, recompile: bool) -> None:
        self._supply = supply
        self._recompile = recompile

    def take(self) -> Instance:
        return self._supply.instantiate(self._supply.open_store(), recompile=self._recompile)

    def give_back(self, instance: Instance, outcome: Outcome) -> None:
        instance.store.close()

    def close(self) -> None:
        """Nothing is kept between calls."""


class _Pool:
    """Instances prepared before they are needed, used in turn; an unhealthy one is replaced at once."""

    def __init__(self, supply: Supply, knobs: Knobs) -> None:
        self._supply = supply
        self._knobs = knobs
        self._free: deque[_Live] = deque()
        self._lent: dict[int, _Live] = {}

    def _prepare(self) -> _Live:
        return _Live(self._supply.instantiate(self._supply.open_store()), last_used=time.monotonic())

    def take(self) -> Instance:
        while len(self._free) + len(self._lent) < self._knobs.pool_size:
            self._free.append(self._prepare())
        live = self._free.popleft() if self._free else self._prepare()
        if _worn_out(live, self._knobs):
            live.instance.store.close()
            live = self._prepare()
        self._lent[live.instance.number] = live
        return live.instance

    def give_back(self, instance: Instance, outcome: Outcome) -> None:
        live = self._lent.pop(instance.number)
        live.calls += 1
        live.last_used = time.monotonic()
        full = len(self._free) + len(self._lent) >= self._knobs.pool_size
        if _unhealthy(outcome, self._knobs) or full:
            instance.store.close()
        else:
            self._free.append(live)

    def close(self) -> None:
        for live in (*self._free, *self._lent.values()):
            live.instance.store.close()
        self._free.clear()
        self._lent.clear()


def make_policy(name: str, supply: Supply, knobs: Knobs) -> Policy:
    """The policy named `name`; raises `UnknownNameError`."""
    match policy_info(name).name:
        case "keep":
            return _OneLive(supply, knobs, rebuild=False)
        case "rebuild-on-trap":
            return _OneLive(supply, knobs, rebuild=True)
        case "fresh-instance":
            return _FreshInstance(supply)
        case "fresh-store":
            return _FreshStore(supply, recompile=False)
        case "recompile":
            return _FreshStore(supply, recompile=True)
        case "pool":
            return _Pool(supply, knobs)
