"""Programs to take evidence from: a component of the catalogue, and a core module that nobody linked into one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from labkit import Lab, Program
from labkit.guests import Toolchain
from labkit.guests.installs import TARGET
from tests.compiler import compiler

SUMS = """\
#![no_std]

#[panic_handler]
fn panicked(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

static mut CALLS: u32 = 0;

#[unsafe(no_mangle)]
pub extern "C" fn nth(n: usize) -> u32 {
    let calls = &raw mut CALLS;
    unsafe { calls.write_volatile(calls.read_volatile() + 1) };
    pick(n * 2)
}

#[inline(never)]
fn pick(n: usize) -> u32 {
    halve(n)
}

#[inline(always)]
fn halve(n: usize) -> u32 {
    let found = [10, 20, 30][n / 2];
    core::hint::black_box(found)
}
"""

_MANIFEST = """\
[package]
name = "sums"
version = "0.1.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[profile.release]
opt-level = "s"
lto = true
codegen-units = 1
panic = "abort"
debug = "full"
[workspace]
"""


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return compiler()


def compile_core(toolchain: Toolchain, folder: Path, *flags: str) -> bytes:
    """`SUMS` as a core module with all of its DWARF."""
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "src" / "lib.rs").write_text(SUMS)
    (folder / "Cargo.toml").write_text(_MANIFEST)
    environment = toolchain.environment()
    flags = ("-Clink-arg=--skip-wit-component", f"--remap-path-prefix={folder}=sums", *flags)
    environment["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(
        [*filter(None, [environment["CARGO_ENCODED_RUSTFLAGS"]]), *flags]
    )
    command = [str(toolchain.cargo), "build", "--offline", "--release", "--target", TARGET, *toolchain.args]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (folder / "target" / TARGET / "release" / "sums.wasm").read_bytes()


@pytest.fixture(scope="session")
def core(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A core module of Rust with DWARF; `nth` traps from 3 on."""
    return Program.from_bytes("sums", compile_core(toolchain, tmp_path_factory.mktemp("sums")))


@pytest.fixture(scope="session")
def component(toolchain: Toolchain) -> Program:
    """A component of Rust with DWARF, in which lie three core modules; `process-input` traps beyond 100."""
    with Lab() as lab:
        return lab.build("process-panic", debug="full")
