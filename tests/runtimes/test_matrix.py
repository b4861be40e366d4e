"""The matrix and the bisection: what differs between releases, and since when."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest
from msgspec import structs

from labkit.cli.load import program
from labkit.errors import ArgumentError, LabkitError
from labkit.host import Limits
from labkit.record import find_scenario
from labkit.runtimes import Cell, find_change, matrix
from labkit.runtimes.release import folder_of, runtimes_dir
from tests.runtimes.conftest import PROGRAMS, story

NEW_INSTANCE = find_scenario("01-poisoned-component/new-instance")
RE_ENTRANCE = find_scenario("01-poisoned-component/re-entrance")
_SHORT = Limits(seconds=0.2)
FOUR = ("39.0.0", "41.0.0", "42.0.0", "50.0.1")


@pytest.fixture
def own_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own with the machine's releases in it."""
    shared = runtimes_dir()
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    runtimes_dir().symlink_to(shared)
    return tmp_path / "matrix"


def test_neighbours_that_differ_are_marked_and_results_are_kept(own_results):
    seen: list[tuple[str, int, int]] = []

    def watch(cell: Cell, done: int, total: int) -> None:
        seen.append((cell.runtime, done, total))

    first = matrix([NEW_INSTANCE], FOUR, program, on_cell=watch)
    (row,) = first.rows
    last = [cell.trace.steps[-1].outcome.describe() for cell in row.cells]
    assert last == ["returned 20.0", "returned 20.0", *["was refused: poisoned by step 2"] * 2]
    assert (row.policy, row.changed, first.runtimes) == (None, ("42.0.0",), FOUR)
    assert [done for _, done, _ in seen] == [1, 2, 3, 4]
    assert sorted(version for version, _, _ in seen) == sorted(FOUR)
    assert [cell.cached for cell in row.cells] == [False] * 4
    assert len(list(own_results.iterdir())) == 4
    again = matrix([NEW_INSTANCE], FOUR, program).rows[0]
    assert [cell.cached for cell in again.cells] == [True] * 4
    assert [cell.trace for cell in again.cells] == [cell.trace for cell in row.cells]


def test_a_damaged_result_is_played_again(own_results):
    matrix([NEW_INSTANCE], ["41.0.0"], program)
    (kept,) = own_results.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert not matrix([NEW_INSTANCE], ["41.0.0"], program).rows[0].cells[0].cached


def test_policies_apply_where_they_can():
    wanted = [NEW_INSTANCE, find_scenario("01-poisoned-component")]
    rows = matrix(wanted, ["41.0.0", "42.0.0"], program, policies=["fresh-instance", "fresh-store"]).rows
    assert [(row.scenario, row.policy, row.changed) for row in rows] == [
        ("01-poisoned-component/new-instance", None, ("42.0.0",)),
        ("01-poisoned-component", "fresh-instance", ("42.0.0",)),
        ("01-poisoned-component", "fresh-store", ()),
    ]


def test_what_goes_wrong_in_one_cell_leaves_the_others_alone(own_results, misbehaving):
    misbehaving("mix")
    (row,) = matrix([story("core-counter", "count", "spin")], ["20.0.0", "41.0.0"], PROGRAMS.__getitem__).rows
    assert [cell.trace.steps[-1].outcome.signal for cell in row.cells] == ["SIGABRT", "SIGABRT"]
    (row,) = matrix([story("counter", "count")], ["36.0.0", "41.0.0", "43.9.9"], PROGRAMS.__getitem__).rows
    assert [cell.problem for cell in row.cells] == [
        "counter is a component, and Wasmtime 36.0.0 runs core modules only from Python; "
        "components came with 39.0.0.",
        None,
        "Wasmtime 43.9.9 is not on this machine; `labkit runtimes add 43.9.9` fetches it.",
    ]
    assert row.cells[1].trace.steps[-1].outcome.value == 1
    assert row.changed == ("41.0.0", "43.9.9")
    assert not folder_of("43.9.9").exists()


def test_an_interrupt_ends_the_children_that_still_run(own_results):
    endless = structs.replace(story("core-counter", "spin", limits=Limits(seconds=None)), id="test/endless")

    def interrupt(_cell: Cell, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        matrix([story("counter", "count"), endless], ["50.0.1"], PROGRAMS.__getitem__, on_cell=interrupt)
    assert [child for child in psutil.Process().children() if "labkit.runtimes.child" in child.cmdline()] == []
    # What was stopped says nothing about the release, so it is not kept.
    assert len(list(own_results.iterdir())) == 1


def test_any_executor_will_do():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        (row,) = matrix([NEW_INSTANCE], ["41.0.0"], program, executor=pool).rows
    assert row.cells[0].trace.steps[-1].outcome.value == 20.0


def test_a_matrix_of_nothing():
    with pytest.raises(ArgumentError, match=r"^A matrix needs at least one scenario and one Wasmtime release\.$"):
        matrix([NEW_INSTANCE], [], program)


def test_bisecting_names_the_release_and_says_what_changed():
    change = find_change(NEW_INSTANCE, program)
    assert change.sentence == (
        "Up to 41.0.0 step 4 returned 20.0; since 42.0.0 it is refused: step 2 poisoned the store."
    )
    assert (change.step, change.last_before, change.first_after) == (4, "41.0.0", "42.0.0")
    assert (change.candidates[0], len(change.candidates)) == ("39.0.0", 12)
    # Both ends, and then half of what is left each time.
    assert [attempt.runtime for attempt in change.tries] == ["39.0.0", "50.0.1", "44.0.0", "41.0.0", "42.0.0"]
    assert [attempt.outcome and attempt.outcome.kind for attempt in change.tries] == [
        "returned",
        "refused",
        "refused",
        "returned",
        "refused",
    ]


def test_bisecting_a_step_and_releases_of_ones_own():
    change = find_change(RE_ENTRANCE, program, step=3, releases=["39.0.0", "41.0.0", "42.0.0"])
    assert change.sentence == (
        "Up to 41.0.0 step 3 was refused: step 2 was still inside the guest; since 42.0.0 it returns 0."
    )
    assert find_change(NEW_INSTANCE, program, step=2) is None
    with pytest.raises(LabkitError, match=r"new-instance has no step 9; it has 4 steps\.$"):
        find_change(NEW_INSTANCE, program, step=9)


def test_bisecting_a_crash(misbehaving, own_results):
    misbehaving("mix")
    releases = ["20.0.0", "36.0.0", "41.0.0", "50.0.1"]
    scenario = story("core-counter", "spin", limits=_SHORT)
    change = find_change(scenario, PROGRAMS.__getitem__, releases=releases)
    assert (change.first_after, change.after.kind) == ("50.0.1", "timed-out")
    assert change.sentence.startswith("Up to 41.0.0 step 2 aborted the process with SIGABRT (panicked at crates/")
