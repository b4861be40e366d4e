"""Results: what a file holds, what may be compared, and what a run refuses to call a difference."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import msgspec
import pytest

from labkit.cost import Comparison, Noise, Pair, Results, Row, Subject, Table, Times, read_results
from labkit.cost.schema import schema
from labkit.errors import ArgumentError, FormatError, UnknownNameError
from labkit.record.schema import schema_of

SAMPLE = Path(__file__).with_name("data") / "results.json"

ONE, OTHER, MISSING = Subject("keep", "empty"), Subject("fresh-store", "empty"), Subject("recompile", "empty")


def table(one: float, other: float, *, noise: float, spread: float = 0.001) -> Table:
    def times(median: float) -> Times:
        edges = (median * (1 - spread), median * (1 + spread))
        return Times(1000, median, *edges, *edges)

    rows = (Row(ONE, times(one)), Row(OTHER, times(other)), Row(MISSING, None, "The compiler is out."))
    return Table("policies", "A call", rows, Noise((Pair("keep of empty", 100.0, 100.0 * (1 + noise)),)))


def test_a_measured_file_is_read_and_written_again() -> None:
    results = read_results(SAMPLE.read_bytes())
    assert read_results(results.to_json()) == results
    assert [t.id for t in results] == [
        "instantiation", "policies", "phases", "touched", "traps", "reuse", "workers", "compilation",
    ]  # fmt: skip
    assert results.machine.wasmtime == "50.0.1"
    assert {name: program.kind for name, program in results.programs.items()} == {
        "empty": "module",
        "one-page": "module",
        "rust": "module",
        "large": "module",
        "component": "component",
        "composed": "component",
        "rust-component": "component",
    }
    assert all(row.times or row.absent for t in results for row in t)


def test_the_schema_is_that_of_the_data_types() -> None:
    assert schema() == schema_of(Results), "run: python -m labkit.cost.schema"
    jsonschema.validate(json.loads(SAMPLE.read_bytes()), schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"format": 1}, schema())


def test_another_format_is_refused() -> None:
    with pytest.raises(FormatError, match=r"^These results have format 2; this labkit reads format 1\.$"):
        read_results('{"format": 2}')
    with pytest.raises(FormatError, match=r"^These are no results of labkit bench: "):
        read_results("[]")
    with pytest.raises(FormatError, match=r"^These are no results of labkit bench: "):
        read_results(b"\xff")


def test_a_difference_beyond_the_noise_is_told() -> None:
    found = table(100.0, 320.0, noise=0.02)
    assert found.compare(OTHER, ONE) == Comparison(3.2, pytest.approx(0.02), True)
    assert found.compare(OTHER, ONE).describe() == "3.2 times slower"
    assert found.compare(ONE, OTHER).describe() == "3.2 times faster"


def test_a_difference_inside_the_noise_is_not() -> None:
    found = table(100.0, 104.0, noise=0.05).compare(OTHER, ONE)
    assert found.verdict == "no-difference"
    assert found.describe() == "no difference this run can tell (noise 5.0 %)"


def test_nor_is_one_whose_medians_are_not_known_well_enough() -> None:
    found = table(100.0, 130.0, noise=0.01, spread=0.2).compare(OTHER, ONE)
    assert (found.apart, found.verdict) == (False, "no-difference")


def test_without_an_a_a_check_nothing_can_be_told() -> None:
    alone = msgspec.structs.replace(table(100.0, 900.0, noise=0), noise=Noise(()))
    assert alone.compare(OTHER, ONE).describe() == "no difference this run can tell (noise unknown)"
    assert alone.noise.describe() == "A/A: nothing was timed twice, so no difference can be told here."


def test_the_a_a_line_names_the_worst() -> None:
    pairs = (Pair("keep of empty", 100.0, 100.4), Pair("pool of empty", 200.0, 206.0))
    assert Noise(pairs).describe() == (
        "A/A: 2 subjects, each timed twice, differed by 0.4 % to 3.0 % (pool of empty)."
    )
    assert Noise((Pair("keep of empty", 100.0, 130.0),)).describe() == (
        "A/A: keep of empty, timed twice, differed by 30 %; the machine was busy, so measure again when it is not."
    )


def test_what_takes_long_does_not_drown_what_is_short() -> None:
    short, long = Pair("keep of empty", 100.0, 101.0), Pair("recompile of empty", 1e6, 2e6)
    noise = Noise((short, long))
    assert noise.floor == noise.floor_near(1e5) == noise.floor_near(120.0, 3e6) == 1.0
    assert noise.floor_near(120.0) == noise.floor_near(120.0, 900.0) == pytest.approx(0.01)
    # Nothing was timed twice that takes about as long.
    assert noise.floor_near(1e12) == 1.0


def test_a_subject_without_times_says_why() -> None:
    found = table(100.0, 200.0, noise=0)
    with pytest.raises(
        ArgumentError, match=r"^recompile of empty, on-demand, native was not timed: The compiler is out\.$"
    ):
        found.times(MISSING)
    with pytest.raises(ArgumentError, match=r"^The table policies has no row for pool, on-demand, native\.$"):
        found.times(Subject("pool"))
    assert found.select() == found.rows[:2]
    assert found.select(what="keep", guest="empty") == found.rows[:1]


def test_an_unknown_table_is_named() -> None:
    results: Results = read_results(SAMPLE.read_bytes())
    with pytest.raises(UnknownNameError, match=re.escape("There is no table named 'phase'; did you mean phases?")):
        results.table("phase")


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (Subject("lookup", "rust"), "lookup of rust, on-demand, native"),
        (
            Subject("fresh-store", "large", "python", "pooling", keep_resident=8 * 2**20),
            "fresh-store of large, pooling, 8 MiB kept resident, python",
        ),
        (
            Subject("fresh-store", "large", copy_on_write=False, at=8388608.0),
            "fresh-store of large at 8388608, on-demand, no copy-on-write, native",
        ),
    ],
)
def test_a_subject_in_words(subject: Subject, words: str) -> None:
    assert subject.describe() == words
