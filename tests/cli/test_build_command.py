from __future__ import annotations

import hashlib
from pathlib import Path

from labkit import guests
from tests.cli.conftest import Labkit

BROKEN_WAT = '(component (core module (func (export "count") (result i32) i64.const 1)))'


def test_the_report(labkit: Labkit, tmp_path: Path, without_compiler: dict[str, str]) -> None:
    done = labkit("build", "process-panic", "-o", "out.wasm", "--json", **without_compiler)
    wasm = (tmp_path / "out.wasm").read_bytes()
    assert done.status == 0
    seconds = done.json.pop("seconds") if isinstance(done.json, dict) else None
    assert seconds is not None
    record = guests.records()["process-panic"]
    assert {k: v for k, v in done.json.items() if k != "seconds"} == {
        "name": "process-panic",
        "ok": True,
        "how": "prebuilt",
        "toolchain": record.toolchain,
        "size": len(wasm),
        "digest": hashlib.sha256(wasm).hexdigest(),
        "source_digest": record.source,
        "log": "",
        "output": "out.wasm",
    }


def test_for_people(labkit: Labkit, without_compiler: dict[str, str]) -> None:
    done = labkit("build", "process-panic", **without_compiler)
    assert "prebuilt: no toolchain here, so this is the shipped file" in done.out
    assert guests.records()["process-panic"].digest in done.out


def test_a_source_of_ones_own(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "mine.wat").write_text("(module)")
    done = labkit("build", "counter-core", "--source", "mine.wat", "--json")
    assert (done.status, done.json["how"], done.json["size"]) == (0, "wat", 8)


def test_source_that_does_not_compile_gives_status_1(labkit: Labkit, tmp_path: Path) -> None:
    (tmp_path / "broken.wat").write_text("(module (func (unknown)))")
    done = labkit("build", "counter-core", "--source", "broken.wat", "--json")
    assert (done.status, done.json["ok"], done.json["name"]) == (1, False, "counter-core")
    assert "unknown" in done.json["log"]
    assert done.err.startswith("labkit: counter-core is not valid WAT")


def test_editing_rust_without_a_compiler_cannot_be_done(
    labkit: Labkit, tmp_path: Path, without_compiler: dict[str, str]
) -> None:
    (tmp_path / "lib.rs").write_text("fn nothing() {}")
    done = labkit("build", "process-panic", "--source", "lib.rs", **without_compiler)
    assert (done.status, done.out) == (2, "")
    assert "`labkit setup` installs one" in done.err


def test_an_unknown_guest(labkit: Labkit) -> None:
    done = labkit("build", "proces-panic")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("labkit: There is no guest named 'proces-panic'; did you mean process-panic")


def test_an_output_that_cannot_be_written(labkit: Labkit) -> None:
    done = labkit("build", "counter-core", "-o", "no/such/folder/x.wasm")
    assert (done.status, done.err) == (
        2,
        "labkit: no/such/folder/x.wasm cannot be written: No such file or directory.\n",
    )
