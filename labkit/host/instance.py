"""An instance of a program: where exports are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labkit.host import async_calls, memory, refusals
from labkit.host.code import Code, Function
from labkit.host.future import Future
from labkit.host.outcome import Cause, Outcome
from labkit.host.plain import plain
from labkit.host.program import Program
from labkit.host.signature import Signature

if TYPE_CHECKING:
    from labkit.host.store import Store


class Instance:
    """A program in a store, with a memory of its own; `Store.instantiate` makes one.

    `outcome` says how the instantiation went, `store` is where it lives, `number` what the trace calls it.
    """

    def __init__(self, store: Store, code: Code, number: int, raw: Any, outcome: Outcome) -> None:
        self.store = store
        self.number = number
        self.outcome = outcome
        self._code = code
        self._raw = raw
        self._functions: dict[str, Function] = {}

    @property
    def program(self) -> Program:
        """What this is an instance of."""
        return self._code.program

    @property
    def exports(self) -> dict[str, Signature]:
        """The functions that can be called, by path."""
        return self._code.exports

    def call(self, export: str, *args: Any, caller: str | None = None) -> Outcome:
        """Call `export`; the outcome is data, a trap does not raise.

        Arguments are plain data (see `labkit.host.values`). `caller` is a label for the trace. Raises
        `UnknownNameError` or `ArgumentError` before the guest is entered.
        """
        store = self.store
        with store.turn:
            cause = refusals.of_call(self) or refusals.of_sync_entry(store)
            event = store.event(self, export, tuple(map(plain, args)), caller)
            if cause is not None:
                return store.refuse(event, cause)
            function = self._functions.get(export) or self.function(export)
            lowered = function.lower(args, store.handles)
            if function.asynchronous and not store.engine.may_abort_on_async_export:
                return store.refuse(event, Cause("async-required"))
            return store.enter(
                event,
                lambda: _answer(*function(store.raw, lowered, store.handles)),
                memory=lambda: memory.size(self),
            )

    async def call_async(self, export: str, *args: Any, caller: str | None = None) -> Outcome:
        """Call `export` asynchronously: the guest sleeps while a coroutine host function does.

        As `call`, and it waits for its turn in the store. When it is cancelled, which `asyncio.wait_for` and
        `asyncio.timeout` do too, the guest is unwound, the step has timed out with the code `cancelled`, and
        `CancelledError` is raised. Raises `LabkitError` where asynchronous calls cannot be made.
        """
        return await async_calls.call(self, export, args, caller)

    def begin(self, export: str, args: tuple[Any, ...]) -> tuple[Callable[[], Future], Callable[[Any], Outcome]]:
        """An asynchronous call in parts: what enters the guest, and what makes an outcome of its result."""
        store = self.store
        function = self.function(export)
        lowered = function.lower(args, store.handles)
        return (
            lambda: function.begin(store.raw, lowered),
            lambda result: _answer(*function.lift(result, store.handles)),
        )

    def function(self, export: str) -> Function:
        """The export at this path, ready to be called; raises `UnknownNameError`."""
        function = self._functions.get(export)
        if function is None:
            function = self._functions[export] = self._code.function(self.store.raw, self._raw, export)
        return function

    def externs(self) -> Mapping[str, Any]:
        """What an instance of a core module exports, as the runtime has it, by name."""
        exported: Mapping[str, Any] = self._raw.exports(self.store.raw)
        return exported

    def __repr__(self) -> str:
        return f"<instance {self.number} of {self.program.name} in {self.store!r}>"


def _answer(failed: bool, value: Any) -> Outcome:
    return Outcome("guest-error", error=value) if failed else Outcome("returned", value=value)
