"""Names and lines kept apart from a program, and given back to its traces."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labkit import Frame, Lab, Program, Trace
from labkit.demangle import demangle
from labkit.errors import FormatError, LabkitError, ProgramError
from labkit.guests import Toolchain
from labkit.host import SourceLocation
from labkit.inspect import build_ids, read_symbols, strip, symbolize
from labkit.inspect.binary import core_modules, sections
from tests.inspect.conftest import compile_core
from tests.inspect.trapping import trap

WASMTIME_SAYS = """
import sys, wasmtime
from wasmtime import component
engine = wasmtime.Engine()
store = wasmtime.Store(engine)
wasm = open(sys.argv[1], "rb").read()
try:
    if wasm[4] == 0x0D:
        linker = component.Linker(engine)
        linker.add_wasip2()
        config = wasmtime.WasiConfig()
        config.stderr_file = sys.argv[1] + ".stderr"
        store.set_wasi(config)
        instance = linker.instantiate(store, component.Component(engine, wasm))
        instance.get_func(store, "process-input")(store, 101.0)
    else:
        linker = wasmtime.Linker(engine)
        module = wasmtime.Module(engine, wasm)
        linker.define_unknown_imports_as_traps(module)
        linker.instantiate(store, module).exports(store)["nth"](store, 3)
except wasmtime.WasmtimeError as error:
    print(error)
except wasmtime.Trap as trap:
    print(trap)
