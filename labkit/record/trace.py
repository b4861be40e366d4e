"""The trace: every step somebody took with a guest, and what the host saw.

Views, explanations, exercise checks and repro files read traces and nothing else.
The JSON form is versioned (`format`) and described by `schema/trace-1.schema.json` beside this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from labkit.decodable import decodable
from labkit.errors import FormatError, LabkitError, quotable
from labkit.host.outcome import Outcome
from labkit.host.wasi import Wasi

FORMAT = 1


class HostCall(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One call the guest made to a host function during a step."""

    name: str
    args: tuple[Any, ...] = ()
    returned: Any = None
    raised: str | None = None


class Step(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One instantiation or call.

    `store` and `instance` count from 1 within the trace. `runner` is set when a reuse policy chose the store.
    `inside` is the step during which a host function made this one (re-entrance). `caller` is a label for
    whoever called, where several share an instance. `us`: wall time in microseconds, as Python paid it.
    `awaited`: it was asynchronous. `gap_ms`: the longest time in milliseconds for which the event loop did nothing
    else while the step lasted, where somebody measured that. `given`: the instances whose exports answered the
    imports of a new instance, by the imports' module name.
    """

    n: int
    do: Literal["instantiate", "call"]
    store: int
    program: str
    instance: int | None = None
    export: str | None = None
    args: tuple[Any, ...] = ()
    runner: int | None = None
    inside: int | None = None
    caller: str | None = None
    recompiled: bool = False
    host_calls: tuple[HostCall, ...] = ()
    outcome: Outcome | None = None
    us: float | None = None
    awaited: bool = False
    gap_ms: float | None = None
    given: dict[str, int] = {}


class StoreRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A store of the trace; `closed_after` is the last step before it was closed (0: before any).

    `wasi`: what it gave to its guests, where somebody said so. `coroutines`: the imports that coroutines answer.
    """

    id: int
    closed_after: int | None = None
    wasi: Wasi | None = None
    coroutines: tuple[str, ...] = ()


class ProgramRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which program a step names: its kind, digest (SHA-256 of the wasm bytes) and how it was made."""

    name: str
    kind: Literal["module", "component"]
    digest: str
    size: int
    how: str
    toolchain: str | None = None


@decodable
class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Steps with their outcomes, under the release `runtime`; iterating it gives the steps.

    `policy` is set where one chose the stores, `scenario` where one was played. `programs` and `stores` say what
    the steps are about. `dropped` counts older steps that were not kept. `format` is that of its JSON.
    """

    format: int
    runtime: str
    policy: str | None = None
    scenario: str | None = None
    dropped: int = 0
    programs: tuple[ProgramRecord, ...] = ()
    stores: tuple[StoreRecord, ...] = ()
    steps: tuple[Step, ...] = ()

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def step(self, n: int) -> Step:
        """The step numbered `n`; raises `LabkitError` if the trace has none."""
        index = self.position(n)
        if index is None:
            raise LabkitError(f"This trace has no step {n}; it has {_range(self)}.")
        return self.steps[index]

    def position(self, n: int) -> int | None:
        """Where in `steps` the step numbered `n` is, if anywhere."""
        index = n - 1 - self.dropped
        return index if 0 <= index < len(self.steps) else None

    def to_json(self) -> str:
        """The trace as JSON, indented for people."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()


def _range(trace: Trace) -> str:
    return f"steps {trace.steps[0].n} to {trace.steps[-1].n}" if trace.steps else "no steps yet"


def read_trace(text: str | bytes) -> Trace:
    """A trace from its JSON; raises `FormatError`, in one sentence, for anything else."""
    try:
        version = msgspec.json.decode(text, type=_Versioned).format
        if version != FORMAT:
            raise FormatError(f"This trace has format {version}; this labkit reads format {FORMAT}.")
        return msgspec.json.decode(text, type=Trace)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FormatError(f"This is no labkit trace: {quotable(str(error))}.") from None
    except RecursionError:
        raise FormatError("This is no labkit trace: it is nested too deeply.") from None


@decodable
class _Versioned(msgspec.Struct):
    format: int
