"""The commands that look around: doctor, list, tour, setup, and the command line itself."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from labkit import guests, record, workshop
from labkit.cli.steps import LOOKS
from labkit.views.theme import LOOKS as VIEW_LOOKS
from tests.cli.conftest import Labkit


def test_list(labkit: Labkit) -> None:
    done = labkit("list", "--json")
    assert done.status == 0
    assert list(done.json) == ["guests", "scenarios", "exercises"]
    assert [guest["name"] for guest in done.json["guests"]] == list(guests.catalogue())
    assert [scenario["id"] for scenario in done.json["scenarios"]] == list(record.scenarios())
    assert [exercise["id"] for exercise in done.json["exercises"]] == list(workshop.exercises())
    assert list(done.json["scenarios"][0]) == ["id", "title", "shows", "guest", "policy", "expect"]
    assert list(done.json["exercises"][0]) == ["id", "notebook", "title"]
    assert "path" not in done.json["guests"][0]


def test_list_for_people_names_everything(labkit: Labkit) -> None:
    out = labkit("list").out
    for name in (*guests.catalogue(), *record.scenarios(), *workshop.exercises()):
        assert name in out


def test_doctor_finds_all_that_the_first_notebook_needs(labkit: Labkit) -> None:
    done = labkit("doctor", "--json")
    assert (done.status, done.json["ok"]) == (0, True)
    assert list(done.json) == ["ok", "checks", "caches"]
    checks = {check["name"]: check for check in done.json["checks"]}
    assert checks["wasmtime"]["found"] == importlib.metadata.version("wasmtime")
    assert checks["a first trap"]["found"] == "trapped, refused, refused, as it should be"
    assert {check["state"] for check in checks.values()} <= {"ok", "optional"}


def test_doctor_is_content_without_a_compiler(labkit: Labkit, without_compiler: dict[str, str]) -> None:
    assert labkit("doctor", **without_compiler, PATH="/nowhere").status == 0


def test_doctor_finds_a_damaged_guest(labkit: Labkit, monkeypatch: pytest.MonkeyPatch) -> None:
    from labkit import diagnosis
    from labkit.errors import FormatError

    def damaged(*_args: object, **_keywords: object) -> None:
        raise FormatError("the file is damaged.")

    monkeypatch.setattr(guests, "build", damaged)
    found = diagnosis.diagnose()
    assert not found.ok
    assert [check.advice for check in found.checks if check.state == "problem"] == ["the file is damaged."] * 2


def test_tour_shows_the_failure_the_reason_and_the_fix(labkit: Labkit) -> None:
    out = labkit("tour").out
    for words in (
        "A fair prediction",
        "✖ trapped: unreachable",
        "■ was refused: poisoned by step 2",
        "Step 3 was refused because step 2",
        "● returned 20.0",
        "2 of 4 calls counted",
        "labkit lab 01-poisoned-component",
        "had run this command already: an instance of a command runs once.",
        "labkit run 02-run-twice --wasmtime 41.0.0",
        "What happens (Wasmtime 41.0.0)",
        "✚ aborted the process: SIGABRT",
        "!store.0.async_support()",
        "■ was refused: async-required since step 3",
        "labkit run 03-sync-and-async --wasmtime 41.0.0",
        "✖ trapped: cannot-block-sync-task",
        "Let the start function note at most what is to be done",
        "labkit run 04-start-function --wasmtime 48.0.0",
        "answered with a panic it had caught: amount too large: 60",
        "labkit run 05-recovery --wasmtime 46.0.1",
    ):
        assert words in out


def test_tour_as_json(labkit: Labkit) -> None:
    stops = {stop["family"]: stop for stop in labkit("tour", "--json").json["stops"]}
    assert [stop["notebook"] for stop in stops.values()] == [f"{family}.ipynb" for family in stops]
    answers = {row["policy"]: row["answers"] for row in stops["01-poisoned-component"]["policies"]}
    assert answers["keep"] == ["returned", "trapped", "refused", "refused"]
    assert answers["rebuild-on-trap"] == ["returned", "trapped", "returned", "returned"]
    stop = stops["03-sync-and-async"]
    assert (stop["missing"], stop["policies"]) == (None, [])
    assert [(step["outcome"]["kind"], step["outcome"]["signal"]) for step in stop["failure"]["steps"]] == [
        ("aborted", "SIGABRT")
    ]
    assert {row["scenario"].partition("/")[2]: row["ends"] for row in stop["releases"]} == {
        "": {"41.0.0": "aborted", "50.0.1": "returned"},
        "async-host-function": {"41.0.0": "aborted", "50.0.1": "refused"},
        "sync-host-function": {"41.0.0": "returned", "50.0.1": "returned"},
        "blocking-host-function": {"41.0.0": "returned", "50.0.1": "returned"},
        "nested-loop": {"41.0.0": "host-error", "50.0.1": "host-error"},
    }


def test_tour_goes_on_where_a_release_cannot_be_had(labkit: Labkit, tmp_path: Path) -> None:
    alone = {"LABKIT_CACHE": str(tmp_path / "cache"), "PIP_NO_INDEX": "1", "LABKIT_TOOLCHAIN": "none"}
    done = labkit("tour", **alone)
    assert done.status == 0
    said = [line for line in done.out.splitlines() if line.startswith("Without that release")]
    assert [line.partition(" could not be fetched: ")[0] for line in said] == [
        "Without that release, this one is shown alone: Wasmtime 41.0.0",
        "Without that release, the failure itself is not shown: Wasmtime 41.0.0",
        "Without that release, this one is shown alone: Wasmtime 48.0.0",
        "Without that release, this one is shown alone: Wasmtime 46.0.1",
    ]
    assert "The fix: no async where nobody needs it" in done.out
    assert "■ was refused: async-required since step 3" in done.out
    assert "SIGABRT" not in done.out


def test_setup_says_what_it_would_do_and_does_nothing(labkit: Labkit, without_compiler: dict[str, str]) -> None:
    done = labkit("setup", "--dry-run", **without_compiler)
    assert (done.status, done.out) == (0, "Nothing to do: the guests are taken prebuilt.\n")


def test_help_and_version(labkit: Labkit) -> None:
    assert labkit("--version").out == f"labkit, version {importlib.metadata.version('labkit')}\n"
    assert "doctor" in labkit("--help").out


def test_an_unknown_command(labkit: Labkit) -> None:
    done = labkit("buid")
    assert (done.status, done.out) == (2, "")
    assert done.err == "labkit: There is no command named 'buid'; did you mean build?\n"


def test_an_unknown_option(labkit: Labkit) -> None:
    done = labkit("list", "--yaml")
    assert done.status == 2
    assert "No such option" in done.err


def test_help_waits_for_no_room_of_the_package() -> None:
    """Imports, not seconds: those depend on the machine."""
    code = (
        "import sys\n"
        "from labkit.cli import commands\n"
        "commands.main(['--help'], standalone_mode=False)\n"
        "heavy = {'wasmtime', 'IPython', 'matplotlib', 'jupyterlab', 'ipywidgets', 'rich'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_run_waits_for_no_pictures() -> None:
    code = (
        "import sys\n"
        "from labkit.cli import commands\n"
        "commands.main(['run', '01-poisoned-component'], standalone_mode=False)\n"
        "heavy = {'IPython', 'matplotlib', 'jupyterlab', 'ipywidgets'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_a_reader_who_has_had_enough() -> None:
    command = f"'{sys.executable}' -m labkit list --json | head -c 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("{", "")


def test_the_signs_are_those_of_the_notebooks() -> None:
    assert {kind: sign for kind, (sign, _) in LOOKS.items()} == {
        kind: look.glyph for kind, look in VIEW_LOOKS.items()
    }
