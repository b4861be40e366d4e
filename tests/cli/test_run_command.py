from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest

from labkit.record import find_scenario, read_trace, scenarios
from tests.cli.conftest import Labkit

MODE_1 = "01-poisoned-component"


def test_a_trace_as_json(labkit: Labkit, without_compiler: dict[str, str]) -> None:
    done = labkit("run", MODE_1, "--policy", "keep", "--json", **without_compiler)
    assert (done.status, done.err) == (0, "")
    trace = done.json
    assert list(trace) == ["format", "runtime", "policy", "scenario", "programs", "stores", "steps"]
    assert {name: trace[name] for name in ("format", "runtime", "policy", "scenario")} == {
        "format": 1,
        "runtime": "50.0.1",
        "policy": "keep",
        "scenario": MODE_1,
    }
    assert trace["programs"][0]["how"] == "prebuilt"
    first, second, third, _ = trace["steps"]
    assert (first["n"], first["do"], first["outcome"]) == (1, "instantiate", {"kind": "returned"})
    assert (second["n"], second["do"], second["export"], second["args"]) == (2, "call", "process-input", [101.0])
    trapped = second["outcome"]
    assert (trapped["kind"], trapped["code"]) == ("trapped", "unreachable")
    assert trapped["panic"].endswith("input too large: 101")
    assert trapped["frames"]
    assert third["outcome"]["kind"] == "refused"
    assert third["outcome"]["cause"] == {"kind": "poisoned", "step": 2, "scope": "store"}


def test_the_trace_is_what_the_schema_says(labkit: Labkit) -> None:
    import json

    import labkit as package

    schema = Path(package.__file__).parent / "record" / "schema" / "trace-1.schema.json"
    done = labkit("run", f"{MODE_1}/blast-radius", "--json")
    jsonschema.validate(done.json, json.loads(schema.read_text()))
    assert len(read_trace(done.out)) == len(done.json["steps"])


@pytest.mark.parametrize("name", list(scenarios()))
def test_every_shipped_scenario_ends_as_it_expects(labkit: Labkit, name: str) -> None:
    assert labkit("run", name, "--json").status == 0


def test_for_people_it_shows_the_steps_and_why(labkit: Labkit) -> None:
    done = labkit("run", MODE_1)
    assert done.status == 0
    assert "✖ trapped: unreachable" in done.out
    assert "■ was refused: poisoned by step 2" in done.out
    assert "Step 2 trapped with `unreachable`" in done.out
    assert "Step 3 was refused because step 2" in done.out
    assert "Step 1" not in done.out
    assert "Step 1 made instance 1" in labkit("run", MODE_1, "--explain").out


def test_for_people_it_shows_what_guests_wrote_if_any_did(labkit: Labkit) -> None:
    done = labkit("run", "02-run-twice/shared-streams")
    assert done.status == 0
    assert re.search(r"outcome +┃ output", done.out)
    assert re.findall(r"standard input: (\w+)", done.out) == ["first", "second", "first"]
    assert "output" not in labkit("run", MODE_1).out.partition("panicked")[0]


def test_under_another_policy_nothing_is_expected(labkit: Labkit) -> None:
    done = labkit("run", f"{MODE_1}/story", "--policy", "fresh-store", "--json")
    kinds = [step["outcome"]["kind"] for step in done.json["steps"] if step["do"] == "call"]
    assert (done.status, kinds) == (0, ["returned", "trapped", "returned", "returned", "returned"])


def test_knobs_reach_the_policy(labkit: Labkit) -> None:
    trace = labkit("run", f"{MODE_1}/typed-error", "--max-reuse", "1", "--json").json
    assert len(trace["stores"]) == 4
    assert len(labkit("run", MODE_1, "--policy", "pool", "--pool-size", "2", "--json").json["stores"]) == 3


