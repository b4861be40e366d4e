"""A store: what a trap poisons, and the unit that has to be replaced."""

from __future__ import annotations

import inspect
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import wasmtime

from labkit.errors import ClosedError, UnmetImportError
from labkit.host import async_api, async_calls, refusals, versions
from labkit.host.async_entry import AsyncEntry
from labkit.host.code import Code
from labkit.host.engine import Engine
from labkit.host.entry import Entry
from labkit.host.faults import read_fault
from labkit.host.given import check_made_up, check_met, externs
from labkit.host.handles import Handles
from labkit.host.health import Health
from labkit.host.instance import Instance
from labkit.host.limits import Limits
from labkit.host.observer import Event, Observer, Seen
from labkit.host.outcome import Cause, MemoryUse, Outcome
from labkit.host.output import Capture
from labkit.host.panics import panic_message
from labkit.host.program import Program, check_program
from labkit.host.turns import Turns
from labkit.host.wasi import Wasi, checked

HostFunction = Callable[..., Any]
"""Answers an import: a function, or an `async def` one, of plain data. What it raises stops the guest."""


class Store:
    """Holds instances, their memories and their WASI; `lab.store()` opens one.

    Close it, or use it as a context manager. `number` is what the trace calls it. `imports` maps an import's path
    (`log`, or `package:interface#name`; `module#name` for core modules) to the Python function that answers it; an
    `async def` function is linked for asynchronous calls, which makes the store refuse synchronous ones. `wasi`:
    what guests are given that ask for it. Calls from several threads take turns, asynchronous calls too. What
    happens inside guests comes back as outcomes; only wrong use raises.
    """

    def __init__(
        self,
        engine: Engine,
        observer: Observer,
        *,
        imports: Mapping[str, HostFunction] | None = None,
        limits: Limits | None = None,
        wasi: Wasi | None = None,
        runner: int | None = None,
    ) -> None:
        if engine.closed:
            raise ClosedError("This lab is closed; make a new one with Lab().")
        self.engine = engine
        self.limits = limits or Limits()
        self.runner = runner
        self.handles = Handles()
        self.health = Health(engine.release)
        self.health.async_engine = engine.settings.async_support and engine.release.has_async_switch
        self.wasi = checked(wasi)
        self.observer = observer
        self._imports = dict(imports or {})
        self._asynchronous = frozenset(path for path, f in self._imports.items() if _is_async(f))
        self.number = observer.open_store(self.wasi, tuple(sorted(self._asynchronous)))
        self.turn = threading.RLock()
        self.async_turns = Turns(self.number)
        self.suspended: AsyncEntry | None = None
        self._capture: Capture | None = None
        self._room: Path | None = None
        self._raw: wasmtime.Store | None = self._open()

    def _open(self) -> wasmtime.Store:
        raw = wasmtime.Store(self.engine.raw)
        versions.watch_epochs(raw, self.engine.on_tick, self.number)
        if self.engine.settings.async_support and not self.engine.release.yields_from_callback:
            async_api.yield_at_epochs(raw)
        if self.engine.settings.epoch_yield:
            async_api.yield_at_epochs(raw)
            self.health.async_since = 0
        if self.limits.memory is not None:
            raw.set_limits(memory_size=self.limits.memory)
        if self.engine.settings.fuel:
            versions.set_fuel(raw, 2**64 - 1 if self.limits.fuel is None else self.limits.fuel)
            if self.engine.settings.fuel_yield is not None:
                async_api.yield_at_fuel(raw, self.engine.settings.fuel_yield)
                self.health.async_since = 0
        return raw

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._raw is None

    @property
    def poisoned_by(self) -> int | None:
        """The step after which components in this store may not be entered any more, if any."""
        return self.health.poisoned_by if self.engine.release.poison_scope == "store" else None

    @property
    def raw(self) -> wasmtime.Store:
        """The runtime's own store; raises `ClosedError` after `close`."""
        if self._raw is None:
            raise self._closed_error()
        return self._raw

    def _closed_error(self) -> ClosedError:
        return ClosedError(f"Store {self.number} is closed; open another one with lab.store().")

    def host_function(self, path: str) -> HostFunction:
        """The function provided for an import; raises `UnmetImportError` if there is none."""
        if path not in self._imports:
            raise UnmetImportError(f"{path} was called, and nobody provides it")
        return self._imports[path]

    def instantiate(
        self,
        program: Program,
        *,
        caller: str | None = None,
        recompile: bool = False,
        given: Mapping[str, Instance] | None = None,
    ) -> Instance:
        """A new instance of `program` in this store, whatever state the store is in.

        If a start function traps, the instance's `outcome` says so and its calls are refused. `given` maps the
        module name of a core module's imports to an instance of this store whose exports answer them: its memory,
        for one. Raises `ProgramError` when the program is invalid or an import is not provided, `ArgumentError`
        for an instance that has nothing to give, `ClosedError` after `close`, `UnsafeError` where an asynchronous
        host function could abort this process.
        """
        check_program(program)
        started = time.perf_counter_ns()
        code = self.engine.compile(program, again=recompile)
        compiling = time.perf_counter_ns() - started if recompile else 0
        with self.turn:
            return self._instantiate(code, caller, given or {}, recompiled=recompile, compiling=compiling)

    async def instantiate_async(
        self, program: Program, *, caller: str | None = None, given: Mapping[str, Instance] | None = None
    ) -> Instance:
        """A new instance of `program`, made asynchronously, as its coroutine host functions want it.

        It waits for its turn in this store. Raises as `instantiate` does, `LabkitError` where asynchronous calls
        cannot be made, and `CancelledError` when it is cancelled.
        """
        return Instance(self, *await async_calls.instantiate(self, program, caller, given or {}))

    def _instantiate(
        self, code: Code, caller: str | None, given: Mapping[str, Instance], *, recompiled: bool, compiling: int
    ) -> Instance:
        taken = self.given(code, given)
        asynchronous = self.coroutines(code, taken)
        cause = refusals.of_sync_entry(self)
        if asynchronous and cause is None:
            cause = refusals.of_sync_linking(self, code.program, asynchronous)
        event = self.instantiation(code, caller, given, recompiled=recompiled)
        if cause is not None:
            return Instance(self, code, event.instance, None, self.refuse(event, cause))
        self.add_wasi(code)
        made: list[Any] = []

        def make() -> Outcome:
            self.health.link(code.wasi, coroutines=bool(asynchronous))
            made.append(code.instantiate(self.raw, asynchronous, taken))
            return Outcome("returned")

        outcome = self.enter(event, make, compiling=compiling)
        return Instance(self, code, event.instance, made[0] if made else None, outcome)

    def given(self, code: Code, given: Mapping[str, Instance]) -> dict[str, Any]:
        """What other instances export for `code`, by import path; see `instantiate`."""
        if self.closed:
            raise self._closed_error()
        return externs(self, code, given)

    def coroutines(self, code: Code, given: Mapping[str, Any]) -> frozenset[str]:
        """The imports of `code` that coroutines answer.

        Raises `ProgramError` if nobody provides one of the others.
        """
        if self.engine.settings.lenient:
            check_made_up(code, given, self.engine.release)
        else:
            check_met(code, self._imports, given)
        return self._asynchronous.intersection(code.imports).difference(given)

    def instantiation(
        self,
        code: Code,
        caller: str | None,
        given: Mapping[str, Instance],
        *,
        recompiled: bool = False,
        awaited: bool = False,
    ) -> Event:
        """The event of an instantiation."""
        return Event(
            do="instantiate",
            store=self.number,
            program=code.program,
            instance=self.observer.open_instance(),
            runner=self.runner,
            inside=self._inside(),
            caller=caller,
            recompiled=recompiled,
            awaited=awaited,
            given={module: instance.number for module, instance in given.items()},
        )

    def add_wasi(self, code: Code) -> None:
        """Give `code` what it may ask for, and capture what it will write, from its first instantiation on."""
        if code.wasi and self._capture is None:
            captures = self.engine.captures
            self._capture = captures.take()
            config = wasmtime.WasiConfig()
            self._capture.attach(config)
            if self.wasi is not None:
                self._room = captures.room() if self.wasi.needs_room else None
                self.wasi.furnish(config, self._room)
            self.raw.set_wasi(config)

    def _inside(self) -> int | None:
        around = self.engine.entries.stack or self.engine.chain.entries
        return around[-1].step if around else None

    def event(
        self,
        instance: Instance,
        export: str,
        args: tuple[Any, ...],
        caller: str | None,
        *,
        awaited: bool = False,
    ) -> Event:
        """The event of a call."""
        return Event(
            do="call",
            store=self.number,
            program=instance.program,
            instance=instance.number,
            export=export,
            args=args,
            runner=self.runner,
            inside=self._inside(),
            caller=caller,
            awaited=awaited,
        )

    def refuse(self, event: Event, cause: Cause) -> Outcome:
        """Record a step that is not even tried."""
        step = self.observer.begin(event)
        outcome = Outcome("refused", cause=cause)
        self.observer.end(step, outcome, Seen())
        return msgspec.structs.replace(outcome, step=step)

    def enter(
        self,
        event: Event,
        action: Callable[[], Outcome],
        *,
        compiling: int = 0,
        memory: Callable[[], int | None] = lambda: None,
    ) -> Outcome:
        """Run `action`, which enters a guest, and turn whatever happens into an outcome.

        `compiling` is what the step spent before, in nanoseconds, on compiling the program again. `memory` is
        asked how large the guest's memory is, where a failure may be due to that. Raises only `KeyboardInterrupt`,
        after the step has been recorded, and `LabkitError` when entries lie too deep.
        """
        entries = self.engine.entries
        entries.check_depth()
        with self.turn:
            entry = Entry(self.observer.begin(event), self, self.limits.seconds)
            self.health.inside.append(entry.step)
            started = time.perf_counter_ns() - compiling
            try:
                with self.engine.ticker:
                    handler = entries.push(entry)
                    try:
                        outcome = self.attempt(entry, event, action)
                    finally:
                        entries.pop(handler)
            finally:
                self.health.inside.pop()
                entry.seen.us = (time.perf_counter_ns() - started) / 1000
            outcome = self.conclude(entry, event, outcome, memory)
        if entry.interrupted:
            raise KeyboardInterrupt
        return outcome

    def conclude(
        self, entry: Entry, event: Event, outcome: Outcome, memory: Callable[[], int | None] = lambda: None
    ) -> Outcome:
        """Record how a step ended."""
        if outcome.kind == "trapped" or (self._capture is not None and self._capture.grown):
            outcome = self._with_output(outcome, entry)
        limit = self.limits.memory
        if outcome.code == "unreachable" and limit is not None and outcome.panic is None:
            outcome = msgspec.structs.replace(outcome, memory=MemoryUse(limit, memory()))
        self.health.note(entry.step, event.instance, outcome.kind)
        if event.do == "call" and not self.engine.settings.post_return:
            self.health.owe(entry.step, event.instance, outcome.kind)
        self.observer.end(entry.step, outcome, entry.seen)
        entry.release()
        return msgspec.structs.replace(outcome, step=entry.step)

    def attempt(self, entry: Entry, event: Event, action: Callable[[], Outcome]) -> Outcome:
        """Run `action`; whatever it raises of a guest is an outcome."""
        try:
            return action()
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            fault = read_fault(error)
        except (NotImplementedError, AssertionError, ValueError) as error:
            # wasmtime-py has no conversion for some types yet, and finds out after the call.
            return Outcome("host-error", raised=type(error).__name__, message=str(error))
        if entry.interrupted:
            return Outcome("timed-out", code="interrupt", message="interrupted", frames=fault.frames)
        if entry.raised is not None:
            raised, entry.raised = entry.raised, None
            if isinstance(raised, KeyboardInterrupt):
                entry.interrupted = True
            raised.__traceback__ = None
            return Outcome("host-error", raised=type(raised).__name__, message=str(raised), frames=fault.frames)
        if entry.timed_out:
            return Outcome("timed-out", code="interrupt", message=fault.message, frames=fault.frames)
        if fault.status is not None:
            return Outcome("exited", status=fault.status, message=fault.message)
        if fault.code == "cannot-enter-component":
            return Outcome(
                "refused", code=fault.code, message=fault.message, cause=self.health.cause(event.instance)
            )
        if fault.code is None and not fault.frames:
            cause = self.health.cause_before_entry(
                instantiating=event.do == "instantiate", awaited=entry.asynchronous
            )
            if cause is not None:
                return Outcome("refused", message=fault.message, cause=cause)
        return Outcome("trapped", code=fault.code, message=fault.message, frames=fault.frames)

    def _with_output(self, outcome: Outcome, entry: Entry) -> Outcome:
        stdout, stderr = self._capture.read() if self._capture else ("", "")
        panic = None
        if outcome.kind == "trapped":
            panic = panic_message([stderr, *(str(arg) for call in entry.seen.host_calls for arg in call.args)])
        if stdout or stderr or panic:
            return msgspec.structs.replace(outcome, stdout=stdout, stderr=stderr, panic=panic)
        return outcome

    def close(self) -> None:
        """Free everything in the store now; calls to its instances are refused from here on."""
        with self.turn:
            if self._raw is None:
                return
            if self.suspended is not None and self.suspended not in self.engine.entries.stack:
                raise ClosedError(
                    f"Store {self.number} cannot be closed while step {self.suspended.step} is suspended in it; "
                    "await it or cancel it first."
                )
            if self.health.inside:
                raise ClosedError(
                    f"Store {self.number} cannot be closed from a host function while step "
                    f"{self.health.inside[-1]} is still inside it."
                )
            self.handles.close()
            versions.close(self._raw)
            self._raw = None
            if self._capture is not None:
                self.engine.captures.give_back(self._capture)
                self._capture = None
            if self._room is not None:
                shutil.rmtree(self._room, ignore_errors=True)
                self._room = None
            self.observer.close_store(self.number)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"poisoned by step {self.poisoned_by}" if self.poisoned_by else "open"
        return f"<store {self.number}, {state}>"


def _is_async(function: HostFunction) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
