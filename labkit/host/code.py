"""Compiled programs: the one face the host has over core modules and components.

Linkers are made once per program and answer imports through the entry that is running, so they hold no store:
a host closure that captures its store would keep it for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import wasmtime

from labkit.errors import ArgumentError
from labkit.host.future import Future
from labkit.host.handles import Handles
from labkit.host.program import Program
from labkit.host.signature import Signature

WasiLinking = Literal["sync", "async", "both"]
"""Which of the runtime's two WASI a component is linked with; both define the same names."""


class Function(Protocol):
    """An export of one instance, ready to be called. `asynchronous`: it is an `async` function of a component."""

    asynchronous: bool

    def lower(self, args: tuple[Any, ...], handles: Handles) -> list[Any]:
        """Arguments as wasmtime-py wants them; raises `ArgumentError`."""

    def __call__(self, store: wasmtime.Store, args: list[Any], handles: Handles) -> tuple[bool, Any]:
        """Enter the guest: whether it answered with its own error, and the plain result."""

    def begin(self, store: wasmtime.Store, args: list[Any]) -> Future:
        """The same in parts, for an asynchronous call: what enters the guest, with a result for `lift`."""

    def lift(self, result: Any, handles: Handles) -> tuple[bool, Any]:
        """Whether the guest answered with its own error, and the plain result."""


class Code(Protocol):
    """A compiled program. `imports` are those that WASI does not meet, and `others` those of them that are no
    functions, each with what it is. `wants` has all that are functions, WASI's too. `wasi` is what it is linked
    with, None if it imports nothing of it.
    """

    program: Program
    exports: dict[str, Signature]
    imports: tuple[str, ...]
    others: Mapping[str, str]
    wants: Mapping[str, Signature]
    wasi: WasiLinking | None

    def instantiate(self, store: wasmtime.Store, asynchronous: frozenset[str], given: Mapping[str, Any]) -> Any:
        """A new instance; the caller provides every path in `imports`: those in `asynchronous` by coroutines,
        those in `given` by what another instance exports.
        """

    def begin_instantiate(
        self, store: wasmtime.Store, asynchronous: frozenset[str], given: Mapping[str, Any]
    ) -> Future:
        """The same for an asynchronous call; the future's result is the new instance."""

    def function(self, store: wasmtime.Store, instance: Any, path: str) -> Function:
        """The export at `path`; raises `UnknownNameError`."""


def check_count(path: str, wanted: int, given: int) -> None:
    """Raise `ArgumentError` unless as many arguments are given as the export wants."""
    if wanted != given:
        raise ArgumentError(f"{path} takes {wanted} argument{'s' * (wanted != 1)}, not {given}.")
