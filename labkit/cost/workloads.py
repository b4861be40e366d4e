"""The programs whose calls are timed, as data: what each is, where it comes from, what is called in it.

Those of the catalogue are built by whoever starts a run; this room does not know how. The others are WAT, because
what they cost has to be known to the byte.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from labkit.errors import LabkitError, unknown
from labkit.host.program import Program

_DOUBLE: Final = "(param f64) (result f64) local.get 0 f64.const 2 f64.mul"
# Traps for anything but a positive number.
_TRAPPING: Final = """(func (export "trap-unless-positive") (param f64) (result f64)
  (if (f64.le (local.get 0) (f64.const 0)) (then unreachable))
  local.get 0)"""

_EMPTY: Final = f'(module (func (export "double") {_DOUBLE}) {_TRAPPING})'
_ONE_PAGE: Final = f'(module (memory (export "memory") 1) (func (export "double") {_DOUBLE}) {_TRAPPING})'

# Writes one byte to each page of 4 KiB, from the start of its data on.
_LARGE: Final = f"""(module (memory (export "memory") 1024)
  (func (export "double") {_DOUBLE})
  (func (export "touch") (param $bytes i32) (result i32) (local $at i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $bytes)))
        (i32.store8 offset=65536 (local.get $at) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br $next)))
    local.get $at))"""
_DATA: Final = 8 * 2**20
_DATA_AT: Final = 65536

_COMPONENT: Final = f"""(component
  (core module $m (func (export "double") {_DOUBLE}) {_TRAPPING})
  (core instance $i (instantiate $m))
  (func (export "double") (param "x" f64) (result f64) (canon lift (core func $i "double")))
  (func (export "trap-unless-positive") (param "x" f64) (result f64)
    (canon lift (core func $i "trap-unless-positive"))))"""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """`name` stands for it in every subject. `guest`: its name in the catalogue, empty for one that is made here.

    `export(*args)` is what is called; `trap` a pair of an export and its arguments that trap, where there is one.
    `wasi`: it gets a WASI context. `memory`: bytes that it can write to at most; None if it grows as it needs.
    `heavy`: compiling it takes seconds, so only a full run does.
    """

    name: str
    title: str
    export: str
    args: tuple[Any, ...]
    guest: str = ""
    trap: tuple[str, tuple[Any, ...]] | None = None
    wasi: bool = False
    memory: int | None = None
    heavy: bool = False


WORKLOADS: Final[tuple[Workload, ...]] = (
    Workload(
        name="empty",
        title="a core module without a memory",
        memory=0,
        export="double",
        args=(1.0,),
        trap=("trap-unless-positive", (0.0,)),
    ),
    Workload(
        name="one-page",
        title="a core module with a memory of one page",
        memory=65536,
        export="double",
        args=(1.0,),
        trap=("trap-unless-positive", (0.0,)),
    ),
    Workload(
        name="rust",
        title="a core module in Rust, without a WASI context",
        guest="process-ledger",
        export="add",
        args=(1, 2),
        trap=("stop", ()),
    ),
    Workload(
        name="large",
        title="a core module with 64 MiB of memory and 8 MiB of data",
        memory=64 * 2**20,
        export="double",
        args=(1.0,),
    ),
    Workload(
        name="component",
        title="a component without a memory",
        memory=0,
        export="double",
        args=(1.0,),
        trap=("trap-unless-positive", (0.0,)),
    ),
    Workload(
        name="composed",
        title="two components composed into one",
        guest="counter-composed",
        export="right-count",
        args=(),
        trap=("left-crash", ()),
    ),
    Workload(
        name="rust-component",
        title="a component in Rust, with a WASI context",
        guest="process-panic",
        export="process-input",
        args=(10.0,),
        trap=("process-input", (101.0,)),
        wasi=True,
    ),
    Workload(
        name="python-component",
        title="a component in Python, 18 MB, with a WASI context",
        guest="notes-python",
        export="notes",
        args=(),
        trap=("escape", (60,)),
        wasi=True,
        heavy=True,
    ),
)


def workload(name: str) -> Workload:
    """The workload of this name; raises `UnknownNameError`."""
    for one in WORKLOADS:
        if one.name == name:
            return one
    raise unknown("workload", name, [one.name for one in WORKLOADS])


Build = Callable[[str], Program]
"""Gives a guest of the catalogue; raises `LabkitError`, with the reason, for one that cannot be built here."""


def programs(names: Sequence[str], build: Build) -> tuple[dict[str, Program], dict[str, str]]:
    """The programs of these workloads, and for those that cannot be had here the sentence that says why."""
    found: dict[str, Program] = {}
    absent: dict[str, str] = {}
    for name in names:
        one = workload(name)
        try:
            found[name] = build(one.guest) if one.guest else made_here(name)
        except LabkitError as error:
            absent[name] = f"{one.guest} cannot be had here. {error}"
    return found, absent


@cache
def made_here(name: str) -> Program:
    """A workload that is written in this module."""
    texts = {"empty": _EMPTY, "one-page": _ONE_PAGE, "component": _COMPONENT, "large": _LARGE}
    program = Program.from_wat(name, texts[name])
    return program if name != "large" else _with_data(program)


def _with_data(program: Program) -> Program:
    """A module with 8 MiB of data on top, which as text would be 25 MB."""
    # Random, so that nothing about it can be left out; the same each time, so that its digest is.
    data = random.Random(1).randbytes(_DATA)
    offset = b"\x41" + _signed(_DATA_AT) + b"\x0b"
    body = b"\x01\x00" + offset + _unsigned(len(data)) + data
    return Program.from_bytes(program.name, program.wasm + b"\x0b" + _unsigned(len(body)) + body, how="wat")


def _unsigned(number: int) -> bytes:
    """LEB128, as WebAssembly's binary format writes lengths."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _signed(number: int) -> bytes:
    """Signed LEB128 of a positive number: as unsigned, with room for the sign."""
    out = bytearray(_unsigned(number))
    if out[-1] & 64:
        out[-1] |= 128
        out.append(0)
    return bytes(out)
