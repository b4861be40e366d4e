"""`labkit bench` as a user meets it: tables with their noise, files for later and for pyperf."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pyperf

from labkit.cost import WORKLOADS, plans, read_results
from tests.cli.conftest import Labkit


def test_tables_end_with_their_noise(labkit: Labkit) -> None:
    done = labkit("bench", "reuse", "one-page", "--seconds", "1")
    assert (done.status, done.err.strip()) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].rstrip() == (
        "reuse: A call on average, by how often an instance is used before it is replaced"
    )
    assert [line.split("│")[3].strip() for line in lines if "max-reuse" in line and "│" in line] == [
        "1", "2", "5", "10", "100", "1 000",
    ]  # fmt: skip
    assert any(line.startswith("A/A: 5 subjects, each timed twice, differed by ") for line in lines)
    assert "wasmtime 50.0.1" in lines[-1]


def test_results_go_into_files(labkit: Labkit, tmp_path: Path) -> None:
    runs = []
    for name in ("before", "after"):
        done = labkit(
            "bench", "reuse", "one-page", "--seconds", "1", "--json", f"{name}.json", "--pyperf", f"{name}.pyperf"
        )
        assert done.status == 0
        runs.append(read_results((tmp_path / f"{name}.json").read_bytes()))
    timed = [row for row in runs[0].table("reuse") if row.times]
    suite = pyperf.BenchmarkSuite.load(str(tmp_path / "before.pyperf"))
    assert suite.get_benchmark_names() == [f"reuse: {row.subject.describe()}" for row in timed]
    first = suite.get_benchmarks()[0]
    assert timed[0].times is not None
    assert first.get_values() == tuple(part / 1e9 for part in timed[0].times.parts)
    assert first.get_metadata()["wasmtime_version"] == "50.0.1"
    compared = subprocess.run(
        [sys.executable, "-m", "pyperf", "compare_to", "--table", "before.pyperf", "after.pyperf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Benchmark" in compared.stdout


def test_json_is_printed_and_nothing_else(labkit: Labkit) -> None:
    done = labkit("bench", "reuse", "component", "empty", "instantiation", "--seconds", "1", "--json")
    results = read_results(done.out)
    assert [table.id for table in results] == ["instantiation"]
    assert {row.subject.guest for row in results.table("instantiation")} == {"component", "empty"}


def test_the_help_names_everything_that_can_be_measured(labkit: Labkit) -> None:
    # Lines may end at a hyphen.
    text = re.sub(r"-\n\s*", "-", labkit("bench", "--help").out)
    words = set(re.split(r"[\s,.;]+", text))
    assert words >= {*plans(), *(one.name for one in WORKLOADS)}


def test_what_is_no_subject_is_refused_before_anything_is_measured(labkit: Labkit) -> None:
    for arguments, sentence in (
        (("phase",), "There is no table or workload named 'phase'; did you mean phases?"),
        (
            ("--json", "phases"),
            "--json takes a file, and phases is something to measure; put it before --json.",
        ),
        (
            ("--pyperf", "missing/run.json"),
            "missing/run.json cannot be written: there is no folder missing.",
        ),
    ):
        done = labkit("bench", *arguments)
        assert (done.status, done.out, done.err) == (2, "", f"labkit: {sentence}\n")
