"""`labkit runtimes`, `labkit matrix`, `labkit bisect`: what they print and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.record import find_scenario, scenarios
from tests.cli.conftest import Labkit

MODE_1 = "01-poisoned-component"
MODE_3 = "03-sync-and-async"
NEW_INSTANCE = f"{MODE_1}/new-instance"
CHANGED = "Up to 41.0.0 step 4 returned 20.0; since 42.0.0 it is refused: step 2 poisoned the store."


def test_bisecting_a_family_names_the_release(labkit: Labkit) -> None:
    done = labkit("bisect", MODE_1)
    assert done.status == 0
    first, second, third, hint = done.out.splitlines()
    assert first == f"{MODE_1} itself goes the same way at both ends; {NEW_INSTANCE} does not:"
    assert second == CHANGED
    assert third == "Tried 5 of 12 releases: 39.0.0, 50.0.1, 44.0.0, 41.0.0, 42.0.0."
    assert hint == "What changed and changed back in between is not seen; `labkit matrix` shows every release."


def test_bisecting_a_file_as_json(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(find_scenario(NEW_INSTANCE).to_json())
    found = labkit("bisect", "mine.json", "--step", "4", "--json").json
    assert (found["changed"], found["last_before"], found["first_after"]) == (True, "41.0.0", "42.0.0")
    assert found["sentence"] == CHANGED


def test_bisecting_what_never_changed(labkit: Labkit) -> None:
    done = labkit("bisect", NEW_INSTANCE, "--step", "2")
    assert (done.status, done.out) == (1, "")
    assert done.err.splitlines()[-1] == (
        f"labkit: Step 2 of {NEW_INSTANCE} goes the same way under Wasmtime 39.0.0 and 50.0.1."
    )


def test_bisecting_releases_of_ones_own_in_any_order(labkit: Labkit) -> None:
    done = labkit("bisect", MODE_3, "--wasmtime", "50.0.1,20.0.0,42,41.0.0", "--json")
    found = done.json
    assert (done.status, found["last_before"], found["first_after"]) == (0, "41.0.0", "42.0.0")
    assert [attempt["runtime"] for attempt in found["tries"]] == ["20.0.0", "50.0.1", "41.0.0", "42.0.0"]
    done = labkit("bisect", f"{MODE_3}/all-sync", "--wasmtime", "20.0.0,41.0.0")
    assert (done.status, done.out) == (1, "")
    assert done.err.splitlines()[-1] == (
        f"labkit: {MODE_3}/all-sync goes the same way under Wasmtime 20.0.0 and 41.0.0."
    )


def test_a_matrix_for_people(labkit: Labkit) -> None:
    done = labkit("matrix", NEW_INSTANCE, "--wasmtime", "41.0.0,42,50.0.1")
    assert done.status == 0
    row = next(line for line in done.out.splitlines() if NEW_INSTANCE in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [NEW_INSTANCE, "–", "✖●", "≠ ✖■", "✖■"]


def test_two_files_with_one_name_and_a_matrix_of_which_nothing_could_be_played(
    labkit: Labkit, tmp_path: Path
) -> None:
    mine = find_scenario(NEW_INSTANCE).to_json()
    (tmp_path / "one.json").write_text(mine)
    (tmp_path / "other.json").write_text(mine.replace("101.0", "102.0"))
    done = labkit("matrix", "one.json", "other.json")
    assert (done.status, done.out) == (2, "")
    assert done.err == f"labkit: Two different scenarios are called {NEW_INSTANCE}; rename one of them.\n"
    done = labkit("matrix", NEW_INSTANCE, "--wasmtime", "36.0.0")
    assert done.status == 2
    assert "? process-panic is a component, and Wasmtime 36.0.0 runs core modules only from Python" in done.out


def test_what_a_release_cannot_run_is_said_before_it_is_fetched(labkit: Labkit, tmp_path: Path) -> None:
    done = labkit("run", MODE_1, "--wasmtime", "37", LABKIT_CACHE=str(tmp_path / "cache"))
    assert (done.status, done.out) == (2, "")
    assert done.err.splitlines()[-1] == (
        "labkit: process-panic is a component, and Wasmtime 37.0.0 runs core modules only from Python; "
        "components came with 39.0.0."
    )
    assert not (tmp_path / "cache" / "runtimes").exists()


def test_a_matrix_as_json_takes_policies_and_a_whole_family(labkit: Labkit) -> None:
    done = labkit("matrix", MODE_1, "--wasmtime", "41.0.0,42.0.0", "--policy", "fresh-instance", "--json")
    rows = {row["scenario"]: row for row in done.json["rows"]}
    assert list(rows) == [scenario.id for scenario in scenarios().values() if scenario.family == MODE_1]
    assert done.json["runtimes"] == ["41.0.0", "42.0.0"]
    assert (rows[MODE_1]["policy"], rows[MODE_1]["changed"]) == ("fresh-instance", ["42.0.0"])


def test_releases_are_listed_with_what_they_can_do(labkit: Labkit) -> None:
    found = {entry["version"]: entry for entry in labkit("runtimes", "list", "--json").json}
    assert found["50.0.1"]["own"]
    assert labkit("runtimes", "add", "50.0.1").out == "Wasmtime 50.0.1 is here.\n"
    assert "this environment" in labkit("runtimes", "list").out


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("runtimes", "add", "3"), "Wasmtime 3.0.0 is too old for labkit, which drives 14.0.0 and later."),
        (("runtimes", "remove", "50.0.1"), "Wasmtime 50.0.1 belongs to this environment; labkit removes only"),
        (("matrix", MODE_1, "--wasmtime", "new"), "'new' is no Wasmtime version; write it as 41.0.0."),
        (("matrix", MODE_1, "--wasmtime", "50.0.1", "--policy", "kep"), "There is no reuse policy named 'kep'"),
        (("bisect", NEW_INSTANCE, "--policy", "keep"), "names its own stores, so no reuse policy applies"),
        (("bisect", MODE_3, "--wasmtime", "50.0.1"), "Bisecting takes at least two Wasmtime releases: one before"),
        (("bisect", "absent.json"), "absent.json cannot be read: No such file or directory."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(labkit: Labkit, args: tuple[str, ...], sentence: str) -> None:
    done = labkit(*args)
    assert (done.status, done.out) == (2, "")
    assert sentence in done.err
