"""`labkit strip` and `labkit symbolize`, between a build and a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit import Lab, read_trace
from tests.cli.conftest import Labkit


@pytest.fixture
def stripped(labkit: Labkit, tmp_path: Path, without_compiler: dict[str, str]) -> Path:
    """A folder with a guest, the same stripped, its symbols and the trace of a trap."""
    labkit("build", "process-panic", "-o", "panic.wasm", **without_compiler)
    done = labkit("strip", "panic.wasm", "-o", "bare.wasm", "--symbols", "panic.symbols.gz")
    assert (done.status, done.err) == (0, "")
    with Lab() as lab:
        lab.store().instantiate(lab.program(tmp_path / "bare.wasm")).call("process-input", 101.0)
        lab.save(tmp_path / "trace.json")
    return tmp_path


def test_strip_says_what_it_wrote(labkit: Labkit, stripped: Path) -> None:
    done = labkit("strip", "panic.wasm", "-o", "bare.wasm", "--symbols", "panic.symbols.gz", "--json")
    report = done.json
    assert (report["size"], report["stripped"]["size"]) == (
        (stripped / "panic.wasm").stat().st_size,
        (stripped / "bare.wasm").stat().st_size,
    )
    first, *others = report["modules"]
    assert (first["name"], first["named"], first["with_lines"]) == ("process_panic.wasm", first["functions"], 0)
    assert [(module["name"], module["named"]) for module in others] == [(None, 0), (None, 0)]


def test_symbolize_prints_the_backtrace_offline(labkit: Labkit, stripped: Path) -> None:
    assert b"panic_fmt" not in (stripped / "bare.wasm").read_bytes()
    done = labkit("symbolize", "panic.symbols.gz", "trace.json")
    lines = done.out.splitlines()
    assert done.status == 0
    assert lines[0].startswith(
        "step 2, process-input of bare:  ✖ trapped: unreachable (panicked at process-panic/src"
    )
    assert lines[1].startswith("  0: abort in process_panic.wasm (+0x0, offset 0x")
    assert any(": core::panicking::panic_fmt in process_panic.wasm (+" in line for line in lines)
    assert lines[-1].split(" in ")[0].strip() == "12: process-input.command_export"


def test_symbolize_prints_a_trace_for_the_next_command(labkit: Labkit, stripped: Path) -> None:
    done = labkit("symbolize", "panic.symbols.gz", "trace.json", "--json")
    trace = read_trace(done.out)
    assert trace.steps[1].outcome is not None
    assert [frame.func for frame in trace.steps[1].outcome.frames][-2:] == [
        "process-input",
        "process-input.command_export",
    ]


def test_symbols_of_another_build_cannot_be_used(labkit: Labkit, stripped: Path) -> None:
    (stripped / "other.wat").write_text("(module (func $f))")
    labkit("strip", "other.wat", "-o", "other.wasm", "--symbols", "other.symbols")
    done = labkit("symbolize", "other.symbols", "trace.json")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("labkit: These are the symbols of other with SHA-256 ")
    assert "no program of this trace is that build: bare (" in done.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("none.symbols", "trace.json"), "labkit: none.symbols cannot be read: No such file or directory.\n"),
        (("panic.symbols.gz", "bare.wasm"), "labkit: This is no labkit trace: "),
        (("trace.json", "trace.json"), "labkit: This is no labkit symbol file: Object missing required field"),
    ],
)
def test_files_of_the_wrong_kind(
    labkit: Labkit, stripped: Path, arguments: tuple[str, str], sentence: str
) -> None:
    done = labkit("symbolize", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(sentence)


LEDGER = """(module $ledger
  (memory (export "memory") 1)
  (global (export "count") (mut i32) (i32.const 3))
  (data (i32.const 16) "half done")
  (func $audit unreachable)
  (func (export "run") call $audit))"""


@pytest.fixture
def dumped(labkit: Labkit, tmp_path: Path) -> Path:
    """A folder with the core dump of a core module that was stripped, and its symbols."""
    (tmp_path / "ledger.wat").write_text(LEDGER)
    labkit("strip", "ledger.wat", "-o", "bare.wasm", "--symbols", "ledger.symbols")
    with Lab() as lab:
        instance = lab.store().instantiate(lab.program(tmp_path / "bare.wasm", "ledger"))
        instance.call("run")
        lab.core_dump(instance, tmp_path / "core")
    return tmp_path


def test_inspect_shows_a_core_dump(labkit: Labkit, dumped: Path) -> None:
    done = labkit("inspect", "core", "--symbols", "ledger.symbols", "--find", "half")
    first, *lines = done.out.splitlines()
    assert (done.status, done.err) == (0, "")
    assert first.startswith("core dump of bare, build id ")
    assert lines == [
        "  0: audit in ledger (+0x0, offset 0x3e of the file)",
        "  1: function 1 in ledger (+0x1, offset 0x43 of the file)",
        "memory memory: 64.0 KiB",
        "  found at 0x10: 68 61 6c 66 20 64 6f 6e 65 00 00 00 00 00 00 00",
        "global count: 3",
    ]


def test_inspect_for_another_program(labkit: Labkit, dumped: Path) -> None:
    report = labkit("inspect", "core", "--find", "0x20646f6e65", "--json").json
    assert report.pop("build_id")
    assert report == {
        "program": "bare",
        "frames": [{"func_index": 0}, {"func_index": 1, "func_offset": 1}],
        "memories": [{"name": "memory", "size": 65536}],
        "globals": {"count": 3},
        "found": [[20]],
    }


def test_what_is_in_no_memory_gives_status_1(labkit: Labkit, dumped: Path) -> None:
    assert labkit("inspect", "core", "--find", "nowhere").status == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("core", "--find", "0x2"),
            "labkit: '0x2' are no bytes; write two hexadecimal digits for each, as in 0x2a00.",
        ),
        (
            ("bare.wasm", "--find", "x"),
            "labkit: bare.wasm is no core dump, so --symbols and --find have nothing to look through.",
        ),
        (
            ("core", "--symbols", "other.symbols"),
            "labkit: These are the symbols of other, and the core dump is of ",
        ),
    ],
)
def test_inspect_cannot_be_done(labkit: Labkit, dumped: Path, arguments: tuple[str, ...], sentence: str) -> None:
    (dumped / "other.wat").write_text("(module (func nop))")
    labkit("strip", "other.wat", "-o", "other.wasm", "--symbols", "other.symbols")
    done = labkit("inspect", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(sentence)


def test_a_file_that_is_no_program(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "text.wasm").write_text("no program")
    done = labkit("strip", "text.wasm", "-o", "bare.wasm", "--symbols", "symbols")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("labkit: text.wasm is no WebAssembly: it is a text that begins with ")
    assert not (tmp_path / "bare.wasm").exists()
