"""`labkit inspect` and `labkit call`, with a program of one's own."""

from __future__ import annotations

import html
import shlex
import shutil
from pathlib import Path

import nbformat
import pytest

from labkit import read_trace
from labkit.guests.prebuilt import prebuilt_dir
from labkit.notebooks import notebook_beside
from labkit.record import load_repro
from tests.cli.conftest import Labkit
from tests.explore import wat


@pytest.fixture
def env(tmp_path: Path) -> Path:
    """A core module with an import that nobody provides."""
    (tmp_path / "env.wat").write_text(wat.ENV)
    return tmp_path


def test_inspect_says_what_a_program_is_and_what_to_do_next(labkit: Labkit, env: Path) -> None:
    done = labkit("inspect", "env.wat")
    lines = done.out.splitlines()
    assert (done.status, lines[0]) == (0, "env: a core module, 140 bytes")
    assert lines[lines.index("exports") + 1 : lines.index("imports") + 3] == [
        "  ask: func(arg1: i32) -> i32",
        "  count: func() -> i32",
        "  read: func(arg1: i32) -> i32",
        "imports",
        "  env#log: func(arg1: i32) -> i32    (nobody provides it; --stub 'env#log=…' does)",
        "  env#memory    (nobody provides it: a memory, which is given empty)",
    ]
    assert lines[-4:] == [
        "Call it:         labkit call env.wat 'ask(0)'",
        "Keep what came:  labkit call env.wat 'ask(0)' --save mine.labkit",
        "Is it healthy:   labkit check env.wat",
        "In a notebook:   labkit open env.wat",
    ]


def test_inspect_of_a_program_that_the_release_does_not_take(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "page.wat").write_text(wat.LEAST_MEMORY_PAGE)
    done = labkit("inspect", "page.wat")
    assert done.status == 1
    assert done.out.splitlines()[-1].startswith("Nothing of it can be called. page uses custom page sizes, which ")
    assert labkit("inspect", "page.wat", "--json").json["interface"]["lacks"] == ["custom page sizes"]


def test_inspect_of_what_is_no_program(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "page.wasm").write_text("<!doctype html>")
    done = labkit("inspect", "page.wasm")
    assert (done.status, done.out) == (2, "")
    assert done.err == "labkit: page.wasm is no WebAssembly: it is a text that begins with '<!doctype html>'.\n"


def test_call_shows_what_came_of_each_call(labkit: Labkit, env: Path) -> None:
    done = labkit("call", "env.wat", "count", "ask(7)", "count")
    assert done.status == 0
    assert "env (Wasmtime 50.0.1, policy keep)" in done.out
    assert "step 3 called env#log(7), which raised UnmetImportError" in done.out
    trace = read_trace(labkit("call", "env.wat", "ask(7)", "count", "--stub", "env#log=5", "--json").out)
    assert [step.outcome.value for step in trace if step.outcome is not None] == [None, 5, 1]


