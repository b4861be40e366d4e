"""Setting up the JavaScript side: what it takes, and what it says where a part cannot be had."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from labkit import resources
from labkit.diagnosis import Check, diagnose
from labkit.errors import ToolchainError
from labkit.guests import JavaScript, find_javascript, guest, perform_javascript, plan_javascript
from labkit.guests.node import NODE, find_node


def manifest(crate: str) -> dict[str, dict[str, str]]:
    path = resources.guests_dir() / "javascript" / crate / "Cargo.toml"
    return tomllib.loads(path.read_text("utf-8"))


def test_the_source_is_that_of_the_component() -> None:
    book = resources.guests_dir() / "javascript/account-book/src/lib.rs"
    assert book.read_bytes() == guest("process-unwind").source_path.read_bytes()


def test_both_halves_of_wasm_bindgen_are_one_exact_version() -> None:
    versions = {
        manifest("account-book")["dependencies"]["wasm-bindgen"],
        manifest("bindings")["dependencies"]["wasm-bindgen-cli-support"],
    }
    assert len(versions) == 1
    assert versions.pop().startswith("=")


def test_setting_up_a_second_time_does_nothing(here: JavaScript) -> None:
    assert plan_javascript() == []
    assert perform_javascript(lambda line: None) == []


def test_what_node_loads_lies_in_the_cache_and_needs_no_source_any_more(here: JavaScript) -> None:
    module = here.bindings.module
    assert module.is_relative_to(resources.cache_dir())
    names = {path.name for path in module.parent.iterdir()}
    assert names == {"account_book.js", "account_book_bg.wasm", "made.json"}


def test_the_doctor_says_whether_a_live_run_can_be_had(here: JavaScript, monkeypatch: pytest.MonkeyPatch) -> None:
    found = f"wasm-bindgen {here.bindings.wasm_bindgen}, {here.node}"
    assert Check("JavaScript side", "ok", found) in diagnose().checks
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    advice = "Notebook 05 shows a recorded run; `labkit setup --javascript` makes it a live one."
    assert Check("JavaScript side", "optional", "not here", advice) in diagnose().checks


def test_it_is_found_where_colours_are_asked_for(here: JavaScript, monkeypatch: pytest.MonkeyPatch) -> None:
    # As in every kernel of Jupyter.
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert find_javascript() == here


def test_a_room_that_wants_no_compiler_runs_nothing_in_javascript(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "none")
    assert find_javascript() is None
    assert plan_javascript() == []


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache, and neither Node nor npm on PATH."""
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def test_the_plan_names_each_part_that_is_missing(bare: Path) -> None:
    node, bindings = plan_javascript()
    assert node.sentence == f"Fetching Node {NODE} with npm (200 MB on disk)."
    assert node.command[-1].endswith(f"@{NODE}")
    assert "--ignore-scripts" in node.command
    assert bindings.sentence.startswith("Compiling the account book and wasm-bindgen for JavaScript")


def test_without_npm_one_sentence_says_what_to_do(bare: Path) -> None:
    with pytest.raises(ToolchainError) as caught:
        perform_javascript(lambda line: None)
    wanted = f"Node {NODE} could not be fetched: install npm, then run `labkit setup --javascript`."
    assert str(caught.value) == wanted


def test_an_npm_that_fails_is_one_sentence(bare: Path) -> None:
    npm = bare / "npm"
    npm.write_text("#!/bin/sh\necho no network\nexit 7\n")
    npm.chmod(0o755)
    said: list[str] = []
    with pytest.raises(ToolchainError, match=rf"@{NODE}` failed with status 7; is there a network\?$"):
        perform_javascript(said.append)
    assert said[-1] == "no network"


def test_a_node_without_these_exceptions_is_passed_over(bare: Path) -> None:
    node = bare / "node"
    node.write_text("#!/bin/sh\necho false\n")
    node.chmod(0o755)
    assert find_node() is None
    node.write_text("#!/bin/sh\necho true\n")
    assert find_node() == node
