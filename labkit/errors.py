"""What labkit raises when it is used wrongly or lacks something.

    LabkitError                one sentence that says what to do
    ├── ArgumentError          a value the guest's signature does not take
    ├── UnknownNameError       no such guest, scenario, policy, export, exercise
    ├── ProgramError           bytes that are no WebAssembly, or that cannot be linked
    ├── UnmetImportError       a guest called an import that nobody provides
    ├── BuildError             the compiler refused the source; carries its own messages
    ├── ToolchainError         a compiler that is needed is missing
    ├── RuntimeMissingError    a Wasmtime release that is not here and could not be fetched
    ├── RuntimeDamagedError    a fetched release of which something is missing or does not run
    ├── ChildError             a child process that did not even begin
    ├── UnsafeError            what may abort the process, asked for outside a child
    ├── ClosedError            a store, runner or pool used after it was closed
    ├── BusyError              a store that has a suspended call, used synchronously or from another event loop
    ├── FormatError            a trace, scenario or repro that does not parse
    └── OutcomeError           `outcome.unwrap()` on something that did not return
        └── PanicError         … because the guest panicked, and caught it

What happens *inside* a guest is never raised: it comes back as an outcome.
In a notebook these errors show their sentence alone, without a traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LabkitError(Exception):
    """Something the caller can put right; `str()` is one sentence that says how."""

    def _render_traceback_(self) -> list[str]:
        # IPython asks the exception itself before it draws a traceback.
        return [f"{type(self).__name__}: {self}"]


class ArgumentError(LabkitError, TypeError):
    """A value that does not fit the export's signature; the guest was not entered."""


class UnknownNameError(LabkitError, LookupError):
    """A name that is not in the catalogue, or not exported."""


class ProgramError(LabkitError, ValueError):
    """Bytes that are no WebAssembly, or imports that nobody provides."""


class UnmetImportError(LabkitError):
    """What stops a guest that calls an import nobody provides, on an engine that lets it come so far."""


class BuildError(LabkitError):
    """The compiler refused the source; `log` holds the compiler's own messages."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log

    def _render_traceback_(self) -> list[str]:
        return [*self.log.splitlines(), f"{type(self).__name__}: {self}"]


class ToolchainError(LabkitError):
    """A toolchain that is needed here is not installed."""


class RuntimeMissingError(LabkitError, LookupError):
    """A Wasmtime release that is not on this machine, or that cannot be fetched."""


class RuntimeDamagedError(LabkitError):
    """A fetched Wasmtime release of which files are missing or changed, or that does not run here."""


class ChildError(LabkitError):
    """A child process that ended before it had begun on what it was given."""


class UnsafeError(LabkitError):
    """Something that may abort the process was asked for where nobody watches over it."""


class ClosedError(LabkitError, RuntimeError):
    """Something was used after it had been closed."""


class BusyError(LabkitError, RuntimeError):
    """A store in which an asynchronous call is suspended was entered in a way that cannot wait for it."""


class FormatError(LabkitError, ValueError):
    """A file that is not a trace, scenario or repro of a format this version reads."""


class OutcomeError(LabkitError):
    """Raised by `Outcome.unwrap()` when the call did not return."""


class PanicError(OutcomeError):
    """A panic that a guest caught and answered with: `message`, and where, `file`, `line` and `column`.

    `backtrace` is what the guest says of its stack, if anything. The instance goes on.
    """

    def __init__(self, message: str, file: str, line: int, column: int, backtrace: str | None = None) -> None:
        # All of them, so that it can be pickled.
        super().__init__(message, file, line, column, backtrace)
        self.message, self.file, self.line, self.column = message, file, line, column
        self.backtrace = backtrace

    def __str__(self) -> str:
        return f"{self.message} ({self.place})"

    @property
    def place(self) -> str:
        """`src/lib.rs:41:9`."""
        return f"{self.file}:{self.line}:{self.column}"


_SENTENCE = 300


def quotable(text: str) -> str:
    """What a file made somebody say, at a length for a sentence and without anything that a terminal obeys."""
    short = text if len(text) <= _SENTENCE else f"{text[:_SENTENCE]}…"
    return "".join(sign if sign.isprintable() else "�" for sign in short)


_SHOWN = 12


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """The error for a name that is not among `known`, with the nearest ones."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    some = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {some or 'none'}."
    return UnknownNameError(f"There is no {what} named {name!r}; {hint}")