def test_what_was_called_is_saved_and_played_again(labkit: Labkit, env: Path) -> None:
    saved = labkit("call", "env.wat", "count", "ask(7)", "--save", "mine.labkit")
    assert saved.out.splitlines()[-1] == (
        "Saved as mine.labkit: `labkit show mine.labkit` says what is in it, `labkit replay mine.labkit` plays it "
        "again."
    )
    again = labkit("replay", "mine.labkit")
    assert (again.status, again.out) == (
        0, "The same under Wasmtime 50.0.1: 3 steps, every one as it was recorded.\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ask(7",), "'ask(7' is no call: a closing parenthesis is missing."),
        (("ask(x)",), "ask: `arg1` takes i32, not 'x': a whole number is wanted."),
        (
            ("count", "--stub", "env#log"),
            "'env#log' is no stub; write --stub 'IMPORT=VALUE', with nothing behind = ",
        ),
        (("count", "--policy", "hope"), "There is no reuse policy named 'hope'; "),
        (("count", "--env", "A"), "'A' is no variable; write --env NAME=VALUE."),
    ],
)
def test_call_cannot_be_done(labkit: Labkit, env: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = labkit("call", "env.wat", *arguments)
    assert (done.status, done.out) == (2, "")
    assert f"labkit: {sentence}" in done.err


def test_check_says_what_a_host_has_to_know(labkit: Labkit, env: Path) -> None:
    done = labkit("check", "env.wat", "--page", "report.html")
    lines = done.out.splitlines()
    assert (done.status, lines[0], lines[-1]) == (
        1,
        "env under Wasmtime 50.0.1",
        "Keep it: labkit call env.wat 'ask(0)' --save env.labkit",
    )
    assert lines[-2] == "The report with every call is in report.html."
    assert "count" in lines
    assert any(
        line.startswith("  → state: It keeps state: equal calls of one instance answered 1 and") for line in lines
    )
    assert "It keeps state" in (env / "report.html").read_text()
    report = labkit("check", "env.wat", "--json").json
    assert [one["export"] for one in report["exports"]] == ["ask", "count", "read"]


def test_check_ends_with_the_command_that_keeps_the_first_failure(labkit: Labkit, tmp_path: Path) -> None:
    shutil.copy(prebuilt_dir() / "process-panic.wasm", tmp_path / "my guest.wasm")
    done = labkit("check", "my guest.wasm", "--page", "report.html")
    keep = (
        "Keep it: labkit call 'my guest.wasm' 'process-input(1e+30)' 'process-input(1.0)' --save 'my guest.labkit'"
    )
    assert (done.status, done.out.splitlines()[-1]) == (1, keep)
    assert html.escape(keep.removeprefix("Keep it: ")) in (tmp_path / "report.html").read_text()
    kept = labkit(*shlex.split(keep)[3:])
    assert kept.status == 0
    trace = load_repro(tmp_path / "my guest.labkit").trace
    assert [step.outcome.kind for step in trace if step.outcome] == ["returned", "trapped", "refused"]


def test_check_keeps_the_second_call_of_what_answers_once(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "once.wat").write_text(
        """(module (global $done (mut i32) (i32.const 0))
        (func (export "go") (if (global.get $done) (then unreachable)) (global.set $done (i32.const 1))))"""
    )
    done = labkit("check", "once.wat")
    assert done.out.splitlines()[-1] == "Keep it: labkit call once.wat 'go()' 'go()' --save once.labkit"


def test_check_of_a_sound_program(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "sound.wat").write_text('(module (func (export "f") (result i32) i32.const 1))')
    assert labkit("check", "sound.wat").status == 0
    (tmp_path / "page.wat").write_text(wat.LEAST_MEMORY_PAGE)
    done = labkit("check", "page.wat")
    assert (done.status, done.out) == (2, "")
    assert "labkit: page uses custom page sizes, which " in done.err


def test_a_component_with_nothing_to_call(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "empty.wasm").write_bytes(b"\0asm\x0d\0\x01\0")
    done = labkit("inspect", "empty.wasm")
    assert (done.status, done.out.splitlines()[-1]) == (
        1, "Nothing of it can be called. empty exports no function."
    )  # fmt: skip
    done = labkit("check", "empty.wasm")
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith("labkit: empty exports no function.\n")
    (tmp_path / "taker.wat").write_text('(module (func (export "refer") (param externref)))')
    done = labkit("check", "taker.wat")
    assert done.status == 2
    assert "  ? instantiation: No instance was made: no export was called." in done.out.splitlines()


def test_a_program_is_opened_in_a_notebook_beside_it(tmp_path: Path) -> None:
    program = tmp_path / "mine.wasm"
    book = notebook_beside(program, program=True)
    cells = [cell.source for cell in nbformat.read(book, as_version=4).cells]
    assert (book.name, cells[0].splitlines()[0], cells[1].splitlines()[-2]) == (
        "mine.ipynb",
        "# mine",
        'bench = lab.explore("mine.wasm")',
    )


def test_inspect_shows_the_comments_of_the_wit_beside_it(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "mine.wat").write_text(
        """(component (core module $m (func (export "go"))) (core instance $i (instantiate $m))
        (func (export "go") (canon lift (core func $i "go"))))"""
    )
    (tmp_path / "mine.wit").write_text("package a:b; world w { /// Does it.\n export go: func(); }")
    (tmp_path / "other.wit").write_text("package a:b; world w { export stop: func(); }")
    done = labkit("inspect", "mine.wat")
    assert "  comments   of mine.wit\n" in done.out
    assert "  go: func()\n      Does it.\n" in done.out
    named = labkit("inspect", "mine.wat", "--wit", "other.wit", "--json")
    assert named.json["docs"]["notes"] == [
        "The world a:b/w exports stop, which the component does not.",
        "The component exports go, which the world a:b/w does not name.",
    ]
    (tmp_path / "other.wit").write_text("world")
    refused = labkit("inspect", "mine.wat", "--wit", "other.wit")
    assert (refused.status, refused.err) == (
        2,
        "labkit: other.wit is no WIT: line 1: more should follow, not the end of the file.\n",
    )
    (tmp_path / "empty.wit").write_text("")
    refused = labkit("inspect", "mine.wat", "--wit", "empty.wit")
    assert (refused.status, refused.err) == (
        2,
        "labkit: empty.wit is no WIT: it has no interface and no world.\n",
    )
