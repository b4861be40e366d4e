"""A repro as a .wast script, which the test runners of WebAssembly engines play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

from labkit.errors import FormatError, LabkitError
from labkit.host.outcome import Outcome
from labkit.inspect.signatures import Outline, outline
from labkit.record.repro import Repro
from labkit.repros.told import Told, told
from labkit.repros.wast_values import TRAPS, write_value

_WIDE = 32
"""Bytes of a module on one line."""


def wast_script(repro: Repro) -> str:
    """The text of the script; raises `LabkitError`, which names the step, for what no such script can say.

    That is core modules in one store, numbers, and traps that scripts have names for: no components, WASI, host
    functions or limits.
    """
    story = [one for one in told(repro) if one.do != "close"]
    outlines = {name: _outline(name, program.wasm) for name, program in repro.programs.items()}
    lines = [f";; {_comment(repro.title)}", f";; Recorded under Wasmtime {repro.trace.runtime}.", ""]
    programs = {name: _binary(program.wasm) for name, program in repro.programs.items()}
    for one in story:
        if one.store != story[0].store:
            _cannot(one, "a script has one store")
        lines += _instantiation(one, programs, outlines) if one.do == "instantiate" else _call(one, outlines)
    return "\n".join(lines) + "\n"


def _instantiation(one: Told, programs: Mapping[str, str], outlines: Mapping[str, Outline]) -> Iterator[str]:
    binary = programs[str(one.program)]
    missing = [name for name in outlines[str(one.program)].imports_from if name not in one.given]
    if missing:
        _cannot(one, f"{one.program} imports from {missing[0]!r}, which no script provides")
    for module, giver in one.given.items():
        yield f'(register "{_escaped(module.encode())}" $i{giver})'
    if one.outcome.kind == "trapped":
        yield f"(assert_trap (module binary{binary}) {_trap(one)})"
    elif one.outcome.kind == "returned":
        yield f"(module $i{one.instance} binary{binary})"
    else:
        _cannot(one, f"a script does not know that an instantiation {one.outcome.describe()}")


def _call(one: Told, outlines: Mapping[str, Outline]) -> Iterator[str]:
    ty = outlines[str(one.program)].exports.get(str(one.export))
    if ty is None:
        _cannot(one, "what it calls takes or returns something else than numbers")
    args = "".join(f" {write_value(kind, value)}" for kind, value in zip(ty.params, one.args, strict=True))
    call = f'(invoke $i{one.instance} "{_escaped(str(one.export).encode())}"{args})'
    if one.outcome.kind == "returned":
        values = one.outcome.value if len(ty.results) > 1 else [one.outcome.value][: len(ty.results)]
        results = "".join(
            f" {write_value(kind, value, any_nan=True)}" for kind, value in zip(ty.results, values, strict=True)
        )
        yield f"(assert_return {call}{results})"
    elif one.outcome.kind == "trapped":
        exhausted = one.outcome.code == "stack-overflow"
        yield f"({'assert_exhaustion' if exhausted else 'assert_trap'} {call} {_trap(one)})"
    else:
        _cannot(one, f"a script does not know that a call {one.outcome.describe()}")


def _trap(one: Told) -> str:
    outcome: Outcome = one.outcome
    if outcome.code not in TRAPS:
        _cannot(one, f"scripts have no name for {outcome.code or outcome.message}")
    return f'"{TRAPS[outcome.code]}"'


def _outline(name: str, wasm: bytes) -> Outline:
    try:
        return outline(wasm)
    except FormatError:
        raise LabkitError(
            f"This repro cannot be written as a .wast script: {name} is no core module, and the types of other "
            "programs are not read."
        ) from None


def _cannot(one: Told, why: str) -> NoReturn:
    raise LabkitError(f"This repro cannot be written as a .wast script: in step {one.n}, {why}.")


def _binary(wasm: bytes) -> str:
    pieces = (wasm[at : at + _WIDE] for at in range(0, len(wasm), _WIDE))
    return "".join(f'\n  "{_escaped(piece)}"' for piece in pieces)


def _escaped(data: bytes) -> str:
    plain = (byte for byte in data)
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:02x}" for byte in plain)


def _comment(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
