"""Programs in repros that mean harm: what they do happens in a child with limits, and is told in a sentence."""

from __future__ import annotations

import socket
import time

import msgspec
import pytest

from labkit.host import Limits, Outcome, Program, Wasi
from labkit.record import HostBehaviour, Repro, Scenario, ScenarioStep, Step, StoreRecord, Trace, make_repro
from labkit.record.trace import ProgramRecord
from labkit.repros import replay
from labkit.runtimes import ChildLimits, Runtime
from tests.compiler import compiler

OWN = Runtime("50.0.1")
TIGHT = ChildLimits(seconds=3, memory=2**28, output=2**16)


def claimed(wat: str, *, wasi: Wasi | None = None) -> Repro:
    """A repro that says its `go` returned 1, under no limits at all."""
    program = Program.from_wat("harm", wat)
    steps = (ScenarioStep(do="instantiate", store=1, instance=1), ScenarioStep(instance=1, export="go"))
    scenario = Scenario("harm", "Harm", "harm", steps, limits=Limits(seconds=None), wasi=wasi)
    record = ProgramRecord("harm", program.kind, program.digest, program.size, "wat")
    made = Step(1, "instantiate", 1, "harm", 1, outcome=Outcome("returned"))
    called = Step(2, "call", 1, "harm", 1, "go", outcome=Outcome("returned", value=1))
    trace = Trace(1, "50.0.1", programs=(record,), stores=(StoreRecord(1),), steps=(made, called))
    return make_repro(scenario, trace, {"harm": program})


def wasi(name: str, params: str, body: str, memory: str = "1") -> str:
    """A module whose `go` does something with one function of WASI."""
    return f"""(module (import "wasi_snapshot_preview1" "{name}" (func $do (param {params}) (result i32)))
      (memory (export "memory") {memory}) (data (i32.const 64) "../../../../etc/passwd")
      (func (export "go") (result i32) {body}))"""


ENDLESS = '(module (func (export "go") (result i32) (loop $l (br $l)) (unreachable)))'
STARTS = '(module (func $s (loop $l (br $l))) (start $s) (func (export "go") (result i32) (i32.const 1)))'
GROWS = """(module (memory 1) (func (export "go") (result i32) (local $at i32)
  (drop (memory.grow (i32.const 65535)))
  (loop $l (i32.store (local.get $at) (i32.const 1))
    (local.set $at (i32.add (local.get $at) (i32.const 4096))) (br_if $l (local.get $at)))
  (i32.const 1)))"""
FLOODS = wasi(
    "fd_write",
    "i32 i32 i32 i32",
    """(i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 65536))
    (loop $l (drop (call $do (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l)) (i32.const 1)""",
)
DIVES = '(module (func $f (export "go") (result i32) (i32.add (call $f) (i32.const 1))))'


@pytest.mark.parametrize(
    ("wat", "sentence"),
    [
        (ENDLESS, "timed out"),
        (STARTS, "timed out"),
        (GROWS, "aborted the process with SIGKILL (the child used more than 256 MiB of memory)"),
        (FLOODS, "aborted the process with SIGKILL (the child wrote more than 64 KiB into files)"),
        (DIVES, "trapped with stack-overflow"),
    ],
    ids=["loops", "loops before it is called", "takes memory", "floods its output", "dives"],
)
def test_what_does_not_end_or_takes_too_much_is_ended(wat, sentence):
    began = time.monotonic()
    found = replay(claimed(wat), OWN, limits=TIGHT)
    assert not found.same
    assert found.sentence.endswith(f"now, under 50.0.1, it {sentence}.")
    assert time.monotonic() - began < 60


ERRNO_BADF, ERRNO_NOTCAPABLE, ERRNO_PERM = 8, 76, 63
OPENS = (
    "(call $do (i32.const 3) (i32.const 0) (i32.const 64) (i32.const {length}) (i32.const 0) "
    "(i64.const 2) (i64.const 2) (i32.const 0) (i32.const 8))"
)


def opens(length: int) -> str:
    return wasi("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32", OPENS.format(length=length))


def went(repro: Repro) -> object:
    outcome = replay(repro, OWN, limits=TIGHT).trace.steps[-1].outcome
    return outcome.value if outcome.kind == "returned" else outcome


def test_there_is_no_file_system():
    assert went(claimed(opens(22))) == ERRNO_BADF
    folder = Wasi(folder={"mine.txt": "hello"})
    assert went(claimed(opens(22), wasi=folder)) in (ERRNO_NOTCAPABLE, ERRNO_PERM)


def test_there_is_no_network():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.1)
        accepts = wasi("sock_accept", "i32 i32 i32", "(call $do (i32.const 3) (i32.const 0) (i32.const 8))")
        assert went(claimed(accepts)) == ERRNO_BADF
        with pytest.raises(TimeoutError):
            listening.accept()


TRIES = """
use std::{fs, net::TcpStream};
fn main() {
    println!("connected: {}", TcpStream::connect("127.0.0.1:@PORT@").is_ok());
    println!("read: {}", fs::read("/etc/passwd").is_ok());
    println!("written: {}", fs::write("/tmp/mine", "x").is_ok());
}
"""


def test_a_rust_program_gets_no_connection_and_no_file(lab, tmp_path):
    compiler()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.1)
        source = TRIES.replace("@PORT@", str(listening.getsockname()[1]))
        lab.store().instantiate(lab.build("command-hello", source=source)).call("wasi:cli/run")
        again = lab.replay(lab.save(tmp_path / "tries.labkit"))
        assert again.trace.steps[-1].outcome.stdout == "connected: false\nread: false\nwritten: false\n"
        with pytest.raises(TimeoutError):
            listening.accept()


def test_there_are_no_arguments_and_no_environment():
    reads = wasi(
        "environ_sizes_get",
        "i32 i32",
        "(drop (call $do (i32.const 0) (i32.const 4)))(i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4)))",
    )
    assert went(claimed(reads)) == 0


def test_a_host_function_of_a_stranger_can_only_wait_raise_and_return():
    program = Program.from_wat(
        "asks", '(module (import "host" "ask" (func $a (result i32))) (func (export "go") (result i32) (call $a)))'
    )
    behaviour = HostBehaviour(raises="__import__('os').system('true')", exception="SystemExit")
    steps = (ScenarioStep(export="go"),)
    scenario = Scenario("asks", "Asks", "asks", steps, policy="keep", imports={"host#ask": behaviour})
    harmless = msgspec.structs.replace(claimed(ENDLESS), scenario=scenario, programs={"asks": program})
    outcome = replay(harmless, OWN, limits=TIGHT).trace.steps[-1].outcome
    assert (outcome.kind, outcome.raised, outcome.message) == ("host-error", "SystemExit", behaviour.raises)