"""


def frames_of(trace: Trace) -> tuple[Frame, ...]:
    outcome = trace.steps[-1].outcome
    assert outcome is not None
    return outcome.frames


def backtrace_by_wasmtime(program: Program, folder: Path) -> list[list[tuple[str, str]]]:
    """Each frame as the runtime itself symbolises it: (function, place), innermost first, without hashes."""
    path = folder / "program.wasm"
    path.write_bytes(program.wasm)
    done = subprocess.run(
        [sys.executable, "-c", WASMTIME_SAYS, str(path)],
        env=os.environ | {"WASMTIME_BACKTRACE_DETAILS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    frames: list[list[tuple[str, str]]] = []
    for line in done.stdout.partition("\n\nCaused by")[0].splitlines()[1:]:
        if found := re.match(r"\s+(?:\d+:\s+0x[0-9a-f]+)?\s+- (.*)", line):
            if ":" in line.split(" - ")[0]:
                frames.append([])
            frames[-1].append((_plain(found[1]), ""))
        elif found := re.match(r"\s+at (.*)", line):
            frames[-1][-1] = frames[-1][-1][0], found[1]
    return frames


def _plain(name: str) -> str:
    name = re.sub(r"(?<=\w)\[[0-9a-f]+\]", "", name)
    return re.sub(r"::h[0-9a-f]{16}$", "", name)


def as_wasmtime_says_it(frame: Frame) -> list[tuple[str, str]]:
    places = [(demangle(p.func or ""), f"{p.file}:{p.line}:{p.column}") for p in frame.source]
    return places or [(f"{frame.module}!{demangle(frame.func or '')}", "")]


@pytest.mark.parametrize("kind", ["core", "component"])
def test_stripped_program_and_symbols_together_say_what_the_program_said(
    kind: str, request: pytest.FixtureRequest
) -> None:
    program: Program = request.getfixturevalue(kind)
    bare, symbols = strip(program)
    from_program, from_bare = trap(program), trap(bare)
    assert {frame.func for frame in frames_of(from_bare)} == {None}
    assert {frame.module for frame in frames_of(from_bare)} == {None}
    told = frames_of(symbolize(from_bare, read_symbols(symbols.to_json())))
    assert told == frames_of(symbolize(from_program, symbols))
    plain = [(f.func_index, f.func, f.module, f.module_offset, f.func_offset) for f in told]
    assert plain == [
        (f.func_index, f.func, f.module, f.module_offset, f.func_offset) for f in frames_of(from_program)
    ]


@pytest.mark.parametrize("kind", ["core", "component"])
def test_lines_and_inlined_functions_are_those_that_wasmtime_finds(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    program: Program = request.getfixturevalue(kind)
    bare, symbols = strip(program)
    ours = [as_wasmtime_says_it(frame) for frame in frames_of(symbolize(trap(bare), symbols))]
    theirs = backtrace_by_wasmtime(program, tmp_path)
    # The innermost frame is where `unreachable` stands; the lab's runtime says the function's start.
    assert ours[1:] == theirs[1:]
    assert len(ours) == len(theirs) == {"core": 4, "component": 13}[kind]


def test_dwarf_5_gives_the_same_places(core: Program, toolchain: Toolchain, tmp_path: Path) -> None:
    newer = Program.from_bytes("sums", compile_core(toolchain, tmp_path, "-Cdwarf-version=5"))
    assert b".debug_rnglists" in newer.wasm
    places = [frames_of(symbolize(trap(p), strip(p)[1])) for p in (core, newer)]
    ours = [
        [f.source for f in frames if demangle(f.func or "").startswith(("sums::", "nth"))] for frames in places
    ]
    assert ours[0] == ours[1]
    assert [[(demangle(p.func or ""), p.line) for p in source] for source in ours[0]] == [
        [("sums::halve", 24), ("sums::pick", 19)],
        [("nth", 14)],
    ]


def test_nothing_that_explains_is_left_and_everything_else_is(component: Program) -> None:
    bare, symbols = strip(component)
    kept, before = list(_customs(bare.wasm)), list(_customs(component.wasm))
    assert kept == [name for name in before if name not in ("name", "component-name") and ".debug" not in name]
    assert "producers" in kept
    assert (bare.how, bare.kind, bare.toolchain) == ("stripped", "component", component.toolchain)
    assert b"process_panic" not in bare.wasm.replace(b"process-panic", b"")
    assert [(module.name, len(module.functions)) for module in symbols.modules] == [
        ("process_panic.wasm", len(symbols.modules[0].functions)), (None, 7), (None, 0),
    ]  # fmt: skip
    assert build_ids(bare) == build_ids(component) == symbols.build_ids


def _customs(wasm: bytes) -> list[str]:
    outer = [section.name for section in sections(wasm) if section.name]
    inner = [section.name for place in core_modules(wasm) for section in sections(wasm, *place) if section.name]
    return sorted(inner + outer)


def test_frames_of_other_core_modules_of_a_component_are_told_apart() -> None:
    module = '(core module ${0} (func ${0}-{1} {2}) (func (export "f") call ${0}-{1}))'
    # Alike down to every index: without names only the place in the file tells whose frame it is.
    wat = f"""(component
      {module.format("first", "same", "nop")} {module.format("second", "other", "unreachable")}
      (core instance $a (instantiate $first)) (core instance $b (instantiate $second))
      (func (export "nth") (canon lift (core func $b "f"))))"""
    program = Program.from_wat("two", wat)
    bare, symbols = strip(program)
    with Lab() as lab:
        lab.store().instantiate(bare).call("nth")
        frames = frames_of(symbolize(lab.trace, symbols))
    assert [(frame.module, frame.func) for frame in frames] == [("second", "second-other"), ("second", None)]


def test_a_symbol_file_packs_and_comes_back(core: Program, tmp_path: Path) -> None:
    symbols = strip(core)[1]
    plain, packed = symbols.save(tmp_path / "sums.json"), symbols.save(tmp_path / "sums.json.gz")
    assert read_symbols(plain.read_bytes()) == read_symbols(packed.read_bytes()) == symbols
    assert packed.stat().st_size < plain.stat().st_size / 2
    assert packed.read_bytes() == symbols.save(tmp_path / "again.gz").read_bytes()


def test_symbols_of_another_build_are_refused_in_one_sentence(core: Program, component: Program) -> None:
    symbols = strip(core)[1]
    with pytest.raises(LabkitError) as raised:
        symbolize(trap(component), symbols)
    assert str(raised.value) == (
        f"These are the symbols of sums with SHA-256 {core.digest[:12]}…, stripped {symbols.digests[1][:12]}…, "
        f"and no program of this trace is that build: process-panic ({component.digest[:12]}…)."
    )


def test_what_somebody_else_stripped_is_known_by_its_builds(core: Program) -> None:
    symbols = strip(core)[1]
    # Another tool leaves other sections out.
    other = Program.from_bytes("theirs", strip(core)[0].wasm + b"\0\x05\x04mark")
    with pytest.raises(LabkitError, match="no program of this trace is that build"):
        symbolize(trap(other), symbols)
    assert symbols.belongs_to(other)
    with Lab() as lab:
        lab.program(other.wasm, "theirs")
        told = lab.symbolize(trap(other), symbols)
    assert frames_of(told) == frames_of(symbolize(trap(core), symbols))


def test_the_linkers_build_id_comes_first(toolchain: Toolchain, tmp_path: Path) -> None:
    wasm = compile_core(toolchain, tmp_path, "-Clink-arg=--build-id=0x0badcafe")
    (module,) = strip(Program.from_bytes("sums", wasm))[1].modules
    assert (module.build_id, module.own_id) == ("0badcafe", True)


def test_a_trace_without_frames_has_nothing_to_look_up(core: Program) -> None:
    with Lab() as lab:
        lab.program(core.wasm, "sums")
        with pytest.raises(LabkitError, match=r"^These are the symbols of sums .* is that build: none\.$"):
            lab.symbolize(lab.trace, strip(core)[1])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Input data was truncated"),
        (b"\x1f\x8b\x08", "it does not unpack (Compressed file ended before"),
        (b'{"format": 2}', "This symbol file has format 2; this labkit reads format 1."),
        (b'{"format": 1}', "Object missing required field `program`"),
        (b'{"a":' * 100_000, "it is nested too deeply"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_symbol_file(data: bytes, why: str) -> None:
    with pytest.raises(FormatError) as raised:
        read_symbols(data)
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)


def test_rows_that_are_out_of_order_are_refused(core: Program) -> None:
    plain = json.loads(strip(core)[1].to_json())
    function = next(f for f in plain["modules"][0]["functions"] if f.get("rows"))
    function["rows"] = [9, 0, 1, 1, 3, 0, 2, 1]
    with pytest.raises(FormatError) as raised:
        read_symbols(json.dumps(plain).encode())
    assert str(raised.value) == (
        f"This is no labkit symbol file: the rows of function {function['index']} are not in order."
    )


def test_a_gzip_bomb_stays_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    monkeypatch.setattr("labkit.bounds.EVIDENCE", 2**20)
    with pytest.raises(FormatError, match=r"^This is no labkit symbol file: it is larger than 1 MiB\.$"):
        read_symbols(gzip.compress(b" " * 2**24))


def test_dwarf_that_does_not_decode_is_said_so(core: Program) -> None:
    (place,) = (s for s in sections(core.wasm) if s.name == ".debug_abbrev")
    wasm = bytearray(core.wasm)
    wasm[place.content : place.end] = b"\xff" * (place.end - place.content)
    broken = Program.from_bytes("sums", bytes(wasm))
    with pytest.raises(
        ProgramError, match=r"^sums cannot be taken apart: its debug information does not decode \("
    ):
        strip(broken)
    named, _ = strip(broken, lines=False), None
    assert {f.name for f in named[1].modules[0].functions} >= {"nth"}


def test_dwarf_that_asks_for_any_number_of_entries_costs_a_child_process(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.inspect.dwarf_apart.SECONDS", 2)
    wasm = bytearray(compile_core(toolchain, tmp_path, "-Cdwarf-version=5"))
    (place,) = (s for s in sections(bytes(wasm)) if s.name == ".debug_line")
    # Behind the header and the lengths of twelve opcodes: no format, and four billion folders of that format.
    wasm[place.content + 30 : place.content + 36] = b"\0\xff\xff\xff\xff\x0f"
    bomb = Program.from_bytes("sums", bytes(wasm))
    with pytest.raises(
        ProgramError, match=r"^sums cannot be taken apart: its debug information (takes more|does not)"
    ):
        strip(bomb)


def test_what_was_built_here_and_what_comes_from_elsewhere_is_decoded_alike(component: Program) -> None:
    assert component.how in ("compiled", "cached")
    elsewhere = Program.from_bytes("process-panic", component.wasm)
    assert strip(elsewhere)[1] == strip(component)[1]


def test_a_place_without_a_line() -> None:
    from labkit.record.backtrace import place_text

    assert place_text(SourceLocation("f", "lib.rs")) == "lib.rs"
    assert place_text(SourceLocation("f", "lib.rs", 3, 4)) == "lib.rs:3:4"
