"""What the host saw when it tried to enter a guest: data, the same for core modules and components."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from labkit.errors import OutcomeError, PanicError

Kind = Literal["returned", "guest-error", "trapped", "refused", "exited", "host-error", "aborted", "timed-out"]
"""How an instantiation or call ended: the guest returned, or answered with an error of its own (`guest-error`); it
trapped; it was not entered (`refused`); it exited with a status; an exception of the host ended it (`host-error`);
the process died (`aborted`); a limit, the interrupt button or a cancellation stopped it (`timed-out`)."""

KINDS: tuple[Kind, ...] = (
    "returned",
    "guest-error",
    "trapped",
    "refused",
    "exited",
    "host-error",
    "aborted",
    "timed-out",
)


_PANIC = ("message", "file", "line", "column", "backtrace")


class SourceLocation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place in the source of a guest: the function as the linker knows it; lines and columns count from 1.

    A `line` of 0 is code that the compiler made without one; a `column` of 0 stands for the line's beginning.
    """

    func: str | None
    file: str
    line: int = 0
    column: int = 0


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """One WebAssembly frame of a backtrace; offsets are bytes into the program's file and the function's body.

    A program without names gives neither `func` nor `module`, which is the name that a core module gives itself.

    `source` is where that is in the source, which debug information tells and no runtime does: innermost first,
    because the code of a function may have been inlined into others, of which the last is `func`.
    """

    func_index: int
    func: str | None = None
    module: str | None = None
    module_offset: int = 0
    func_offset: int = 0
    source: tuple[SourceLocation, ...] = ()


class Cause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a guest was not entered, read from the store's history and never from a message.

    `kind`: `poisoned` by an earlier trap, `re-entrance` from a host function, `post-return` still owed
    (Wasmtime 39-41), `closed` store, `no-instance` because the instantiation itself failed, a `limit` of the
    store that leaves no room for the instance, `async-required` because since `step` an asynchronous
    host function is linked into the store (no step: its guests yield, or the export is asynchronous, or up to
    Wasmtime 41 the engine or the host function is), `linked-twice` because what the guest imports was defined
    already, `terminated` because a guard lets nobody in after `step`, or `unknown` when the history explains
    nothing.
    `step`: the step to blame, where there is one. `scope`: how far a poisoning reaches in this release.
    """

    kind: Literal[
        "poisoned",
        "re-entrance",
        "post-return",
        "closed",
        "no-instance",
        "limit",
        "async-required",
        "linked-twice",
        "terminated",
        "unknown",
    ]
    step: int | None = None
    scope: Literal["instance", "store"] | None = None


class MemoryUse(msgspec.Struct, frozen=True, omit_defaults=True):
    """Linear memory when a guest failed, in bytes: what it had, where the host can see that, and might have."""

    limit: int
    size: int | None = None


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The outcome of one instantiation or call.

    `value` is set for `returned`, `error` for `guest-error`; `code` and `frames` for `trapped` and `timed-out`;
    `cause` for `refused`; `status` for `exited`; `raised` (the exception's class) for `host-error`; `signal` for
    `aborted`. The code of `timed-out` is `interrupt` for a guest that its limit or the interrupt button stopped,
    and `cancelled` for an asynchronous call that nobody awaits any more. `message` is the runtime's own text,
    `panic` the guest's last words (`panicked at …`, of a guest in Python `raised at …`) from standard error or
    from a host import. `memory` is set where a guest of limited memory reached `unreachable` without a word, which
    is also how it runs out of memory. `stdout` and `stderr` are what this call wrote. `step` is the number of the
    step in the trace; a stored step does not repeat it.
    """

    kind: Kind
    value: Any = None
    error: Any = None
    code: str | None = None
    message: str | None = None
    panic: str | None = None
    frames: tuple[Frame, ...] = ()
    cause: Cause | None = None
    status: int | None = None
    raised: str | None = None
    signal: str | None = None
    memory: MemoryUse | None = None
    stdout: str = ""
    stderr: str = ""
    step: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the guest answered: it returned, or returned an error of its own."""
        return self.kind in ("returned", "guest-error")

    def unwrap(self) -> Any:
        """The returned value; raises `OutcomeError` with the outcome's own words otherwise.

        A panic that the guest caught and answered with is raised as `PanicError`.
        """
        if self.kind == "returned":
            return self.value
        if (panic := self.caught_panic) is not None:
            raise panic
        raise OutcomeError(f"expected a returned value, but the call {self.describe()}")

    @property
    def caught_panic(self) -> PanicError | None:
        """The panic that the guest caught and answered with, as an exception that can be raised.

        An error is taken for one if it is a record with `message`, `file`, `line` and `column`, and perhaps a
        `backtrace`.
        """
        error = self.error
        if self.kind != "guest-error" or not isinstance(error, dict):
            return None
        if not {"message", "file", "line", "column"} <= error.keys() <= {*_PANIC}:
            return None
        return PanicError(**error)

    def __str__(self) -> str:
        return self.describe()

    def describe(self) -> str:
        """The outcome in a few words, for a table cell or the end of a sentence."""
        match self.kind:
            case "returned":
                return f"returned {self.value!r}" if self.value is not None else "returned"
            case "guest-error" if (panic := self.caught_panic) is not None:
                return f"answered with a panic it had caught: {panic}"
            case "guest-error":
                return "answered with its own error" + (f" {self.error!r}" if self.error is not None else "")
            case "trapped":
                return f"trapped: {self.code or self.message}" + (f" ({self.panic})" if self.panic else "")
            case "refused":
                by = "since" if self.cause and self.cause.kind == "async-required" else "by"
                blame = f" {by} step {self.cause.step}" if self.cause and self.cause.step else ""
                return f"was refused: {self.cause.kind if self.cause else 'unknown'}{blame}"
            case "exited":
                return f"exited with status {self.status}"
            case "host-error":
                return f"stopped on a host exception: {self.raised or 'error'}: {self.message}"
            case "aborted":
                return f"aborted the process: {self.signal}"
            case "timed-out":
                return f"timed out: {self.message}"
