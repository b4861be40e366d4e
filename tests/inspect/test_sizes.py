"""What debug information takes in a file, and at every trap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit import Lab, Program
from labkit.errors import ArgumentError
from labkit.guests import Toolchain, build
from labkit.inspect import SizeReport, TrapCost, TrapCostReport, measure_sizes, measure_traps, strip
from labkit.views import (
    sizes_html,
    sizes_reading,
    trap_costs_alt,
    trap_costs_html,
    trap_costs_reading,
)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_each_build_runs_the_same_and_explains_less(toolchain: Toolchain, lab: Lab) -> None:
    report = lab.debug_sizes("process-panic")
    assert [level.level for level in report.levels] == ["full", "lines", "names", "stripped"]
    full, lines, names, stripped = report.levels
    assert full.debug > lines.debug > names.debug == stripped.debug == 0
    assert names.names > stripped.names == 0
    assert stripped.size == stripped.runs == full.runs == full.size - full.names - full.debug
    assert full.symbols > names.symbols > stripped.symbols == 0
    assert report.note == ""


def test_a_build_with_debug_information_is_kept_for_the_next_time(toolchain: Toolchain) -> None:
    build("process-panic", debug="full")
    again = build("process-panic", debug="full")
    assert again.how == "cached"
    assert b".debug_line" in again.wasm
    assert bytes(Path.home()) not in again.wasm
    assert b"process-panic/src/lib.rs" in again.wasm


def test_a_prebuilt_file_has_no_debug_information() -> None:
    with pytest.raises(
        ArgumentError, match=r"^The prebuilt file of process-panic has names and no DWARF; compile it"
    ):
        build("process-panic", use="prebuilt", debug="full")


def test_without_a_compiler_there_are_names_and_a_note(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    report = lab.debug_sizes("process-panic")
    assert [level.level for level in report.levels] == ["names", "stripped"]
    assert report.note == (
        "Builds with DWARF are missing. Compiling process-panic needs a Rust toolchain for WebAssembly; "
        "`labkit setup` installs one."
    )
    assert "<code>labkit setup</code> installs one." in sizes_html(report)


def test_the_sizes_in_one_sentence() -> None:
    report = measure_sizes({"names": Program.from_wat("tiny", "(module $m (func $f))")})
    assert isinstance(report, SizeReport)
    bare, whole = report.levels[-1].size, report.levels[0]
    assert sizes_reading(report) == (
        f"With names only tiny is {whole.size / bare:.1f} times as large as what runs of it ({bare} bytes); "
        f"{whole.names} bytes of that are names, and a symbol file of {whole.symbols} bytes keeps what a "
        "backtrace needs."
    )
    page = sizes_html(report)
    assert f"<title>names only, names: {whole.names} bytes</title>" in page
    assert "symbol file, packed" in page


def test_lines_cost_at_every_trap_unless_the_program_is_stripped(component: Program) -> None:
    builds = {"full": component, "stripped": strip(component, lines=False)[0]}
    report = measure_traps(builds, "process-input", [101.0], traps=15)
    assert [(cost.level, cost.details, cost.traps) for cost in report.costs] == [
        ("full", False, 15), ("full", True, 15), ("stripped", False, 15), ("stripped", True, 15),
    ]  # fmt: skip
    assert report.median("full", details=True) > 2 * report.median("stripped", details=True)
    assert "full DWARF and lines looked up, a trap of process-panic costs" in trap_costs_reading(report)
    with pytest.raises(ArgumentError, match=r"^'lines' was not measured; there are full, stripped\.$"):
        report.median("lines", details=True)


def test_a_call_that_returns_is_not_measured(component: Program) -> None:
    with pytest.raises(
        ArgumentError, match=r"^Only a call that traps can be measured here, and this one returned 2\.0"
    ):
        measure_traps({"full": component}, "process-input", [1.0], traps=1)
    with pytest.raises(ArgumentError, match=r"^There is no export of process-panic named 'nope'; known: calls"):
        measure_traps({"full": component}, "nope", [], traps=1)


COSTS = TrapCostReport(
    "guest",
    (
        TrapCost("full", False, 500.0, 9),
        TrapCost("full", True, 4000.0, 9),
        TrapCost("stripped", False, 480.0, 9),
        TrapCost("stripped", True, 490.0, 9),
    ),
    "some machine",
)


def test_the_costs_in_words_and_on_a_page() -> None:
    reading = (
        "With full DWARF and lines looked up, a trap of guest costs 8.0 times as much; "
        "stripped: no more than without."
    )
    assert trap_costs_reading(COSTS) == reading
    assert trap_costs_alt(COSTS) == (
        f"Time of a call that traps, without and with WASMTIME_BACKTRACE_DETAILS. {reading} "
        "full DWARF: 500 µs → 4 ms. stripped: 480 µs → 490 µs."
    )
    page = trap_costs_html(COSTS)
    assert "<title>with: 4 ms</title>" in page
    assert '<td class="lk-number">8.0×</td>' in page
    same = TrapCostReport("guest", COSTS.costs[2:], "some machine")
    assert trap_costs_reading(same) == "Looking up lines costs no trap of guest more than it costs anyway."
