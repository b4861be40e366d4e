"""A repro as a host program in Rust, as text: for people who embed Wasmtime there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from labkit.errors import LabkitError
from labkit.host.program import Program
from labkit.record.repro import Repro
from labkit.record.scenario import HostBehaviour
from labkit.repros.told import Told, told

_FLOATS = {"nan": "f64::NAN", "inf": "f64::INFINITY", "-inf": "f64::NEG_INFINITY"}
_HOST = Path(__file__).with_name("host.rs")


def rust_program(repro: Repro) -> str:
    """The text of `main.rs`, which says at its top what `Cargo.toml` needs.

    Raises `LabkitError` as `told` does, and for arguments, answers and WASI input that this text cannot say.
    """
    constants = {name: f"PROGRAM_{n}" for n, name in enumerate(repro.programs, 1)}
    story = [line for one in told(repro) for line in _step(one, constants)]
    for path, how in repro.scenario.imports.items():
        story.insert(0, _answers(path, how))
    limits = repro.scenario.limits
    settings = [
        f"const TITLE: &str = {_text(repro.title)};",
        f"const RECORDED: &str = {_text(repro.trace.runtime)};",
        f"const SECONDS: u64 = {max(round(limits.seconds or 3600), 1)};",
        f"const MEMORY: Option<usize> = {_option(limits.memory)};",
        f"const FUEL: Option<u64> = {_option(limits.fuel if repro.scenario.engine.fuel else None)};",
    ]
    body = "\n".join(f"    {line}" for line in story)
    programs = [_program(constant, repro.programs[name]) for name, constant in constants.items()]
    host = _HOST.read_text("utf-8").replace("@VERSION@", repro.trace.runtime)
    story_function = f"fn story(host: &mut Host) -> Result<()> {{\n{body}\n    Ok(())\n}}"
    return "\n\n".join([host.rstrip(), "\n".join(settings), story_function, *programs]) + "\n"


def _program(constant: str, program: Program) -> str:
    component = str(program.kind == "component").lower()
    return (
        f"const {constant}: Program = Program {{\n    name: {_text(program.name)},\n    component: {component},\n"
        f"    hex: concat!({_hex(program.wasm)}\n    ),\n}};"
    )


def _step(one: Told, constants: Mapping[str, str]) -> Iterator[str]:
    if one.wasi is not None:
        raise LabkitError(
            f"This repro cannot be written in Rust: step {one.n} opens a store with WASI input of its own. "
            "`labkit export` writes it as a Python script."
        )
    if one.do == "close":
        yield f"host.close({one.store});"
    elif not one.tried:
        yield f'println!("step {one.n}: refused before the runtime is asked");'
    elif one.given:
        raise LabkitError(
            f"This repro cannot be written in Rust: in step {one.n} one instance is given to another. "
            "`labkit export` writes it as a Python script."
        )
    elif one.do == "instantiate":
        program = constants[str(one.program)]
        yield f"host.instantiate({one.n}, {one.store}, {one.instance}, &{program}, {_expected(one)})?;"
    else:
        args = ", ".join(_plain(arg) for arg in one.args)
        yield f"host.call({one.n}, {one.instance}, {_text(str(one.export))}, &[{args}], {_expected(one)})?;"


def _expected(one: Told) -> str:
    return _text(one.outcome.kind)


def _answers(path: str, how: HostBehaviour) -> str:
    if how.answers:
        told_answers = [(answer.returns, answer.raises) for answer in how.answers]
    else:
        told_answers = [(how.returns, how.raises)]
    listed = ", ".join(
        f"Err({_text(raises)})" if raises is not None else f"Ok({_plain(returns)})"
        for returns, raises in told_answers
    )
    return f"host.answers({_text(path)}, &[{listed}], {str(not how.answers).lower()});"


def _plain(value: Any) -> str:
    match value:
        case None:
            return "Plain::Nothing"
        case bool():
            return f"Plain::Bool({str(value).lower()})"
        case int():
            return f"Plain::Int({value})"
        case "nan" | "inf" | "-inf":
            return f"Plain::Float({_FLOATS[value]})"
        case float():
            return f"Plain::Float({value!r})"
        case str():
            return f"Plain::Text({_text(value)})"
        case list() | tuple():
            return f"Plain::List(&[{', '.join(map(_plain, value))}])"
    raise LabkitError(
        "This repro cannot be written in Rust: only numbers, texts and lists of them are. `labkit export` writes "
        "it as a Python script."
    )


def _option(value: int | None) -> str:
    return "None" if value is None else f"Some({value})"


def _text(value: str) -> str:
    """A string literal of Rust: JSON's, with its escapes written as Rust has them."""
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(
        sign if sign.isprintable() else f"\\u{{{ord(sign):x}}}"
        for sign in quoted.replace("\\b", "\\u{8}").replace("\\f", "\\u{c}")
    )


def _hex(wasm: bytes) -> str:
    lines = (wasm[at : at + 50].hex() for at in range(0, len(wasm), 50))
    return "".join(f'\n        "{line}",' for line in lines)
