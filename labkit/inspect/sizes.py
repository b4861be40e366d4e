"""How much of a program runs and how much explains it, for builds that keep more and less of their source."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import msgspec

from labkit.host import Program
from labkit.inspect.binary import MalformedError, core_modules, is_component, sections
from labkit.inspect.stripping import strip
from labkit.inspect.symbols import damaged

_NAMES = ("name", "component-name")


class LevelSize(msgspec.Struct, frozen=True):
    """Bytes of one build: `runs` is everything that is neither names nor DWARF, `debug` is DWARF.

    `symbols` are those of its symbol file, packed: what stripping takes away, in the form that is kept apart.
    """

    level: str
    size: int
    runs: int
    names: int
    debug: int
    symbols: int


class SizeReport(msgspec.Struct, frozen=True):
    """Builds of one program, the largest first; `note` is a sentence about builds that are missing."""

    program: str
    levels: tuple[LevelSize, ...]
    note: str = ""


def measure_sizes(builds: Mapping[str, Program], *, note: str = "") -> SizeReport:
    """The sizes of builds by their level, and of the first one stripped.

    Raises `ProgramError` for a program that cannot be taken apart, or whose DWARF does not decode.
    """
    first = next(iter(builds.values()))
    levels = [_measure(level, program) for level, program in builds.items()]
    bare, _ = strip(first, lines=False)
    found = (*levels, _measure("stripped", bare))
    return SizeReport(first.name, tuple(sorted(found, key=lambda level: -level.size)), note)


def _measure(level: str, program: Program) -> LevelSize:
    bare, symbols = strip(program)
    packed = 0 if bare.size == program.size else len(gzip.compress(symbols.to_json(), mtime=0))
    try:
        customs = _customs(program.wasm)
    except MalformedError as error:
        raise damaged(program, error) from None
    names = sum(size for name, size in customs if name in _NAMES)
    debug = sum(size for name, size in customs if name.startswith(".debug_"))
    return LevelSize(level, program.size, program.size - names - debug, names, debug, packed)


def _customs(data: bytes) -> list[tuple[str, int]]:
    """Every custom section with the bytes that it takes, in the component itself and in its core modules."""
    places = [*core_modules(data), *([(0, len(data))] if is_component(data) else [])]
    return [
        (section.name, section.end - section.start)
        for place in places
        for section in sections(data, *place)
        if section.name is not None
    ]
