"""An engine: compiles programs, keeps what it compiled, and watches over running guests."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import wasmtime
from msgspec import Meta

from labkit import bounds
from labkit.errors import ClosedError, LabkitError, ProgramError, UnsafeError
from labkit.host import async_api, lacks, versions
from labkit.host.async_entry import Chain
from labkit.host.code import Code, WasiLinking
from labkit.host.entry import Entries
from labkit.host.faults import root_cause
from labkit.host.host_tasks import HostTasks
from labkit.host.module import ModuleCode
from labkit.host.output import Captures
from labkit.host.program import Program
from labkit.host.ticker import Ticker

ASYNC_STACK = 8 * 2**20
"""Bytes of an asynchronous call's stack. Plain host functions run on it too, so it is as large as Python's own."""


class EngineSettings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Knobs of an engine. `fuel`: count it (costs about 1.4×). `copy_on_write`: map memory images lazily.

    `async_support`: make it for asynchronous calls, as Wasmtime up to 41 wants to be told; later releases ignore
    it. `epoch_yield`: guests hand control back at every epoch, for which every call has to be asynchronous; in an
    asynchronous call they do so anyway. `fuel_yield`: they do so after that many units of `fuel`, too (since 20).
    `component_async`: components may export and import `async` functions (since 45). `wasi`: which of the
    runtime's two WASI components get: for synchronous calls, for asynchronous calls (since 45), or `both`, one
    after the other. `exceptions`: guests may throw and catch WebAssembly's own exceptions, as they may anyway
    since 47. `winch`: Winch makes the machine code, Wasmtime's baseline compiler: several times quicker than
    Cranelift, for code that is slower (since 45). `backtrace_details`: every trap of a guest with DWARF looks its
    lines up. `post_return`: the host calls it after every call of a component, as Wasmtime up to 41 wants it.
    `unmet`: whether a program whose imports nobody provides is refused, or is made all the same and stopped when
    it calls one of them.
    """

    fuel: bool = False
    copy_on_write: bool = True
    async_support: bool = False
    epoch_yield: bool = False
    fuel_yield: Annotated[int, Meta(gt=0, le=bounds.FUEL)] | None = None
    component_async: bool = False
    exceptions: bool = False
    wasi: WasiLinking = "sync"
    winch: bool = False
    backtrace_details: bool = False
    post_return: bool = True
    unmet: Literal["refuse", "trap"] = "refuse"

    @property
    def lenient(self) -> bool:
        """Whether programs are made although some of their imports are missing."""
        return self.unmet == "trap"


