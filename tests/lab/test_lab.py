"""The lab as a cell uses it."""

import json

import pytest

from labkit import Lab, LabkitError, read_trace
from labkit.errors import ClosedError, FormatError, ProgramError, UnknownNameError


@pytest.fixture
def lab():
    with Lab() as lab:
        yield lab


def test_the_readme_example(lab):
    guest = lab.build("process-panic")
    first = lab.store().instantiate(guest)
    assert first.call("process-input", 101.0).kind == "trapped"
    assert first.call("process-input", 10.0).kind == "refused"
    assert "step 2 (`unreachable` in process-panic) poisoned store 1" in str(lab.explain())


def test_explaining_before_anything_happened(lab):
    with pytest.raises(LabkitError, match=r"Nothing has happened in this lab yet; call a guest first\."):
        lab.explain()


def test_a_knob_that_is_none_is_said_in_a_sentence(lab):
    guest = lab.build("counter-core")
    for wrong in (lambda: lab.runner(guest, "pool", size=2), lambda: lab.run("01-poisoned-component", size=2)):
        with pytest.raises(UnknownNameError) as raised:
            wrong()
        assert str(raised.value) == ("There is no knob of a reuse policy named 'size'; did you mean pool_size?")


def test_a_saved_trace_reads_back(lab, tmp_path):
    lab.store().instantiate(lab.build("counter-component")).call("count")
    path = lab.save(tmp_path / "trace.json")
    assert read_trace(path.read_text()) == lab.trace
    assert json.loads(path.read_text())["runtime"] == "50.0.1"


def test_a_trace_that_cannot_be_saved_is_one_sentence(lab, tmp_path):
    with pytest.raises(FormatError, match=r"missing.trace\.json cannot be written: No such file or directory\."):
        lab.save(tmp_path / "missing" / "trace.json")


def test_programs_of_your_own(lab, tmp_path):
    file = tmp_path / "mine.wat"
    file.write_text('(module (func (export "seven") (result i32) i32.const 7))')
    from_file, from_text = lab.program(file), lab.program(file.read_text(), name="mine")
    assert (from_file.how, from_text.how, from_file.digest) == ("file", "wat", from_text.digest) or (
        from_file.how,
        from_text.how,
    ) == ("wat", "wat")
    assert lab.store().instantiate(lab.program(from_text.wasm)).call("seven").unwrap() == 7


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda p: p / "none.wasm", r"none\.wasm cannot be read: No such file or directory\."),
        (lambda _: b"MZ\x90\0not wasm", r"program is no WebAssembly: it is a Windows executable or library"),
        (lambda _: b"", r"program is no WebAssembly: the file is empty"),
        (lambda _: "(module (fun))", "program does not parse: expected valid module field"),
    ],
)
def test_what_is_no_program_is_one_sentence(lab, tmp_path, make, sentence):
    with pytest.raises(ProgramError, match=sentence):
        lab.program(make(tmp_path))


def test_a_broken_binary_is_one_sentence(lab):
    broken = lab.program(b"\0asm\x01\0\0\0\xff\xff\xff")
    with pytest.raises(ProgramError, match="program is rejected by the runtime: "):
        lab.store().instantiate(broken)


def test_an_unknown_guest_suggests_near_ones(lab):
    with pytest.raises(UnknownNameError, match="did you mean process-panic"):
        lab.build("process-panik")


def test_a_closed_lab_says_so(lab):
    guest = lab.build("counter-core")
    lab.close()
    with pytest.raises(ClosedError, match=r"This lab is closed; make a new one with Lab\(\)\."):
        lab.store().instantiate(guest)


def test_heartbeats_of_scenarios_and_of_traces(lab):
    awaited = lab.run("03-sync-and-async/sleeping-host-function")
    shown = lab.heartbeats({"blocks": "03-sync-and-async/blocking-host-function", "awaited": awaited})
    assert list(shown.traces) == ["blocks", "awaited"]
    assert repr(shown).startswith(
        "Longest time in which nothing else in the event loop ran. “blocks” stops the event loop, for "
    )
    assert shown.traces["awaited"] is awaited
    with pytest.raises(UnknownNameError, match="There is no scenario named '03-sync'"):
        lab.heartbeats({"nothing": "03-sync"})


def test_a_guest_is_had_stripped_by_its_name():
    with Lab() as lab:
        whole, bare = lab.build("process-panic"), lab.build("process-panic:stripped")
        assert (bare.name, bare.how, bare.digest == whole.digest) == ("process-panic:stripped", "stripped", False)
        assert bare.size < 0.9 * whole.size
        trapped = lab.store().instantiate(bare).call("process-input", 101.0)
        assert {frame.func for frame in trapped.frames} == {None}
        replayed = lab.run(lab.trace, runtime=lab.runtime)
        assert [step.outcome.kind for step in replayed] == ["returned", "trapped"]
        with pytest.raises(UnknownNameError, match="There is no form of process-panic named 'bare'"):
            lab.build("process-panic:bare")
