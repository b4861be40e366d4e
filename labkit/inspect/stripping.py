"""Takes a program apart into what runs and what explains it."""

from __future__ import annotations

from typing import Final

from labkit.host import Program
from labkit.inspect.binary import MalformedError, without
from labkit.inspect.symbols import Symbols, damaged, symbols_of

_NAMES: Final = ("name", "component-name")


def strip(program: Program, *, lines: bool = True) -> tuple[Program, Symbols]:
    """The program without names and DWARF, and the symbols that give both back to its traces.

    Custom sections with other contents stay, and so does every byte that runs; in a component that holds for the
    core modules inside. Without `lines` the symbols are names only. Raises `ProgramError` for a program that
    cannot be taken apart, or whose DWARF does not decode.
    """
    try:
        wasm = without(program.wasm, _explains)
    except MalformedError as error:
        raise damaged(program, error) from None
    bare = Program.from_bytes(program.name, wasm, how="stripped", toolchain=program.toolchain)
    return bare, symbols_of(program, bare, lines=lines)


def _explains(section: str) -> bool:
    return section in _NAMES or section.startswith(".debug_")
