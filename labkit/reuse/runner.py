"""A runner: calls a program under a reuse policy, as a host with many requests would."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.errors import ClosedError
from labkit.host.engine import Engine
from labkit.host.instance import Instance
from labkit.host.limits import Limits
from labkit.host.observer import Observer
from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.host.store import HostFunction, Store
from labkit.host.wasi import Wasi
from labkit.record.knobs import Knobs
from labkit.reuse.policy import PolicyName, make_policy, policy_info

Watch = Callable[[Instance], None]
"""Told of an instance after it has been made and after each of its calls, while its store is still open."""


@dataclass
class Counts:
    """What a policy has used so far."""

    calls: int = 0
    stores: int = 0
    instances: int = 0
    compiles: int = 0


class Runner:
    """Answers calls to one program; close it, or use it as a context manager.

    The instance for each call is chosen by `policy`. Threads may share a runner: each call has its instance to
    itself, unless the policy keeps one for all. `program`, `policy` and `number` are what it was made of and what
    the trace calls it; `counts` has the `calls`, `stores`, `instances` and `compiles` so far.
    """

    def __init__(
        self,
        engine: Engine,
        observer: Observer,
        program: Program,
        *,
        policy: str = "keep",
        knobs: Knobs | None = None,
        imports: Mapping[str, HostFunction] | None = None,
        limits: Limits | None = None,
        wasi: Wasi | None = None,
        number: int = 1,
        watch: Watch | None = None,
    ) -> None:
        self.program = program
        self._watch = watch or (lambda _instance: None)
        self.policy: PolicyName = policy_info(policy).name
        self.number = number
        self.counts = Counts()
        self._engine = engine
        self._observer = observer
        self._imports = imports
        self._limits = limits
        self._wasi = wasi
        self._lock = threading.RLock()
        self._policy = make_policy(policy, self, knobs or Knobs())
        self._closed = False

    def open_store(self) -> Store:
        """A new store of this runner."""
        self.counts.stores += 1
        return Store(
            self._engine,
            self._observer,
            imports=self._imports,
            limits=self._limits,
            wasi=self._wasi,
            runner=self.number,
        )

    def instantiate(self, store: Store, *, recompile: bool = False) -> Instance:
        """A new instance of this runner's program in `store`."""
        self.counts.instances += 1
        self.counts.compiles += recompile
        try:
            instance = store.instantiate(self.program, recompile=recompile)
            self._watch(instance)
            return instance
        except BaseException:
            store.close()
            raise

    def call(self, export: str, *args: Any, caller: str | None = None) -> Outcome:
        """Call `export` on the instance the policy chooses.

        If that instance could not be made, its instantiation is the outcome. Raises `UnknownNameError`,
        `ArgumentError` and `ProgramError` as `Instance.call` and `Store.instantiate` do, `ClosedError` after
        `close`.
        """
        with self._lock:
            if self._closed:
                raise ClosedError("This runner is closed; make another one with lab.runner().")
            self.counts.calls += 1
            instance = self._policy.take()
        outcome = instance.outcome
        try:
            if outcome.ok:
                outcome = instance.call(export, *args, caller=caller)
                self._watch(instance)
        finally:
            with self._lock:
                self._policy.give_back(instance, outcome)
        return outcome

    def close(self) -> None:
        """Close every store of this runner."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._policy.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<runner {self.number}: {self.program.name}, {self.policy}, {self.counts.calls} calls>"
