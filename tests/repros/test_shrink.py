"""A failure in a smaller module: what stays, what the file says of it, and what ends it early."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit import Lab
from labkit.errors import ToolchainError
from labkit.guests import find_shrinker, perform_shrinker, plan_shrinker
from labkit.host import Program
from labkit.record import Repro, load_repro
from labkit.repros import reduce_repro, replay
from labkit.runtimes import Nursery, Runtime

RUNTIME = Runtime("50.0.1")
TEXT = """(module (memory (export "memory") 1) (data (i32.const 0) "no part of it")
  (func $thrice (param i32) (result i32) local.get 0 i32.const 3 i32.mul)
  (func $check (param i32) (if (i32.gt_s (call $thrice (local.get 0)) (i32.const 100)) (then unreachable)))
  (func (export "other") (result i32) i32.const 42)
  (func (export "boom") (param i32) (result i32) (call $check (local.get 0)) i32.const 7))"""
MODULE = Program.from_wat("checks", TEXT)


@pytest.fixture(scope="module")
def nursery():
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="module")
def repro(tmp_path_factory: pytest.TempPathFactory) -> Repro:
    with Lab() as lab:
        instance = lab.store().instantiate(MODULE)
        for export, args in (("other", ()), ("boom", (5,)), ("boom", (4711,))):
            instance.call(export, *args)
        return load_repro(lab.save(tmp_path_factory.mktemp("checks") / "checks.labkit"))


@pytest.fixture
def shrinker(monkeypatch: pytest.MonkeyPatch) -> Path:
    # Enough for a module of a hundred bytes.
    monkeypatch.setattr("labkit.repros.shrinking.ATTEMPTS", 25)
    found = find_shrinker()
    if found is None:
        pytest.skip("no wasm-tools: run `labkit setup --shrink`")
    return found


def test_a_smaller_module_fails_alike_and_says_where_it_comes_from(
    repro: Repro, shrinker: Path, nursery: Nursery, tmp_path: Path
) -> None:
    said: list[str] = []
    found = reduce_repro(repro, RUNTIME, shrink=True, shrinker=shrinker, nursery=nursery, say=said.append)
    small = load_repro(found.repro.save(tmp_path / "small.labkit"))
    program = small.programs["checks"]
    assert program.size < MODULE.size / 2
    assert found.notes == (f"checks has {program.size} of {MODULE.size} bytes left.",)
    assert (program.how, program.sources) == ("shrunk", {})
    assert program.toolchain == f"wasm-tools shrink, from SHA-256 {MODULE.digest}"
    assert [line for line in said if line.startswith(f"checks: {program.size} bytes after ")]
    assert [step.outcome.code for step in small.trace if step.do == "call" and step.outcome] == ["unreachable"]
    assert replay(small, RUNTIME).same
    assert load_repro(repro.save(tmp_path / "again.labkit")).programs["checks"].sources == {"guest.wat": TEXT}


def test_an_interrupt_keeps_the_smallest_so_far(repro: Repro, shrinker: Path, nursery: Nursery) -> None:
    def interrupted(line: str) -> None:
        if line.startswith("checks: "):
            raise KeyboardInterrupt

    found = reduce_repro(repro, RUNTIME, shrink=True, shrinker=shrinker, nursery=nursery, say=interrupted)
    size = found.repro.programs["checks"].size
    assert size < MODULE.size
    assert found.notes == (
        f"checks has {size} of {MODULE.size} bytes left.",
        "It was stopped; this is the smallest so far.",
    )
    assert [step.do for step in found.repro.scenario.steps] == ["instantiate", "call"]


def test_when_the_time_is_over_it_is_what_there_is(repro: Repro, shrinker: Path, nursery: Nursery) -> None:
    found = reduce_repro(repro, RUNTIME, seconds=0.001, shrink=True, shrinker=shrinker, nursery=nursery)
    assert found.repro.programs["checks"].digest == MODULE.digest
    assert found.notes == (
        f"checks has {MODULE.size} of {MODULE.size} bytes left.",
        "The time was over; with more of it, it may get smaller.",
    )


def test_without_the_tool_a_sentence_says_how_to_get_it(repro: Repro, nursery: Nursery) -> None:
    found = reduce_repro(repro, RUNTIME, shrink=True, nursery=nursery)
    assert found.repro.programs["checks"].digest == MODULE.digest
    assert found.notes == (
        "checks is left as it is: to make a module smaller too takes wasm-tools, which `labkit setup --shrink` "
        "gets.",
    )


def test_a_component_is_left_as_it_is(shrinker: Path, nursery: Nursery, tmp_path: Path) -> None:
    with Lab() as lab:
        lab.store().instantiate(lab.build("process-panic")).call("process-input", 101.0)
        path = lab.save(tmp_path / "panic.labkit")
    found = reduce_repro(load_repro(path), RUNTIME, shrink=True, shrinker=shrinker, nursery=nursery)
    assert found.notes == ("process-panic is left as it is: wasm-tools shrinks core modules, and no components.",)


def test_a_tool_that_fails_costs_nothing_but_its_share(repro: Repro, nursery: Nursery, tmp_path: Path) -> None:
    tool = tmp_path / "wasm-tools"
    tool.write_text("#!/bin/sh\necho error: no room >&2\nexit 3\n")
    tool.chmod(0o755)
    found = reduce_repro(repro, RUNTIME, shrink=True, shrinker=tool, nursery=nursery)
    assert len(found.repro.scenario.steps) < 4
    assert found.notes == (
        "wasm-tools shrink failed: error: no room",
        f"checks has {MODULE.size} of {MODULE.size} bytes left.",
    )


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache, and nothing on PATH."""
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def test_a_wasm_tools_that_cannot_shrink_is_passed_over(bare: Path) -> None:
    tool = bare / "wasm-tools"
    tool.write_text("#!/bin/sh\nexit 2\n")
    tool.chmod(0o755)
    assert find_shrinker() is None
    (action,) = plan_shrinker()
    assert action.sentence.startswith("Compiling wasm-tools ")
    tool.write_text("#!/bin/sh\nexit 0\n")
    assert (find_shrinker(), plan_shrinker()) == (tool, [])


def test_a_room_that_wants_no_compiler_shrinks_nothing(shrinker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (plan_shrinker(), perform_shrinker()) == ([], [])
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    assert (find_shrinker(), plan_shrinker()) == (None, [])


def test_without_rust_one_sentence_says_what_to_do(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labkit.guests.shrinker.installs", list)
    with pytest.raises(ToolchainError) as raised:
        perform_shrinker(lambda _line: None)
    assert str(raised.value) == (
        "Compiling wasm-tools 1.263.0 needs Rust with cargo; install it, or put wasm-tools on PATH."
    )
