"""What a step changed in memory, as data and as a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit import Lab, Program
from labkit.errors import ArgumentError, UnknownNameError
from labkit.inspect import Change, Snapshot, memory_diff, snapshot
from labkit.inspect.memory import KEPT
from labkit.views import memory_diff_html, memory_diff_reading, memory_diff_text
from labkit.views.formatters import register

WAT = """(module
  (memory (export "memory") 17)
  (global (export "__heap_base") i32 (i32.const 4096))
  (global (export "__data_end") i32 (i32.const 1024))
  (data (i32.const 16) "hello")
  (func (export "write")
    (i64.store (i32.const 17) (i64.const 0x6f6c6c61))
    (i32.store (i32.const 70000) (i32.const 99))
    (drop (memory.grow (i32.const 3)))
    (i64.store (i32.const 1114112) (i64.const 77)))
  (func (export "nothing")))"""


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_what_a_call_changed(lab: Lab) -> None:
    instance = lab.store().instantiate(lab.program(WAT))
    before = lab.snapshot(instance)
    instance.call("write")
    diff = lab.memory_diff(before, lab.snapshot(instance))
    assert diff.changes == (
        Change(16, 4, b"hell", b"hall"),
        Change(70000, 4, b"\0\0\0\0", b"c\0\0\0"),
        Change(1114112, 4, b"", b"M\0\0\0"),
    )
    assert [change.hint for change in diff.changes] == ["“hell” → “hall”", "0 → 99", ""]
    assert [diff.region(change.address) for change in diff.changes] == ["data or stack", "heap", "heap"]
    assert (diff.changed, diff.ranges, diff.pages) == (3, 3, (0, 1, 17))
    assert memory_diff_text(diff).splitlines() == [
        "3 bytes changed in 3 places, on 3 of 20 pages; it grew by 192.0 KiB.",
        "0x00000010  68 65 6c 6c → 68 61 6c 6c  “hell” → “hall”",
        "0x00011170  00 00 00 00 → 63 00 00 00  0 → 99",
        "0x00110000  new → 4d 00 00 00",
    ]


def test_a_call_that_writes_nothing(lab: Lab) -> None:
    instance = lab.store().instantiate(lab.program(WAT))
    before = lab.snapshot(instance)
    instance.call("nothing")
    diff = lab.memory_diff(before, lab.snapshot(instance))
    assert (diff.changes, diff.changed, diff.pages) == ((), 0, ())
    assert memory_diff_reading(diff) == "Nothing changed in the memory."


def test_a_trap_leaves_what_was_written_before_it(core: Program, lab: Lab) -> None:
    instance = lab.store().instantiate(core)
    before = lab.snapshot(instance)
    assert instance.call("nth", 3).kind == "trapped"
    diff = lab.memory_diff(before, lab.snapshot(instance))
    # The array on the stack, which begins below the data, and the count of calls behind it.
    assert [change.hint for change in diff.changes] == ["0, 0, 0, 0 → 10, 20, 30, 1"]


@settings(deadline=None)
@given(
    st.binary(min_size=300, max_size=300),
    st.lists(st.tuples(st.integers(0, 299), st.integers(0, 255)), max_size=20),
)
def test_the_ranges_cover_exactly_what_differs(before: bytes, writes: list[tuple[int, int]]) -> None:
    after = bytearray(before)
    for address, value in writes:
        after[address] = value
    diff = memory_diff(Snapshot("m", before), Snapshot("m", bytes(after)))
    places = {i for i in range(300) if before[i] != after[i]}
    covered = {i for change in diff.changes for i in range(change.address, change.address + change.size)}
    assert places <= covered
    assert diff.changed == len(places)
    assert sum(change.size for change in diff.changes) <= 8 * max(1, 2 * len(places))
    assert all(before[c.address :][: len(c.before)] == c.before for c in diff.changes)


def test_neighbours_across_pages_are_one_range() -> None:
    before, after = bytes(2 * 65536), bytearray(2 * 65536)
    after[65530:65545] = b"over the border"
    (change,) = memory_diff(Snapshot("m", before), Snapshot("m", bytes(after))).changes
    assert change.hint == "“” → “over the border”"
    assert (change.address, change.size, change.after) == (65528, 20, b"\0\0over the border\0\0\0")


def test_of_very_many_places_the_first_are_kept() -> None:
    size = 40 * KEPT
    after = bytes(1 if i % 20 == 0 else 0 for i in range(size))
    diff = memory_diff(Snapshot("m", bytes(size)), Snapshot("m", after))
    assert (len(diff.changes), diff.ranges, diff.changed) == (KEPT, 2 * KEPT, 2 * KEPT)
    assert f"and {2 * KEPT - 40} more places" in memory_diff_html(diff)


def test_the_bar_marks_what_changed_and_not_the_page_around_it() -> None:
    after = bytearray(4 * 65536)
    after[100], after[104], after[200_000] = 1, 1, 1
    page = memory_diff_html(memory_diff(Snapshot("m", bytes(4 * 65536)), Snapshot("m", bytes(after))))
    assert re.findall("<title>(0x[^<]*)</title>", page) == ["0x64 to 0x6b", "0x30d40 to 0x30d43"]


def test_snapshots_of_two_memories_are_not_compared() -> None:
    with pytest.raises(
        ArgumentError, match=r"^These are snapshots of two memories, one and two; compare two of one"
    ):
        memory_diff(Snapshot("one", b""), Snapshot("two", b""))


def test_a_memory_that_is_not_exported(lab: Lab) -> None:
    instance = lab.store().instantiate(lab.program("(module (memory 1))", "closed"))
    with pytest.raises(
        UnknownNameError, match=r"^There is no exported memory of closed named 'memory'; known: none"
    ):
        snapshot(instance)


def test_the_page_shows_the_bar_and_escapes_what_strangers_wrote() -> None:
    diff = memory_diff(Snapshot("<b>", bytes(16)), Snapshot("<b>", b"<script>alert(1)"))
    page = memory_diff_html(diff)
    assert 'aria-label="Memory &lt;b&gt; of 16 bytes. 16 bytes changed in 1 place' in page
    assert "<title>0x0 to 0xf</title>" in page
    assert "<script>" not in page
    assert "“” → “&lt;script&gt;alert(1)”" in page


def test_a_cell_shows_a_difference_without_being_asked(lab: Lab) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    register(shell)
    diff = memory_diff(Snapshot("m", bytes(65536)), Snapshot("m", b"\7" + bytes(65535)))
    shown, _ = shell.display_formatter.format(diff)
    assert (
        shown["text/plain"]
        == "1 byte changed in 1 place, on 1 of 1 page.\n0x00000000  00 00 00 00 → 07 00 00 00  0 → 7"
    )
    assert '<span class="lk-changed">07</span>' in shown["text/html"]