class Engine:
    """Wraps `wasmtime.Engine`; close it, or use it as a context manager.

    `sheltered`: this process may die, because another one watches it. Elsewhere what could abort it raises
    `UnsafeError`. `kept`: a folder in which machine code is kept from one process to the next, where the release
    can do that.
    """

    def __init__(
        self, settings: EngineSettings | None = None, *, sheltered: bool = False, kept: Path | None = None
    ) -> None:
        self.settings = settings or EngineSettings()
        self.release = versions.current()
        self.sheltered = sheltered
        self._check_settings()
        config = versions.config(backtrace_details=self.settings.backtrace_details)
        if self.settings.winch:
            versions.use_winch(config)
        if self.settings.async_support:
            async_api.support_async(config)
        if self.settings.component_async:
            async_api.support_async_components(config)
        if self.settings.exceptions:
            versions.allow_exceptions(config)
        async_api.size_async_stacks(config, ASYNC_STACK)
        config.epoch_interruption = True
        config.consume_fuel = self.settings.fuel
        config.memory_init_cow = self.settings.copy_on_write
        if kept is not None and self.release.keeps_machine_code:
            versions.keep_machine_code(config, kept)
        self.raw = wasmtime.Engine(config)
        self.entries = Entries()
        self.captures = Captures()
        self.chain = Chain()
        self.tasks = HostTasks(self.entries)
        self.on_tick = versions.epoch_callback(self.entries.on_tick, self.entries.yields)
        self.ticker = Ticker(self.raw.increment_epoch)
        self._codes: dict[str, Code] = {}
        self._closed = False
        self.suspended: dict[int, int] = {}
        weakref.finalize(self, self.ticker.stop)

    def _check_settings(self) -> None:
        settings = self.settings
        if settings.fuel_yield is not None and not settings.fuel:
            raise LabkitError("Guests yield by fuel only where it is counted; set fuel=True as well.")
        lack = lacks.of_settings(settings, self.release)
        if lack is not None:
            raise lack.error()
        if settings.wasi == "async" and not self.sheltered:
            raise UnsafeError(
                "Asynchronous WASI aborts the whole process as soon as a guest waits through it, because nothing "
                f"drives its timers, so {self._in_a_child_only}"
            )
        yields = settings.epoch_yield or settings.fuel_yield is not None
        if yields and not settings.async_support:
            self.check_shelter()

    def compile(self, program: Program, *, again: bool = False) -> Code:
        """Machine code for `program`, kept by digest; `again` compiles even what is kept.

        Raises `ProgramError` when the runtime rejects the bytes.
        """
        if self._closed:
            raise ClosedError("This lab is closed; make a new one with Lab().")
        if again:
            return self._compile(program)
        code = self._codes.get(program.digest)
        if code is None:
            code = self._codes[program.digest] = self._compile(program)
        return code

    def check_shelter(self) -> None:
        """Raise `UnsafeError` where mixing synchronous and asynchronous would abort a process nobody watches."""
        if self.release.aborts_on_async_misuse and not self.sheltered:
            raise UnsafeError(
                f"Wasmtime {self.release.version} aborts the whole process when synchronous and asynchronous are "
                f"mixed, so {self._in_a_child_only}"
            )

    @property
    def _in_a_child_only(self) -> str:
        version = self.release.version
        return (
            f"that runs in a child process only: labkit run ID --wasmtime {version}, or "
            f"lab.run(…, runtime={version!r})."
        )

    @property
    def refuses_sync(self) -> bool:
        """Whether a synchronous entry would abort this process: the engine is made for asynchronous calls, and
        the release panics (up to 41). A process that may die may die of that.
        """
        return self.settings.async_support and self.release.aborts_on_async_misuse and not self.sheltered

    @property
    def may_abort_on_async_export(self) -> bool:
        """Whether a synchronous call of a component's `async` export is tried although it aborts the process."""
        return self.sheltered and self.release.aborts_on_sync_call_of_async_export

    def check_async(self, program: Program) -> None:
        """Raise `LabkitError` unless `program` can be called asynchronously here, or may be what this dies of."""
        version = self.release.version
        if program.kind == "component" and (lack := lacks.of_awaited_components(program.name, self.release)):
            raise lack.error()
        if self.release.has_async_switch and not self.settings.async_support and not self.sheltered:
            raise LabkitError(
                f"Wasmtime {version} makes asynchronous calls only on an engine made for them: "
                "Engine(EngineSettings(async_support=True))."
            )

    def _compile(self, program: Program) -> Code:
        try:
            return self._make(program)
        except wasmtime.WasmtimeError as error:
            raise ProgramError(f"{program.name} is rejected by the runtime: {root_cause(str(error))}.") from None

    def _make(self, program: Program) -> Code:
        if program.kind == "module":
            return ModuleCode(self.raw, program, self.entries, self.tasks, lenient=self.settings.lenient)
        lack = lacks.of_components(program.name, self.release)
        if lack is not None:
            raise lack.error()
        # Only here, because `wasmtime.component` is missing from releases that run core modules all the same.
        from labkit.host.component import ComponentCode

        settings = self.settings
        return ComponentCode(
            self.raw,
            program,
            self.entries,
            self.tasks,
            settings.wasi,
            post_return=settings.post_return,
            lenient=settings.lenient,
        )

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """Stop watching and delete captured output; stores must be closed before.

        Raises `ClosedError` while an asynchronous call has not ended.
        """
        if self.suspended:
            step = min(self.suspended.values())
            raise ClosedError(
                f"This lab cannot be closed while step {step} is suspended; await it or cancel it first."
            )
        if not self._closed:
            self._closed = True
            self.ticker.stop()
            self.captures.close()
            self._codes.clear()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
