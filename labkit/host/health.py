"""The history of a store, as far as it decides who may still be entered.

Wasmtime gives one text, `cannot enter component instance`, for several causes. Which one it was is read from
here: from what happened before, and from the release.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from labkit.host.code import WasiLinking
from labkit.host.outcome import Cause, Kind
from labkit.host.versions import Release

POISONING: frozenset[Kind] = frozenset({"trapped", "exited", "host-error", "timed-out", "aborted"})
"""Outcomes after which a guest's state is undefined, so that Wasmtime does not let its components be entered."""


@dataclass
class Health:
    """Which steps poisoned what in one store, and which calls are still inside it.

    `async_since` is the step that linked an asynchronous host function into it, 0 if its own guests yield: from
    then on the store wants asynchronous calls. `async_engine`: so does its engine, whatever is linked (up to 41).
    `owing`: by instance, the step whose `post_return` the host left out. `linked_twice`: the step that defined the
    same imports a second time, which no linker takes.
    """

    release: Release
    poisoned_by: int | None = None
    instances_poisoned_by: dict[int, int] = field(default_factory=dict)
    owing: dict[int, int] = field(default_factory=dict)
    async_since: int | None = None
    async_engine: bool = False
    linked_twice: int | None = None
    inside: list[int] = field(default_factory=list)

    def note(self, step: int, instance: int, kind: Kind) -> None:
        """Remember an outcome if it poisons; the first one is the one to blame."""
        if kind not in POISONING:
            return
        if self.poisoned_by is None:
            self.poisoned_by = step
        self.instances_poisoned_by.setdefault(instance, step)

    def owe(self, step: int, instance: int, kind: Kind) -> None:
        """Remember a call whose `post_return` nobody will call, for the first one keeps the others out."""
        if self.release.owes_post_return and kind in ("returned", "guest-error"):
            self.owing.setdefault(instance, step)

    def link(self, wasi: WasiLinking | None, *, coroutines: bool) -> None:
        """The step that is running links this WASI, and perhaps coroutines."""
        if wasi == "both":
            self.linked_twice = self.inside[-1]
        elif (coroutines or wasi == "async") and self.async_since is None:
            self.async_since = self.inside[-1]

    def cause_before_entry(self, *, instantiating: bool, awaited: bool) -> Cause | None:
        """Why the runtime failed before it entered a guest, for a failure that is no trap."""
        if instantiating and self.linked_twice == self.inside[-1]:
            return Cause("linked-twice")
        if not awaited and (self.async_since is not None or self.async_engine):
            return Cause("async-required", self.async_since or None)
        # Imports are checked before, so what else fails without entering the guest is a lack of room.
        return Cause("limit") if instantiating else None

    def cause(self, instance: int) -> Cause:
        """Why the runtime would not enter `instance` just now."""
        scope = self.release.poison_scope
        blamed = self.poisoned_by if scope == "store" else self.instances_poisoned_by.get(instance)
        if blamed is not None:
            return Cause("poisoned", blamed, scope)
        if instance in self.owing:
            return Cause("post-return", self.owing[instance])
        if len(self.inside) > 1:
            return Cause("re-entrance", self.inside[-2])
        return Cause("unknown")
