"""A run of the cost lab, for real: in its own process, with news as it goes, and an end whatever happens."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from labkit.cost import Results, Session, Subject, narrowed, open_session, plans, workload
from labkit.cost.plans import ALLOCATIONS, COMPILING, POLICIES, REUSES, SHARES, TOUCHED
from labkit.cost.workloads import made_here
from labkit.errors import ToolchainError, UnknownNameError
from labkit.host import Program
from labkit.programs import build_program

SPINNING = Program.from_wat(
    "spinning", '(module (func (export "double") (param f64) (result f64) (loop $l (br $l)) f64.const 0))'
)
EMPTY = narrowed(["policies", "empty"])


def measured(*subjects: str, seconds: float = 2.0) -> Results:
    return open_session(narrowed(subjects), build_program, seconds=seconds).run()


def medians(results: Results, table: str, **wanted: Any) -> dict[str, float]:
    """Nanoseconds on the native path by what is done."""
    rows = results.table(table).select(reading="native", **wanted)
    return {row.subject.what: row.times.median for row in rows if row.times}


def test_every_policy_is_timed_under_each_allocation_strategy() -> None:
    results = measured("policies", "one-page", "composed")
    table = results.table("policies")
    assert results.problem == ""
    assert [row for row in table if row.times is None] == []
    assert {row.subject.what for row in table} == set(POLICIES)
    assert {p.kind for p in results.programs.values()} == {"module", "component"}
    assert len(table.noise.pairs) == 5
    for guest in ("one-page", "composed"):
        for allocation in ALLOCATIONS:
            costs = medians(results, "policies", guest=guest, allocation=allocation)
            assert costs["keep"] < costs["fresh-store"]
            kept, fresh, recompiled = (
                table.times(Subject(policy, guest, "python", allocation))
                for policy in ("keep", "fresh-store", "recompile")
            )
            assert kept.median < fresh.median
            assert recompiled.median > 3 * fresh.median


def test_phases_and_ways_to_compile() -> None:
    results = measured("phases", "compilation", "component")
    phases = medians(results, "phases")
    assert list(phases) == [
        "engine", "compile", "serialise", "deserialise",
        "store", "instantiate", "lookup", "first-call", "later-call", "drop", "trap",
    ]  # fmt: skip
    assert phases["later-call"] < phases["trap"] < phases["compile"]
    assert phases["deserialise"] < phases["compile"]
    compiled = medians(results, "compilation")
    assert list(compiled) == [*COMPILING, "cache-hit", "deserialise"]
    assert compiled["deserialise"] < compiled["cache-hit"] < compiled["speed"]


def test_curves_rise_as_they_should() -> None:
    results = measured("touched", "traps", "reuse", "large", "one-page", seconds=4.0)
    by_size = [
        row.times.median for row in results.table("touched").select(reading="native")[: len(TOUCHED)] if row.times
    ]
    assert by_size[0] < by_size[2] < by_size[3]
    rebuilt = results.table("traps").select(what="rebuild-on-trap", reading="native")
    fresh = results.table("traps").select(what="fresh-store", reading="native")
    assert [row.subject.at for row in rebuilt] == list(SHARES)
    costs = [[row.times.median for row in rows if row.times] for rows in (rebuilt, fresh)]
    assert costs[0] == sorted(costs[0])
    assert costs[0][0] < costs[1][0]
    again = [row.times.median for row in results.table("reuse").select(reading="native") if row.times]
    assert len(again) == len(REUSES)
    assert again == sorted(again, reverse=True)


def test_threads_and_processes_work_side_by_side() -> None:
    table = measured("workers", "one-page").table("workers")
    assert [row.absent for row in table if row.absent] == []
    assert {(row.subject.what, row.subject.at) for row in table} == {
        (what, at) for what in ("threads", "processes") for at in (1.0, 2.0, 4.0)
    }
    left = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert [command for command in left if "labkit.cost" in command] == []


def test_news_comes_as_it_goes() -> None:
    news: list[tuple[float, bool]] = []
    session = open_session(
        EMPTY,
        build_program,
        seconds=3.0,
        on_results=lambda results, part: news.append((part, results.tables[-1].complete)),
    )
    assert session.run().table("policies").complete
    assert len(news) > 2
    assert [part for part, _ in news] == sorted(part for part, _ in news)
    assert news[0][1] is False
    assert news[-1] == (1.0, True)


def test_a_run_that_is_stopped_keeps_what_it_has() -> None:
    session = open_session(EMPTY, build_program, seconds=60.0, on_results=lambda _results, _part: session.stop())
    results = session.run()
    assert results.problem == "The run was stopped."
    assert results.seconds < 30
    assert any(row.times for row in results.table("policies"))
    assert not results.table("policies").complete


def test_an_interrupt_stops_it_too() -> None:
    def interrupted(_results: Results, _part: float) -> None:
        raise KeyboardInterrupt

    results = open_session(EMPTY, build_program, seconds=60.0, on_results=interrupted).run()
    assert results.problem == "The run was stopped."
    assert any(row.times for row in results.table("policies"))


def test_a_hang_loses_its_table_and_no_later_one() -> None:
    plans = (*narrowed(["reuse", "one-page"]), *narrowed(["instantiation", "empty"]))
    parts: list[float] = []
    session = Session(
        plans,
        {"one-page": SPINNING, "empty": made_here("empty")},
        seconds=8.0,
        patience=3.0,
        on_results=lambda _results, part: parts.append(part),
    )
    results = session.run()
    silent = "The child reported nothing for 3 s."
    assert results.problem == f"Not measured to the end: reuse. {silent}"
    reuse, later = results.table("reuse"), results.table("instantiation")
    assert (reuse.complete, reuse.problem) == (False, silent)
    assert {row.absent for row in reuse} == {silent}
    assert (later.complete, later.problem) == (True, "")
    assert all(row.times for row in later)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_a_crash_loses_its_table_and_no_later_one() -> None:
    killed: list[int] = []

    def kill(_results: Results, _part: float) -> None:
        for child in psutil.Process().children():
            if "labkit.cost.child" in child.cmdline() and not killed:
                killed.append(child.pid)
                child.kill()

    plans = narrowed(["policies", "reuse", "one-page"])
    results = open_session(plans, build_program, seconds=8.0, on_results=kill).run()
    killed_by = "The process that measured ended with SIGKILL."
    assert results.problem == f"Not measured to the end: policies. {killed_by}"
    assert any(row.times for row in results.table("policies"))
    assert results.table("policies").problem == killed_by
    assert (results.table("reuse").complete, results.table("reuse").problem) == (True, "")


def test_a_guest_that_cannot_be_had_is_absent_with_the_reason() -> None:
    def build(name: str) -> Program:
        raise ToolchainError(f"{name} needs a compiler.")

    results = open_session(narrowed(["instantiation", "rust", "empty"]), build, seconds=1.0).run()
    table = results.table("instantiation")
    assert {row.absent for row in table if row.subject.guest == "rust"} == {
        "process-ledger cannot be had here. process-ledger needs a compiler."
    }
    assert all(row.times for row in table if row.subject.guest == "empty")
    assert list(results.programs) == ["empty"]


def test_without_a_compiler_the_floor_is_absent_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    results = measured("instantiation", "empty", seconds=1.0)
    sentence = "This machine has no C compiler (no-such-compiler); install gcc or clang."
    assert results.machine.compiler == sentence
    assert {row.absent for row in results.table("instantiation") if row.subject.reading == "floor"} == {sentence}


def test_what_is_measured_can_be_named() -> None:
    assert [plan.id for plan in narrowed(())] == list(plans())
    assert {s.guest for plan in narrowed(["component"]) for s in plan.subjects} == {"component"}
    assert "python-component" not in {s.guest for plan in narrowed(()) for s in plan.subjects}
    assert {s.guest for plan in narrowed(["python-component"]) for s in plan.subjects} == {"python-component"}
    assert "python-component" in {s.guest for plan in narrowed((), everything=True) for s in plan.subjects}
    with pytest.raises(
        UnknownNameError, match=r"^There is no table or workload named 'phase'; did you mean phases"
    ):
        narrowed(["phase"])
    with pytest.raises(UnknownNameError, match=r"^There is no workload named 'empti'; did you mean empty\?$"):
        workload("empti")


def test_no_subject_is_there_twice() -> None:
    for plan in plans(everything=True).values():
        assert len(set(plan.subjects)) == len(plan.subjects)
        assert all(isinstance(subject, Subject) for subject in plan.subjects)
