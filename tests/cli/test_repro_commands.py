"""Repros on the command line: packed, shown, replayed, opened."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat

from labkit.notebooks import notebook_beside, notebook_for
from labkit.record import load_repro
from tests.cli.conftest import Labkit

NEW_INSTANCE = "01-poisoned-component/new-instance"


def test_packed_shown_and_replayed(labkit: Labkit, tmp_path: Path) -> None:
    done = labkit("pack", NEW_INSTANCE, "-o", "mine.labkit", "--json")
    assert (done.status, done.json["steps"], done.json["runtime"]) == (0, 4, "50.0.1")
    assert done.json["bytes"] == (tmp_path / "mine.labkit").stat().st_size

    shown = labkit("show", "mine.labkit")
    assert shown.status == 0
    assert "■ was refused: poisoned by step 2" in shown.out
    assert "Step 4 was refused because step 2" in shown.out
    repro = load_repro(tmp_path / "mine.labkit")
    assert f"SHA-256 {repro.programs['process-panic'].digest}" in shown.out
    assert "process-panic/src/lib.rs" in shown.out
    told = labkit("show", "mine.labkit", "--json").json
    assert told["trace"] == json.loads(repro.trace.to_json())
    assert told["programs"][0]["name"] == "process-panic"

    same = labkit("replay", "mine.labkit")
    assert (same.status, same.out) == (
        0,
        "The same under Wasmtime 50.0.1: 4 steps, every one as it was recorded.\n",
    )
    other = labkit("replay", "mine.labkit", "--wasmtime", "41.0.0", "--json")
    assert (other.status, other.json["same"], other.json["step"]) == (1, False, 4)
    assert (other.json["expected"]["kind"], other.json["got"]["value"]) == ("refused", 20.0)
    assert other.json["sentence"] == (
        "Different at step 4: recorded under Wasmtime 50.0.1, it was refused: step 2 poisoned the store; "
        "now, under 41.0.0, it returned 20.0."
    )
    impossible = labkit("replay", "mine.labkit", "--wasmtime", "36.0.0")
    assert (impossible.status, impossible.out) == (2, "")
    assert "runs core modules only from Python; components came with 39.0.0." in impossible.err


def test_what_is_no_repro_is_one_sentence(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "x.labkit").write_bytes(b"PK" + bytes(100))
    for command in ("show", "replay", "open"):
        done = labkit(command, "x.labkit")
        assert (done.status, done.out) == (2, "")
        assert done.err == (
            "labkit: x.labkit: This is no labkit repro: the end is missing, or something follows it.\n"
        )
    (tmp_path / "mine.wasm").write_bytes(b"\0asm\x01\0\0\0")
    assert labkit("replay", "mine.wasm").err == (
        "labkit: mine.wasm is a program and no labkit repro; `labkit inspect mine.wasm` says what it is.\n"
    )
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".ipynb"] == []


def test_the_notebook_of_a_repro_is_made_beside_it_once(tmp_path: Path) -> None:
    made = notebook_beside(tmp_path / "it's mine.labkit")
    assert made == tmp_path / "it's mine.ipynb"
    nbformat.validate(nbformat.read(made, as_version=4))
    made.write_text("changed")
    assert notebook_beside(tmp_path / "it's mine.labkit").read_text() == "changed"


def test_no_file_name_puts_code_into_the_notebook() -> None:
    name = '"); import os; os.remove("x")\n# <script>`x`.labkit'
    cells = nbformat.reads(notebook_for(name), as_version=4).cells
    assert f"load_repro({json.dumps(name)})" in cells[1].source
    compile(cells[1].source, "cell", "exec")
    assert "<" not in cells[0].source
    assert cells[0].source.count("`") == 2


def test_reduced_exported_and_imported(labkit: Labkit, tmp_path: Path) -> None:
    assert labkit("pack", "01-poisoned-component/core-alone", "-o", "core.labkit").status == 0
    reduced = labkit("reduce", "core.labkit", "--keep-modules", "--json")
    assert reduced.status == 0
    assert reduced.json["steps"] == 2
    assert load_repro(tmp_path / "core-small.labkit").trace.steps[-1].outcome.code == "unreachable"
    exported = labkit("export", "core.labkit", "-o", "core.wast")
    assert (exported.status, exported.out) == (0, "core.wast\n")
    imported = labkit("import", "core.wast", "-o", "again.labkit")
    assert (imported.status, imported.out) == (0, "again.labkit: 4 steps, 3 of 3 assertions hold.\n")
    assert labkit("replay", "again.labkit").status == 0
    script = (tmp_path / "core.wast").read_text().replace("(i32.const 2)", "(i32.const 3)")
    (tmp_path / "wrong.wast").write_text(script)
    wrong = labkit("import", "wrong.wast")
    assert wrong.status == 1
    assert "step 4 should return [3]; it returned 2." in wrong.out
    unknown = labkit("export", "core.labkit", "-o", "core.pdf")
    assert unknown.status == 2
    assert "ends in .html, .md, .py, .rs, .wast, not to core.pdf." in unknown.err