def test_calls_that_end_otherwise_give_status_1(labkit: Labkit, tmp_path: Path) -> None:
    import msgspec

    hopeful = msgspec.structs.replace(
        find_scenario(MODE_1), id="hopeful", expect=("trapped", "returned", "returned")
    )
    (tmp_path / "hopeful.json").write_text(hopeful.to_json())
    done = labkit("run", "hopeful.json", "--json")
    assert done.status == 1
    assert done.json["scenario"] == "hopeful"
    assert done.err == (
        "labkit: hopeful expects trapped, returned, returned; the calls ended trapped, refused, refused.\n"
    )


def test_terminal_codes_in_a_file_stay_text(labkit: Labkit, tmp_path: Path) -> None:
    import msgspec

    nasty = msgspec.structs.replace(find_scenario(MODE_1), title="\x1b[31mred[/]\x07", id="nasty")
    (tmp_path / "nasty.json").write_text(nasty.to_json())
    done = labkit("run", "nasty.json")
    assert done.status == 0
    assert "\x1b" not in done.out
    assert "red[/]" in done.out


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("01-poisoned",), "There is no scenario named '01-poisoned'; did you mean 01-poisoned-component"),
        ((MODE_1, "--policy", "kep"), "There is no reuse policy named 'kep'; did you mean keep?"),
        ((f"{MODE_1}/new-store", "--policy", "keep"), "names its own stores, so no reuse policy applies"),
        ((f"{MODE_1}/new-store", "--max-reuse", "2"), "names its own stores, so no reuse policy applies"),
        ((MODE_1, "--max-reuse", "0"), "max_reuse must be at least 1, not 0."),
        (("absent.json",), "absent.json cannot be read: No such file or directory."),
        ((MODE_1, "--json", "--explain"), "--explain is for people"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(labkit: Labkit, args: tuple[str, ...], sentence: str) -> None:
    done = labkit("run", *args)
    assert (done.status, done.out) == (2, "")
    assert sentence in done.err


def test_a_file_that_is_no_scenario(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[1, 2]")
    done = labkit("run", "other.json")
    assert done.status == 2
    assert done.err.startswith("labkit: other.json: This is no labkit scenario:")


MODE_3 = "03-sync-and-async"


def test_under_another_release_an_abort_is_shown_and_nothing_is_expected(labkit: Labkit) -> None:
    done = labkit("run", MODE_3, "--wasmtime", "41.0.0")
    assert done.status == 0
    assert "An engine made for async, a host that is not (Wasmtime 41.0.0)" in done.out
    assert "✚ aborted the process: SIGABRT" in done.out
    assert "panicked at crates/wasmtime/src/runtime/instance.rs:880:9: assertion failed:" in done.out
    trace = labkit("run", MODE_3, "--wasmtime", "41.0.0", "--json").json
    assert (trace["runtime"], [step["outcome"]["signal"] for step in trace["steps"]]) == ("41.0.0", ["SIGABRT"])


def test_a_file_is_played_in_a_child_with_limits_of_its_own(labkit: Labkit, tmp_path: Path) -> None:
    import json

    endless = json.loads(find_scenario(f"{MODE_1}/endless-loop").to_json())
    quick = endless | {"id": "mine", "limits": {"seconds": 0.2}}
    (tmp_path / "mine.json").write_text(json.dumps(quick))
    done = labkit("run", "mine.json", "--json")
    assert (done.status, [step["outcome"]["kind"] for step in done.json["steps"]]) == (
        0,
        ["returned", "timed-out", "refused"],
    )
    (tmp_path / "typo.json").write_text(json.dumps(endless | {"limit": {"seconds": 1}}))
    for command in ("run", "matrix", "bisect"):
        done = labkit(command, "typo.json")
        assert (done.status, done.out) == (2, "")
        assert (
            done.err == "labkit: typo.json: This is no labkit scenario: Object contains unknown field `limit`.\n"
        )


def test_what_is_no_file_is_not_waited_for(labkit: Labkit, tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    for name in ("pipe.json", "folder.json"):
        done = labkit("run", name)
        assert (done.status, done.err) == (2, f"labkit: {name} cannot be read: it is no file.\n")
