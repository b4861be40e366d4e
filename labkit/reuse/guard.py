"""A guard around one instance: after an abort nobody enters it, and hooks are told once.

The semantics are those of wasm-bindgen's generated code: the flag is set before any hook runs, a hook that raises
cannot hide what happened, and starting over has to be asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.errors import ClosedError
from labkit.host import memory
from labkit.host.engine import Engine
from labkit.host.health import POISONING
from labkit.host.instance import Instance
from labkit.host.limits import Limits
from labkit.host.observer import Observer
from labkit.host.outcome import Cause, Outcome
from labkit.host.plain import plain
from labkit.host.program import Program
from labkit.host.store import HostFunction, Store
from labkit.host.wasi import Wasi
from labkit.record.trace import Trace


@dataclass(frozen=True)
class Abort:
    """What a hook is told: the failing `outcome`, the `trace` up to it, and the `instance` it ended."""

    outcome: Outcome
    trace: Trace
    instance: Instance

    def memory(self, start: int = 0, stop: int | None = None) -> bytes:
        """The guest's memory as the abort left it; see `labkit.host.memory.read`."""
        return memory.read(self.instance, start, stop)


AbortHook = Callable[[Abort], object]


class Guard:
    """Calls one instance of `program` for as long as it is sound; close it, or use it as a context manager.

    An abort is every outcome after which a guest's state is undefined, be it a component, which Wasmtime closes
    itself, or a core module, which it does not. `hook_errors` are the exceptions that hooks raised.
    """

    def __init__(
        self,
        engine: Engine,
        observer: Observer,
        program: Program,
        *,
        trace: Callable[[], Trace],
        imports: Mapping[str, HostFunction] | None = None,
        limits: Limits | None = None,
        wasi: Wasi | None = None,
        number: int = 1,
    ) -> None:
        self.program = program
        self.number = number
        self.hook_errors: list[Exception] = []
        self._open: Callable[[], Store] = lambda: Store(
            engine, observer, imports=imports, limits=limits, wasi=wasi, runner=number
        )
        self._trace = trace
        self._hooks: tuple[AbortHook, ...] = ()
        self._instance: Instance | None = None
        self._aborted_by: int | None = None
        self._reinit = False
        self._closed = False
        self._lock = threading.RLock()

    @property
    def aborted_by(self) -> int | None:
        """The step that ended the instance, or None while it is sound."""
        return self._aborted_by

    def on_abort(self, *hooks: AbortHook) -> tuple[AbortHook, ...]:
        """Have `hooks` called in this order after an abort, once; returns those that were set before."""
        with self._lock:
            before, self._hooks = self._hooks, hooks
            return before

    def schedule_reinit(self) -> None:
        """Have the next call begin in a new store, whether the instance is sound or not; its state is lost."""
        self._reinit = True

    def call(self, export: str, *args: Any, caller: str | None = None) -> Outcome:
        """Call `export`, or refuse to, with the step to blame.

        Raises as `Instance.call` and `Store.instantiate` do, and `ClosedError` after `close`.
        """
        with self._lock:
            instance = self._current()
            if self._aborted_by is not None:
                event = instance.store.event(instance, export, tuple(plain(arg) for arg in args), caller)
                return instance.store.refuse(event, Cause("terminated", self._aborted_by))
            outcome = instance.outcome
            try:
                if outcome.ok:
                    outcome = instance.call(export, *args, caller=caller)
            except KeyboardInterrupt:
                # The step is recorded, and whoever pressed the button hears of that and of nothing else.
                self._aborted_by = instance.store.health.poisoned_by
                raise
            if outcome.kind in POISONING:
                self._abort(instance, outcome)
            return outcome

    def _current(self) -> Instance:
        if self._closed:
            raise ClosedError("This guard is closed; make another one with lab.guarded().")
        if self._reinit and not self._is_inside():
            self._drop()
        if self._instance is None:
            self._instance = self._open().instantiate(self.program)
        return self._instance

    def _is_inside(self) -> bool:
        """Whether a host function of the guest is calling: its store cannot be closed yet."""
        return self._instance is not None and bool(self._instance.store.health.inside)

    def _abort(self, instance: Instance, outcome: Outcome) -> None:
        # First of all: a hook may call, and must not get in.
        self._aborted_by = outcome.step
        for hook in self._hooks:
            try:
                hook(Abort(outcome, self._trace(), instance))
            except Exception as error:
                self.hook_errors.append(error)

    def _drop(self) -> None:
        if self._instance is not None:
            self._instance.store.close()
        self._instance, self._aborted_by, self._reinit = None, None, False

    def close(self) -> None:
        """Close the instance's store."""
        with self._lock:
            self._drop()
            self._closed = True

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "sound" if self._aborted_by is None else f"aborted by step {self._aborted_by}"
        return f"<guard {self.number}: {self.program.name}, {state}>"
