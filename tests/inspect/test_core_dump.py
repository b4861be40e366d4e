"""Core dumps: what a trap leaves of a core instance, written and read back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit import Lab, Program
from labkit.demangle import demangle
from labkit.errors import ArgumentError, ClosedError, FormatError, LabkitError
from labkit.inspect import core_dump, load_core_dump, read_core_dump, snapshot, strip
from labkit.inspect.binary import MODULE, leb, sections, signed_leb
from labkit.views import core_dump_html, core_dump_text

WAT = """(module $half-done
  (memory (export "memory") 2)
  (memory (export "second") 1)
  (global (export "rate") (mut f64) (f64.const 2.5))
  (global (export "count") (mut i32) (i32.const -3))
  (data (i32.const 16) "before")
  (func $beyond (drop (i32.load (i32.const -4))))
  (func (export "run")
    (i32.store (i32.const 70000) (i32.const 99))
    (i32.store $s (i32.const 8) (i32.const 7))
    call $beyond))""".replace("(i32.store $s", "(i32.store 1")


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_what_the_trap_left_is_in_the_dump(lab: Lab, tmp_path: Path) -> None:
    instance = lab.store().instantiate(lab.program(WAT, "half-done"))
    assert instance.call("run").code == "memory-out-of-bounds"
    dump = lab.core_dump(instance, tmp_path / "core")
    assert load_core_dump(tmp_path / "core") == dump
    assert dump.program == "half-done"
    assert dump.numbers == {"rate": 2.5, "count": -3}
    assert [(memory.name, memory.size) for memory in dump.memories] == [("memory", 131072), ("second", 65536)]
    assert [(frame.func_index, frame.func_offset) for frame in dump.frames] == [(0, 3), (1, 19)]
    assert dump.memory.find("before") == [16]
    assert dump.memory.find((99).to_bytes(4, "little")) == [70000]
    assert dump.memory.read(14, 10) == b"\0\0before\0\0"
    assert dump.memories[1].read(8, 4) == b"\7\0\0\0"
    assert dump.memories[1].find("before") == []


def test_a_dump_is_valid_webassembly_with_the_sections_of_the_conventions(lab: Lab) -> None:
    instance = lab.store().instantiate(lab.program(WAT, "half-done"))
    data = core_dump(instance, instance.call("run"))
    wasmtime.Module.validate(wasmtime.Engine(), data)
    assert [section.name or section.number for section in sections(data)] == [
        "core", "coremodules", "coreinstances", "corestack", "build_id", 5, 6, 11, "name",
    ]  # fmt: skip
    assert len(data) < 3 * 4096 + 500


def test_the_symbols_of_a_stripped_program_name_the_frames_of_its_dump(core: Program, lab: Lab) -> None:
    bare, symbols = strip(core)
    instance = lab.store().instantiate(bare)
    instance.call("nth", 0)
    instance.call("nth", 3)
    dump = lab.core_dump(instance)
    assert [demangle(frame.func or "") for frame in dump.symbolized(symbols).frames][-2:] == ["sums::pick", "nth"]
    (traced,) = (step for step in lab.symbolize(lab.trace, symbols) if step.n == 3)
    assert traced.outcome is not None
    assert dump.symbolized(symbols).frames == traced.outcome.frames


def test_a_dump_on_a_page_and_in_a_line(lab: Lab) -> None:
    program = lab.program(WAT, "half-done")
    instance = lab.store().instantiate(program)
    instance.call("run")
    dump = lab.core_dump(instance)
    assert core_dump_text(dump.symbolized(strip(program)[1])).splitlines() == [
        "Core dump of half-done: memory of 128.0 KiB, second of 64.0 KiB; rate = 2.5, count = -3",
        "0: beyond in half-done (+0x3, offset 0x5f of the file)",
        "1: function 1 in half-done (+0x13, offset 0x78 of the file)",
    ]
    page = core_dump_html(dump)
    assert "0: function 0 (+0x3)" in page
    assert "<td>8.0 KiB of 128.0 KiB kept, the rest is zero</td>" in page


def test_symbols_of_another_build_are_refused(core: Program, lab: Lab) -> None:
    instance = lab.store().instantiate(lab.program(WAT, "half-done"))
    instance.call("run")
    dump = lab.core_dump(instance)
    with pytest.raises(LabkitError) as raised:
        dump.symbolized(strip(core)[1])
    assert str(raised.value) == (
        "These are the symbols of sums, and the core dump is of another build: half-done, build id "
        f"{(dump.build_id or '')[:12]}."
    )


def test_of_a_component_only_the_frames_can_be_had(lab: Lab) -> None:
    instance = lab.store().instantiate(lab.build("counter-component"))
    sentence = (
        "counter-component is a component, and of a component only the frames can be had: its memories and "
        "globals belong to the core instances inside, to which Wasmtime gives the host no access."
    )
    for look in (lab.core_dump, snapshot):
        with pytest.raises(LabkitError) as raised:
            look(instance)
        assert str(raised.value) == sentence


def test_what_cannot_be_dumped_says_why(lab: Lab) -> None:
    store = lab.store()
    instance = store.instantiate(lab.program(WAT, "half-done"))
    with pytest.raises(LabkitError, match=r"^Nothing has gone wrong in instance 1 yet: no step left frames\.$"):
        lab.core_dump(instance)
    instance.call("run")
    dump = lab.core_dump(instance)
    store.close()
    with pytest.raises(
        ClosedError, match=r"^The memory of instance 1 went with store 1, which is closed; look at it"
    ):
        lab.core_dump(instance)
    with pytest.raises(ArgumentError, match=r"^Zeros are everywhere in a memory"):
        dump.memory.find(b"\0\0")
    with pytest.raises(ArgumentError, match=r"^This memory has addresses from 0 to 131071, and not -1\.$"):
        dump.memory.read(-1, 4)
    never = lab.store().instantiate(lab.program("(module (start $f) (func $f unreachable))", "never"))
    with pytest.raises(LabkitError, match=r"^never was never instantiated: instance 2 has no memory\.$"):
        lab.core_dump(never)


def test_addresses_beyond_two_gigabytes_come_back() -> None:
    memory = _section(5, b"\1\0" + leb(65535))
    text = _section(11, b"\1\0\x41" + signed_leb(-(2**31)) + b"\x0b\2ab")
    dump = read_core_dump(MODULE + _custom("core", b"\0\1x") + _custom("corestack", b"\0\1t\0") + memory + text)
    assert dump.memory.find("ab") == [2**31]


def _section(number: int, content: bytes) -> bytes:
    return bytes([number]) + leb(len(content)) + content


def _custom(name: str, content: bytes) -> bytes:
    inner = leb(len(name)) + name.encode() + content
    return b"\0" + leb(len(inner)) + inner


def refusal(data: bytes) -> str | None:
    """The sentence with which a file is refused; None for a core dump."""
    try:
        dump = read_core_dump(data)
    except FormatError as error:
        return str(error)
    for memory in dump.memories:
        assert memory.find(b"\1") == [] or memory.size > 0
    return None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "byte 0: no header of a core module or a component"),
        (MODULE, "it has no sections `core` and `corestack`"),
        (MODULE + _custom("core", b"\1") + _custom("corestack", b""), "byte 15: 1 where a 0 should stand"),
        (
            MODULE + _custom("core", b"\0\1x") + _custom("corestack", b"\0\1t\xff\xff\xff\xff\x0f"),
            "byte 33: 4294967295 entries cannot fit in 0 bytes",
        ),
        (
            MODULE + _custom("core", b"\0\1x") + _custom("corestack", b"\0\1t\0") + b"\5\x05\1\0\x81\x80\x04",
            "byte 41: a memory of 65537 pages is larger than 4 GiB",
        ),
    ],
)
def test_a_file_that_is_no_core_dump(data: bytes, why: str) -> None:
    assert refusal(data) == f"This is no core dump: {why}."


@cache
def whole_dump() -> bytes:
    """A core dump with nothing wrong in it."""
    with Lab() as lab:
        instance = lab.store().instantiate(lab.program(WAT, "half-done"))
        return core_dump(instance, instance.call("run"))


@settings(deadline=None)
@given(st.data())
def test_a_damaged_dump_is_read_or_refused_in_one_sentence(data: st.DataObject) -> None:
    dump = bytearray(whole_dump())
    # The beginning, where the structure is, and not the memory.
    places = st.one_of(st.integers(8, 140), st.integers(len(dump) - 60, len(dump) - 1))
    for _ in range(data.draw(st.integers(1, 3))):
        dump[data.draw(places)] = data.draw(st.integers(0, 255))
    sentence = refusal(bytes(dump))
    assert sentence is None or (sentence.startswith("This is no core dump: ") and "\n" not in sentence)
