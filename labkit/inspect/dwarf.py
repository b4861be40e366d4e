"""Reads from DWARF which line of the source each piece of code was made from, and what was inlined into what.

In WebAssembly DWARF lies in custom sections, and its addresses count from the beginning of the code section's
content (https://yurydelendik.github.io/webassembly-dwarf/). pyelftools decodes it.
"""

from __future__ import annotations

import io
import posixpath
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo
from elftools.dwarf.ranges import BaseAddressEntry

from labkit.inspect.binary import MalformedError
from labkit.inspect.module import Function, Module

_SECTIONS = (
    "info", "aranges", "abbrev", "str", "loc", "ranges", "line", "pubtypes", "pubnames", "addr", "str_offsets",
    "line_str", "loclists", "rnglists", "types",
)  # fmt: skip
_ELSEWHERE = ("debug_frame", "eh_frame", "debug_sup", "gnu_debugaltlink")


@dataclass(frozen=True)
class Row:
    """The code from `offset` bytes into its function on comes from this place; a `line` of 0 is none."""

    offset: int
    file: str
    line: int
    column: int


@dataclass(frozen=True)
class Inlined:
    """The code from `start` to `end`, in bytes into its function, is that of `name`, called from this place."""

    start: int
    end: int
    name: str
    file: str
    line: int
    column: int


@dataclass
class Lines:
    """What DWARF says of one function: rows in the order of offsets, and what was inlined, the outer first."""

    name: str | None = None
    rows: list[Row] = field(default_factory=list)
    inlined: list[Inlined] = field(default_factory=list)


class Decoded(msgspec.Struct, frozen=True):
    """The DWARF of a module: lines by function index, or the problem with it."""

    lines: dict[int, Lines] = {}
    problem: str | None = None


def read_lines(module: Module) -> dict[int, Lines]:
    """What the DWARF of a module says, by function index; nothing where it has none.

    Raises `MalformedError` for DWARF that cannot be read.
    """
    if ".debug_info" not in module.debug or ".debug_line" not in module.debug:
        return {}
    found = _Collector(module.functions)
    try:
        info = _open(module.debug)
        for unit in info.iter_CUs():
            _read_unit(info, unit, found)
        found.sort()
    except MemoryError:
        raise MalformedError("its debug information takes more time or memory than any needs") from None
    except Exception as error:
        # What pyelftools raises over wrong bytes is of a dozen kinds, of which not all are its own.
        raise MalformedError(f"its debug information does not decode ({type(error).__name__}: {error})") from None
    return found.lines


class _Collector:
    """Sorts what has an address into the function it lies in."""

    def __init__(self, functions: Sequence[Function]) -> None:
        self._functions = functions
        self._starts = [function.start for function in functions]
        self._owners: dict[int, int] = {}
        self.lines: dict[int, Lines] = {}

    def at(self, address: int, unit: Any) -> tuple[Function, Lines] | None:
        """The function around an address; None for code that the linker has left out.

        Where several units have a definition the linker keeps one, and the others' addresses point into it too:
        the first unit that claims a function has it.
        """
        place = bisect_right(self._starts, address) - 1
        if place < 0 or address >= self._starts[place] + self._functions[place].size:
            return None
        function = self._functions[place]
        if self._owners.setdefault(function.index, unit.cu_offset) != unit.cu_offset:
            return None
        return function, self.lines.setdefault(function.index, Lines())

    def sort(self) -> None:
        """Put rows in order; of several rows for one address the last counts."""
        for lines in self.lines.values():
            rows = {row.offset: row for row in lines.rows}
            lines.rows = [rows[offset] for offset in sorted(rows)]


def _open(debug: dict[str, bytes]) -> Any:
    given = {f"debug_{name}_sec": _section(debug, f".debug_{name}") for name in _SECTIONS}
    absent = {f"{name}_sec": None for name in _ELSEWHERE}
    config = DwarfConfig(little_endian=True, machine_arch="wasm", default_address_size=4)
    return DWARFInfo(config=config, **given, **absent)


def _section(debug: dict[str, bytes], name: str) -> Any:
    data = debug.get(name)
    return None if data is None else DebugSectionDescriptor(io.BytesIO(data), name, 0, len(data), 0)


