from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labkit.errors import ArgumentError, BuildError, ToolchainError
from labkit.guests import Artifact, Toolchain, build, build_source, guest
from labkit.guests import toolchain as toolchain_module
from labkit.guests.artifact import digest
from tests.guests.running import Running


def edited(name: str, old: str, new: str) -> str:
    source = guest(name).source
    assert old in source
    return source.replace(old, new)


def test_an_edit_is_compiled_and_behaves_as_edited(toolchain: Toolchain, tmp_path: Path) -> None:
    shipped = build("process-panic")
    tripled = build("process-panic", source=edited("process-panic", "* 2.0", "* 3.0"))
    assert tripled.how == "compiled"
    assert tripled.toolchain == toolchain.id
    assert tripled.digest != shipped.digest
    assert tripled.source_digest != shipped.source_digest
    assert "Compiling process-panic" in tripled.log
    assert Running(tripled.wasm, tmp_path / "a").call("process-input", 10.0) == 30.0
    assert Running(shipped.wasm, tmp_path / "b").call("process-input", 10.0) == 20.0


def test_the_shipped_source_comes_back_after_an_edit(toolchain: Toolchain, cache: Path) -> None:
    before = build("process-result").digest
    build("process-result", source=edited("process-result", "* 2.0", "* 5.0"))
    for kept in (cache / "builds" / "finished").iterdir():
        kept.unlink()
    assert build("process-result").digest == before


def test_the_second_build_is_cached_and_much_faster(toolchain: Toolchain) -> None:
    source = edited("process-panic", "* 2.0", "* 7.0")
    first, second = build("process-panic", source=source), build("process-panic", source=source)
    assert (first.how, second.how) == ("compiled", "cached")
    assert second.wasm == first.wasm
    assert second.log == first.log
    assert second.seconds < first.seconds / 3


def test_the_artifact_describes_its_bytes(toolchain: Toolchain) -> None:
    artifact = build("process-panic")
    assert artifact.wasm.startswith(b"\0asm")
    assert artifact.size == len(artifact.wasm)
    assert artifact.digest == digest(artifact.wasm)


def test_a_damaged_cache_entry_is_made_again(toolchain: Toolchain, cache: Path) -> None:
    source = edited("process-panic", "* 2.0", "* 11.0")
    first = build("process-panic", source=source)
    for kept in (cache / "builds" / "finished").glob("*.wasm"):
        kept.write_bytes(b"not what was kept")
    again = build("process-panic", source=source)
    assert again.how == "compiled"
    assert again.wasm == first.wasm


def test_a_compile_error_is_the_compilers_own_and_names_the_line(toolchain: Toolchain) -> None:
    source = edited("process-panic", "input * 2.0", "input * two")
    line = 1 + next(n for n, text in enumerate(source.splitlines()) if "two" in text)
    with pytest.raises(BuildError) as raised:
        build("process-panic", source=source)
    assert str(raised.value).startswith("process-panic does not compile: error[E0425]: cannot find value `two`")
    assert f"--> process-panic/src/lib.rs:{line}:13" in raised.value.log
    assert str(Path.home()) not in raised.value.log
    assert "\x1b" not in raised.value.log


def test_progress_arrives_while_the_compiler_runs(toolchain: Toolchain) -> None:
    heard: list[tuple[float, str]] = []
    began = time.perf_counter()
    source = edited("process-panic", "* 2.0", "* 13.0")
    artifact = build(
        "process-panic", source=source, say=lambda line: heard.append((time.perf_counter() - began, line))
    )
    assert "\n".join(line for _, line in heard) == artifact.log
    assert heard[0][0] < artifact.seconds * 0.8


