"""A repro in other forms: each of them shows the same outcomes, or says in a sentence why it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labkit.errors import ArgumentError, LabkitError
from labkit.explore import Session, profile_of
from labkit.exports import export
from labkit.host import Program
from labkit.record import Repro
from labkit.repros import python_script, read_wast, record_repro, rust_program, wast_script
from labkit.runtimes import Runtime
from labkit.runtimes.difference import essence
from labkit.views.repro_page import repro_page
from tests.repros.conftest import packed


def run_script(text: str, folder: Path) -> tuple[int, list[str]]:
    script = folder / "again.py"
    script.write_text(text)
    done = subprocess.run(
        [sys.executable, script], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def test_the_script_needs_only_wasmtime_and_shows_the_same(new_instance, tmp_path):
    text = python_script(new_instance)
    assert "labkit" not in text.partition("STORY = ")[0]
    assert run_script(text, tmp_path) == (
        0,
        [
            "The wrong fix: a new instance in the same store: recorded under Wasmtime 50.0.1, played under 50.0.1",
            "step 1: instantiate process-panic: returned",
            "step 2: process-input(101.0): trapped: wasm trap: wasm `unreachable` instruction executed",
            "step 3: instantiate process-panic: returned",
            "step 4: process-input(10.0): refused: cannot enter component instance",
            "the same",
        ],
    )


@pytest.mark.parametrize(
    "name",
    [
        "01-poisoned-component/blast-radius",
        "01-poisoned-component/typed-error",
        "01-poisoned-component/host-exception",
        "01-poisoned-component/endless-loop",
        "01-poisoned-component/out-of-fuel",
        "02-run-twice/exit-status",
        "02-run-twice/shared-streams",
        "04-start-function/imported-memory",
        "05-recovery/caught-panic",
    ],
)
def test_scripts_of_every_kind_of_outcome(name, tmp_path):
    status, lines = run_script(python_script(packed(name)), tmp_path)
    assert (status, lines[-1]) == (0, "the same"), "\n".join(lines)


def test_a_script_that_sees_something_else_says_so(new_instance, tmp_path):
    text = python_script(new_instance).replace("'args': (101.0,)", "'args': (11.0,)")
    status, lines = run_script(text, tmp_path)
    assert status == 1
    assert lines[2:4] == [
        "step 2: process-input(11.0): returned: 22.0",
        "  differs: recorded was trapped: wasm trap: wasm `unreachable` instruction executed",
    ]
    assert lines[-1] == "different in 2 steps"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("01-poisoned-component/lock-lent", "the host function `acquire` does more than return or raise"),
        ("03-sync-and-async/fuel-yield", "its calls are awaited or run in threads"),
        ("03-sync-and-async/mixed-wasi-sync-call", "it links WASI for asynchronous calls"),
    ],
)
def test_what_a_program_of_its_own_cannot_say(name, why):
    repro = packed(name)
    for write in (python_script, rust_program, wast_script):
        with pytest.raises(LabkitError) as raised:
            write(repro)
        assert str(raised.value) == (
            f"This repro cannot be written as a program of its own: {why}. `labkit replay` plays it."
        )


def again(repro: Repro) -> Repro:
    """What becomes of it as a .wast script that is read again and played."""
    script = read_wast(wast_script(repro), "again")
    made = record_repro(script.scenario, script.programs, Runtime("50.0.1"))
    assert script.unmet(made.trace) == []
    assert len(script.assertions) == sum(step.do == "call" for step in repro.trace)
    return made


def test_a_wast_script_shows_the_same():
    repro = packed("01-poisoned-component/core-alone")
    assert [essence(step) for step in again(repro).trace] == [essence(step) for step in repro.trace]


def test_a_wast_script_says_what_it_asserts():
    lines = wast_script(packed("01-poisoned-component/core-alone")).splitlines()
    assert lines[0] == ";; A core module is called after its trap"
    assert lines[-3:] == [
        '(assert_return (invoke $i1 "count") (i32.const 1))',
        '(assert_trap (invoke $i1 "crash") "unreachable")',
        '(assert_return (invoke $i1 "count") (i32.const 2))',
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("01-poisoned-component", "process-panic is no core module, and the types of other programs are not read"),
        ("01-poisoned-component/core-endless-loop", "in step 3, a script does not know that a call timed out"),
    ],
)
def test_what_a_wast_script_cannot_say(name, why):
    with pytest.raises(LabkitError) as raised:
        wast_script(packed(name))
    assert str(raised.value).startswith(f"This repro cannot be written as a .wast script: {why}")


def test_a_host_program_in_rust(new_instance):
    text = rust_program(new_instance)
    assert '//!     wasmtime = "=50.0.1"' in text
    assert 'host.call(2, 1, "process-input", &[Plain::Float(101.0)], "trapped")?;' in text
    program = new_instance.programs["process-panic"]
    assert program.wasm[-50:].hex()[-20:] in text
    with pytest.raises(
        LabkitError, match=r"^This repro cannot be written in Rust: step 1 opens a store with WASI"
    ):
        rust_program(packed("02-run-twice/shared-streams"))


def test_each_form_has_its_suffix(new_instance, tmp_path):
    for suffix in ("html", "md", "py", "rs"):
        assert export(new_instance, tmp_path / f"mine.{suffix}").stat().st_size > 1000
    assert (tmp_path / "mine.md").read_text() == new_instance.report
    assert "labkit replay 01-poisoned-component-new-instance.labkit" in new_instance.report
    export(new_instance, tmp_path / "mine.md", "my own.labkit")
    assert (tmp_path / "mine.md").read_text().partition("## Again")[2] == (
        "\n\n`labkit replay 'my own.labkit'` plays this again in a child process with limits and compares; "
        "`--wasmtime V` does so under another release, `labkit show 'my own.labkit'` reads the file and runs "
        "nothing.\n\n"
        "The command comes with the Python package labkit: `pip install .` in a checkout of it, with Python 3.11 "
        "or newer.\n\n"
        "Whoever has no labkit needs the script that `labkit export 'my own.labkit' -o 'my own.py'` writes: "
        "Python and `pip install wasmtime==50.0.1` will do for it.\n"
    )
    with pytest.raises(ArgumentError) as raised:
        export(new_instance, tmp_path / "mine.pdf")
    assert str(raised.value) == (
        "A repro is exported to a file that ends in .html, .md, .py, .rs, .wast, not to mine.pdf."
    )


def test_the_report_of_a_program_of_ones_own_is_in_words():
    wasm = packed("01-poisoned-component/story").programs["process-panic"].wasm
    program = Program.from_bytes("mine", wasm, how="file")
    session = Session(program, profile_of(program))
    session = session.then(session.call("calls"))
    repro = session.repro(session.play())
    assert (repro.title, repro.file) == ("Calls of mine", "mine.labkit")
    assert "| engine | an import that nobody provides stops the guest that calls it |" in repro.report
    assert repro.report.count("| not known: read from a file |") == 1
    assert 'download="mine.labkit"' in repro_page(repro)
