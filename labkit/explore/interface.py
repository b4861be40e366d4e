"""What the runtime says of a program: its functions with their types, and what it needs before it can be made.

`examine` runs in a child: a file from a stranger may take the compiler minutes, or take the process with it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import wasmtime

from labkit.decodable import decodable
from labkit.errors import LabkitError, ProgramError
from labkit.explore.features import lacking_features
from labkit.host import Engine, EngineSettings, Program, Signature
from labkit.host.faults import root_cause
from labkit.host.versions import current
from labkit.inspect.binary import core_modules


@decodable
class Interface(msgspec.Struct, frozen=True, omit_defaults=True):
    """The functions of a program, by the runtime's account.

    `exports` can be called, `wants` are its imported functions, WASI's too. `unmet` are the paths of those that
    WASI does not meet, `others` what it imports that is no function, each with what it is. `settings` are those of
    an engine that takes it. `seconds` is what compiling took, which is next to nothing when machine code was kept.
    For a program that the release does not take, `refusal` is its own reason, `lacks` what it has switched off.
    """

    exports: tuple[Signature, ...] = ()
    wants: tuple[Signature, ...] = ()
    unmet: tuple[str, ...] = ()
    others: dict[str, str] = {}
    settings: EngineSettings = EngineSettings()
    seconds: float = 0.0
    refusal: str | None = None
    lacks: tuple[str, ...] = ()


def examine(name: str, wasm: bytes, kept: str | None) -> Any:
    """The interface of a program, as plain data; `kept` is a folder for machine code."""
    program = Program.from_bytes(name, wasm)
    first: LabkitError | None = None
    for settings in _worth_trying():
        try:
            return msgspec.to_builtins(_interface(program, settings, kept))
        except LabkitError as error:
            first = first or error
    assert first is not None
    return msgspec.to_builtins(Interface(refusal=str(first), lacks=lacking_features(program)))


def _worth_trying() -> list[EngineSettings]:
    """Settings of a lab's engine that let more programs in, the plain ones first."""
    release = current()
    tried = [EngineSettings(unmet="trap")]
    if release.can_catch:
        tried.append(EngineSettings(unmet="trap", exceptions=True))
    if release.calls_components_async:
        tried.append(EngineSettings(unmet="trap", component_async=True))
    return tried


def _check_valid(program: Program, engine: Engine) -> None:
    """Raise `ProgramError` for a core module that is not valid here: in tens of megabytes a second says so, where
    compiling may find the same place after minutes.
    """
    for at, end in core_modules(program.wasm):
        try:
            wasmtime.Module.validate(engine.raw, program.wasm[at:end])
        except wasmtime.WasmtimeError as error:
            raise ProgramError(f"{program.name} is rejected by the runtime: {root_cause(str(error))}.") from None


def _interface(program: Program, settings: EngineSettings, kept: str | None) -> Interface:
    with Engine(settings, sheltered=True, kept=Path(kept) if kept else None) as engine:
        _check_valid(program, engine)
        started = time.monotonic()
        code = engine.compile(program)
        seconds = time.monotonic() - started
    return Interface(
        exports=tuple(code.exports.values()),
        wants=tuple(code.wants.values()),
        unmet=tuple(path for path in code.imports if path not in code.others),
        others=dict(code.others),
        settings=settings,
        seconds=round(seconds, 3),
    )