def test_the_users_own_rust_flags_change_nothing(toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = build("process-panic", source=edited("process-panic", "* 2.0", "* 17.0"))
    monkeypatch.setenv("RUSTFLAGS", "-Clink-arg=--no-such-option")
    monkeypatch.setenv("CARGO_BUILD_RUSTFLAGS", "--no-such-option")
    monkeypatch.setenv("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
    monkeypatch.setenv("RUSTC_WRAPPER", "/no/such/wrapper")
    other = build("process-panic", source=edited("process-panic", "* 2.0", "* 17.0 * 1.0"))
    assert other.how == "compiled"
    assert abs(other.size - plain.size) < 1000


def test_a_compiler_that_takes_too_long_is_stopped_and_the_next_build_works(toolchain: Toolchain) -> None:
    source = edited("process-panic", "* 2.0", "* 19.0")
    with pytest.raises(ToolchainError, match="had not finished after"):
        build("process-panic", source=source, timeout=0.05)
    assert build("process-panic", source=source).how == "compiled"


def test_an_interrupt_ends_the_compiler_and_leaves_the_cache_sound(toolchain: Toolchain) -> None:
    source = edited("process-panic", "* 2.0", "* 23.0")
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert child.stdout is not None
    # The compiler has said its first line, so it runs.
    assert "Compiling" in child.stdout.readline()
    os.kill(child.pid, signal.SIGINT)
    rest, _ = child.communicate(timeout=60)
    assert rest == "interrupted\n"
    assert build("process-panic", source=source).how == "compiled"


INTERRUPTED = """
import sys
from labkit.guests import build
try:
    build("process-panic", source=sys.argv[1], say=lambda line: print(line, flush=True))
except KeyboardInterrupt:
    print("interrupted")
"""


def built(name: str, source: str) -> Artifact:
    return build(name, source=source)


def test_processes_that_build_at_once_all_succeed(toolchain: Toolchain, tmp_path: Path) -> None:
    sources = [edited("process-panic", "* 2.0", f"* {factor}.5") for factor in (2, 3, 3)]
    with multiprocessing.get_context("spawn").Pool(len(sources)) as pool:
        made = pool.starmap(built, [("process-panic", source) for source in sources], chunksize=1)
    answers = [Running(a.wasm, tmp_path / str(n)).call("process-input", 10.0) for n, a in enumerate(made)]
    assert answers == [25.0, 35.0, 35.0]


def test_without_a_toolchain_the_prebuilt_file_stands_in_and_says_so(no_toolchain: None, tmp_path: Path) -> None:
    artifact = build("process-panic")
    assert artifact.how == "prebuilt"
    assert artifact.toolchain is not None
    assert artifact.toolchain.startswith("rustc ")
    assert Running(artifact.wasm, tmp_path / "stderr").call("process-input", 10.0) == 20.0


def test_without_a_toolchain_an_edit_says_what_to_install(no_toolchain: None) -> None:
    with pytest.raises(ToolchainError, match="`labkit setup` installs one"):
        build("process-panic", source=edited("process-panic", "* 2.0", "* 3.0"))
    with pytest.raises(ToolchainError, match="`labkit setup` installs one"):
        build("process-panic", use="compile")


def test_without_a_toolchain_an_untouched_cell_still_runs(no_toolchain: None) -> None:
    assert build("process-panic", source=guest("process-panic").source).how == "prebuilt"


def test_prebuilt_can_be_asked_for_but_not_edited(toolchain: Toolchain) -> None:
    assert build("process-panic", use="prebuilt").how == "prebuilt"
    with pytest.raises(ArgumentError, match="source as shipped"):
        build("process-panic", source="", use="prebuilt")


def test_wat_needs_no_toolchain(no_toolchain: None) -> None:
    artifact = build("counter-component")
    assert artifact.how == "wat"
    assert artifact.wasm.startswith(b"\0asm")


def test_broken_wat_shows_the_parsers_message_with_its_line() -> None:
    with pytest.raises(BuildError) as raised:
        build("counter-core", source="(module\n  (func $f (call $g)))")
    assert "unknown func: failed to find name `$g`" in raised.value.log
    assert ":2:18" in raised.value.log


def test_a_new_name_is_compiled_against_the_world_of_its_base(toolchain: Toolchain, tmp_path: Path) -> None:
    source = edited("process-result", "input > 100.0", "input > 5.0")
    artifact = build_source("stricter", source, "rust", base=guest("process-result"))
    assert artifact.name == "stricter"
    assert Running(artifact.wasm, tmp_path / "stderr").call("process-input", 6.0) == "input-too-large"


def test_rust_without_a_base_is_refused() -> None:
    with pytest.raises(ArgumentError, match="needs a Rust guest as its base"):
        build_source("mine", "fn f() {}", "rust")


def test_an_edited_program_with_a_main_is_compiled_where_there_is_a_current_libc(toolchain: Toolchain) -> None:
    if not toolchain.makes(guest("command-hello")):
        with pytest.raises(ToolchainError, match="needs the C library that comes with Rust's own target"):
            build("command-hello", use="compile")
        return
    artifact = build(
        "command-hello", source=edited("command-hello", "there is nothing in", "not a line to read in")
    )
    assert artifact.how == "compiled"
    assert b"not a line to read" in artifact.wasm


def test_what_needs_a_current_libc_is_not_compiled_with_an_older_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # Debian's toolchain, as far as the choice of one looks at it.
    old = Toolchain(
        "Debian", "rustc 1.96.0", "rustc 1.96.0, build-std", Path("cargo"), Path("rustc"), current_libc=False
    )
    monkeypatch.setattr(toolchain_module, "_usable", lambda _std: iter([old]))
    assert build("command-hello").how == "prebuilt"
    with pytest.raises(ToolchainError) as raised:
        build("command-hello", source=edited("command-hello", '"Hello"', '"Ahoy"'))
    assert str(raised.value) == (
        "Compiling command-hello needs the C library that comes with Rust's own target: install rustup, then run "
        "`rustup target add wasm32-wasip2`."
    )


def test_a_toolchain_that_lacks_a_linker_leaves_the_prebuilt_guest(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    monkeypatch.setenv("LABKIT_TOOLCHAIN", "rustup")
    monkeypatch.setenv("PATH", str(toolchain.cargo.parent))
    assert build("process-panic").how == "prebuilt"
    with pytest.raises(BuildError, match="process-panic does not compile"):
        build("process-panic", source=guest("process-panic").source.replace("* 2.0", "* 3.0"))
