"""The section reader, with what no compiler would write."""

from __future__ import annotations

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit import Program
from labkit.errors import ProgramError
from labkit.inspect import strip
from labkit.inspect.binary import (
    COMPONENT,
    MODULE,
    MalformedError,
    Reader,
    core_modules,
    leb,
    sections,
    signed_leb,
    without,
)

WAT = """(module $named
  (import "host" "memory" (memory 1))
  (import "host" "table" (table 1 funcref))
  (import "host" "global" (global (mut i64)))
  (import "host" "log" (func $log (param i32)))
  (import "host" "tag" (tag (param i32)))
  (func $first (export "first") i32.const 1 call $log)
  (func (export "second")))"""


def refusal(program: Program) -> str | None:
    """The sentence with which a program cannot be stripped; None if it can."""
    try:
        strip(program)
    except ProgramError as error:
        return str(error)
    return None


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(-(2**63), 2**63 - 1))
def test_numbers_come_back(unsigned: int, signed: int) -> None:
    assert Reader(leb(unsigned)).u32() == unsigned
    assert Reader(signed_leb(signed)).signed(64) == signed


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff\xff\xff\xff\x1f", b"\x80\x80\x80\x80\x80\x00"])
def test_a_number_that_is_none(data: bytes) -> None:
    with pytest.raises(MalformedError):
        Reader(data).u32()


@settings(deadline=None)
@given(st.sampled_from([MODULE, COMPONENT]), st.binary(max_size=200))
def test_garbage_behind_a_header_ends_in_one_sentence(header: bytes, rest: bytes) -> None:
    program = Program.from_bytes("garbage", header + rest)
    sentence = refusal(program)
    assert sentence is None or sentence.startswith("garbage cannot be taken apart: ")
    assert sentence is None or "\n" not in sentence
    assert sentence is not None or strip(program)[0].size <= len(rest) + 8


@settings(deadline=None)
@given(data=st.data())
def test_a_damaged_program_is_taken_apart_or_refused(data: st.DataObject) -> None:
    wasm = bytearray(wasmtime.wat2wasm(WAT))
    for _ in range(data.draw(st.integers(1, 3))):
        wasm[data.draw(st.integers(8, len(wasm) - 1))] = data.draw(st.integers(0, 255))
    sentence = refusal(Program.from_bytes("damaged", bytes(wasm)))
    assert sentence is None or sentence.startswith("damaged cannot be taken apart: byte ")


def test_functions_are_counted_behind_the_imported_ones() -> None:
    bare, symbols = strip(Program.from_wat("named", WAT))
    (module,) = symbols.modules
    assert module.name == "named"
    assert [(function.index, function.name) for function in module.functions] == [(1, "first"), (2, None)]
    assert [section.name for section in sections(bare.wasm) if section.name] == []
    wasmtime.Module(wasmtime.Engine(), bare.wasm)


def test_nothing_to_drop_leaves_every_byte(component: Program) -> None:
    assert without(component.wasm, lambda _name: False) == component.wasm


def test_components_within_components_have_a_limit() -> None:
    wasm = COMPONENT
    for _ in range(40):
        wasm = COMPONENT + b"\4" + leb(len(wasm)) + wasm
    with pytest.raises(MalformedError, match=r"^byte \d+: components are nested deeper than 32$"):
        list(core_modules(wasm))
    with pytest.raises(ProgramError, match=r"^deep cannot be taken apart: byte \d+: components are nested deeper"):
        strip(Program.from_bytes("deep", wasm))
