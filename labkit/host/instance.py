"""An instance of a program: where exports are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labkit.host.code import Code, Function
from labkit.host.outcome import Outcome
from labkit.host.plain import plain
from labkit.host.program import Program
from labkit.host.signature import Signature

if TYPE_CHECKING:
    from labkit.host.store import Store


class Instance:
    """Made by `Store.instantiate`; `outcome` says how that went."""

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
        with self.store.turn:
            action = self._entry(export, args) if self.outcome.ok and not self.store.closed else None
            return self.store.call(self, export, tuple(plain(arg) for arg in args), action, caller)

    def _entry(self, export: str, args: tuple[Any, ...]) -> Callable[[], Outcome]:
        function = self._function(export)
        handles = self.store.handles
        lowered = function.lower(args, handles)

        def enter() -> Outcome:
            failed, value = function(self.store.raw, lowered, handles)
            return Outcome("guest-error", error=value) if failed else Outcome("returned", value=value)

        return enter

    def _function(self, export: str) -> Function:
        function = self._functions.get(export)
        if function is None:
            function = self._functions[export] = self._code.function(self.store.raw, self._raw, export)
        return function

    def __repr__(self) -> str:
        return f"<instance {self.number} of {self.program.name} in {self.store!r}>"
