"""What a host was told, step by step: the same for JavaScript and for Wasmtime."""

from __future__ import annotations

from typing import Literal

import msgspec

from labkit.host.outcome import Kind

Value = int | bool | None


class Thrown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a host has in hand when a call did not return.

    In JavaScript the exception's own `name` and `message`, and the WebAssembly functions in its `stack`, innermost
    first. Under Wasmtime the name of the error's type, `Trap` or `refused`, and the functions of the backtrace.
    """

    name: str
    message: str
    frames: tuple[str, ...] = ()


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened during a step, before its outcome.

    A new `instance` began, the `hook` for an abort ran, or it called `notes` (`re-entry`), which gave a `value` or
    an `error`.
    """

    what: Literal["instance", "hook", "re-entry"]
    value: Value = None
    error: Thrown | None = None


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of one step, and the events before it in their order.

    `by` is the step that ended the instance, counted from 1, where the guest was not entered because of it.
    """

    kind: Kind
    value: Value = None
    error: Thrown | None = None
    events: tuple[Event, ...] = ()
    by: int | None = None


class Versions(msgspec.Struct, frozen=True):
    """What a run in JavaScript was made with; `date` is the day, as `2026-11-21`."""

    node: str
    v8: str
    wasm_bindgen: str
    rustc: str
    date: str


class Account(msgspec.Struct, frozen=True):
    """A story as JavaScript told it, one `Told` for each of its steps; `recorded`: elsewhere, and not just now."""

    told: tuple[Told, ...]
    versions: Versions
    recorded: bool = False