def _read_unit(info: Any, unit: Any, found: _Collector) -> None:
    program = info.line_program_for_CU(unit)
    if program is None:
        return
    files = _files(program, unit)
    _read_rows(program, unit, files, found)
    for die in unit.iter_DIEs():
        if die.tag == "DW_TAG_subprogram":
            for start, _ in _ranges(info, unit, die):
                if (place := found.at(start, unit)) is not None and place[0].start == start:
                    place[1].name = _name(die)
        elif die.tag == "DW_TAG_inlined_subroutine":
            _read_inlined(info, unit, die, files, found)


def _files(program: Any, unit: Any) -> Callable[[int], str]:
    """The paths of a unit's files by the numbers that its line program uses."""
    header = program.header
    root = _text(unit.get_top_DIE(), "DW_AT_comp_dir")
    folders = [folder.decode("utf-8", "replace") for folder in header["include_directory"]]
    entries = header["file_entry"]
    if header["version"] < 5:
        # Numbers begin at 1; number 0 of the folders is the one that was compiled in.
        folders, entries = [root, *folders], [None, *entries]

    def path(number: int) -> str:
        if not 0 <= number < len(entries) or entries[number] is None:
            return ""
        entry = entries[number]
        folder = folders[entry.dir_index] if entry.dir_index < len(folders) else ""
        return posixpath.join(root, folder, entry.name.decode("utf-8", "replace"))

    return path


def _read_rows(program: Any, unit: Any, files: Callable[[int], str], found: _Collector) -> None:
    live, begins = False, True
    for entry in program.get_entries():
        state = entry.state
        if state is None:
            continue
        if begins:
            # Code that the linker has left out is said to lie where no function does, and goes on from there.
            live = found.at(state.address, unit) is not None
        begins = state.end_sequence
        place = found.at(state.address, unit) if live and not state.end_sequence else None
        if place is not None:
            function, lines = place
            offset = state.address - function.start
            lines.rows.append(Row(offset, files(state.file), state.line, state.column))


def _read_inlined(info: Any, unit: Any, die: Any, files: Callable[[int], str], found: _Collector) -> None:
    name = _name(die) or ""
    numbers = [_number(die, f"DW_AT_call_{what}") for what in ("file", "line", "column")]
    for start, end in _ranges(info, unit, die):
        place = found.at(start, unit)
        if place is not None and start < end:
            function, lines = place
            begin, stop = start - function.start, min(end - function.start, function.size)
            lines.inlined.append(Inlined(begin, stop, name, files(numbers[0]), numbers[1], numbers[2]))


def _ranges(info: Any, unit: Any, die: Any) -> Iterator[tuple[int, int]]:
    """The addresses that an entry covers, as (first, one behind the last)."""
    attributes = die.attributes
    if "DW_AT_low_pc" in attributes and "DW_AT_high_pc" in attributes:
        low, high = attributes["DW_AT_low_pc"].value, attributes["DW_AT_high_pc"]
        yield low, high.value if high.form == "DW_FORM_addr" else low + high.value
    elif "DW_AT_ranges" in attributes:
        base = _number(unit.get_top_DIE(), "DW_AT_low_pc")
        listed = info.range_lists()
        offset = attributes["DW_AT_ranges"].value
        for entry in listed.get_range_list_at_offset(offset, cu=unit):
            if isinstance(entry, BaseAddressEntry):
                base = entry.base_address
            else:
                shift = 0 if entry.is_absolute else base
                yield shift + entry.begin_offset, shift + entry.end_offset


def _name(die: Any) -> str | None:
    """The linkage name of a function, or its plain one; its origin has it where it is a copy."""
    for _ in range(4):
        for attribute in ("DW_AT_linkage_name", "DW_AT_MIPS_linkage_name", "DW_AT_name"):
            if attribute in die.attributes:
                return _text(die, attribute)
        origin = next((a for a in ("DW_AT_abstract_origin", "DW_AT_specification") if a in die.attributes), None)
        if origin is None:
            return None
        die = die.get_DIE_from_attribute(origin)
    return None


def _text(die: Any, attribute: str) -> str:
    value = die.attributes[attribute].value if attribute in die.attributes else b""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _number(die: Any, attribute: str) -> int:
    value = die.attributes[attribute].value if attribute in die.attributes else 0
    return value if isinstance(value, int) else 0
