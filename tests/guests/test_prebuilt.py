from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from labkit.errors import FormatError, ToolchainError
from labkit.guests import Toolchain, build, catalogue, find_toolchains, guest, records, verify_prebuilt
from labkit.guests.artifact import digest
from labkit.guests.prebuilt import prebuilt_dir
from labkit.guests.workspace import source_files, wasm_name

RUST = [shown for shown in catalogue().values() if shown.language == "rust"]


def plain(toolchain: Toolchain) -> list[str]:
    """The guests that this toolchain makes: what cargo makes of a crate for wasm32-wasip2 without another word."""
    return [shown.name for shown in RUST if toolchain.makes(shown)]


def test_every_prebuilt_file_is_bit_identical_to_its_source(toolchain: Toolchain) -> None:
    beyond = [shown.name for shown in RUST if not find_toolchains(shown)]
    assert [check.name for check in verify_prebuilt() if not check.ok] == beyond


def test_plain_cargo_by_hand_gives_the_same_files(own_guests: Path, toolchain: Toolchain) -> None:
    command = [str(toolchain.cargo), "build", "--release", "--target", "wasm32-wasip2", *toolchain.args]
    subprocess.run([*command, "--offline"], cwd=own_guests, env=toolchain.environment(), check=True)
    made = own_guests / "target" / "wasm32-wasip2" / "release"
    for name in plain(toolchain):
        wasm = (made / wasm_name(guest(name))).read_bytes()
        assert digest(wasm) == records()[name].digest_by(toolchain.id)


def test_every_rust_guest_has_a_small_prebuilt_file() -> None:
    rust = {guest.name for guest in catalogue().values() if guest.language == "rust"}
    assert set(records()) == rust
    assert {path.stem for path in prebuilt_dir().glob("*.wasm")} == rust
    for record in records().values():
        assert record.size < 100_000


def test_no_prebuilt_file_names_a_folder_or_host_of_the_machine_that_made_it() -> None:
    for path in prebuilt_dir().iterdir():
        content = path.read_bytes()
        for trace in (b"/root", b"/home", b"/tmp", b"/usr/", b"registry", b"crates.io"):
            assert trace not in content, f"{trace!r} in {path.name}"


def test_another_crate_changes_no_guest(own_guests: Path) -> None:
    before = source_files(guest("process-panic"))
    manifest = own_guests / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('"process-*"', '"process-*", "one-more"'))
    assert source_files(guest("process-panic")) == before
    assert b'\nmembers = ["process-panic"]\n' in before["Cargo.toml"]


def test_a_damaged_file_is_refused(own_guests: Path, no_toolchain: None) -> None:
    path = own_guests / "prebuilt" / "process-panic.wasm"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FormatError, match=r"process-panic\.wasm is damaged"):
        build("process-panic")


def test_a_missing_file_is_one_sentence(own_guests: Path, no_toolchain: None) -> None:
    (own_guests / "prebuilt" / "process-panic.wasm").unlink()
    with pytest.raises(FormatError, match=r"process-panic\.wasm cannot be read: No such file"):
        build("process-panic")


def test_a_file_older_than_its_source_is_refused(own_guests: Path, no_toolchain: None) -> None:
    source = own_guests / "process-panic" / "src" / "lib.rs"
    source.write_text(source.read_text().replace("* 2.0", "* 3.0"))
    with pytest.raises(ToolchainError, match="has changed since its prebuilt file was made"):
        build("process-panic")


def test_verifying_finds_a_source_that_no_longer_matches(own_guests: Path, toolchain: Toolchain) -> None:
    source = own_guests / "process-result" / "src" / "lib.rs"
    source.write_text(source.read_text().replace("* 2.0", "* 3.0"))
    failed = {check.name: check.sentence for check in verify_prebuilt(names=plain(toolchain)) if not check.ok}
    assert list(failed) == ["process-result"]
    assert failed["process-result"].startswith("differs from a new build with rustc ")


def test_where_the_recorded_toolchain_is_missing_another_recorded_one_will_do(
    own_guests: Path, toolchain: Toolchain
) -> None:
    record = prebuilt_dir() / "record.json"
    mine = {
        name: msgspec.structs.replace(r, toolchain="rustc 1.0.0", others={toolchain.id: r.digest_by(toolchain.id)})
        for name, r in records().items()
        if name in plain(toolchain)
    }
    record.write_bytes(msgspec.json.encode(mine))
    sentences = {check.sentence for check in verify_prebuilt(names=plain(toolchain))}
    assert sentences == {f"has the source that {toolchain.id} makes the recorded bytes of."}


def test_verifying_without_the_recorded_toolchain_is_not_a_pass(no_toolchain: None) -> None:
    checks = verify_prebuilt()
    assert checks
    assert not any(check.ok for check in checks)
    assert all("is not installed here" in check.sentence for check in checks)
