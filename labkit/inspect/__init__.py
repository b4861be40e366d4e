"""Evidence: what a program says of itself, and what is left of it after a trap."""

from labkit.inspect.core_dump import core_dump
from labkit.inspect.core_dump_reading import CoreDump, DumpedMemory, load_core_dump, read_core_dump
from labkit.inspect.files import read_evidence, write_evidence
from labkit.inspect.memory import Change, MemoryDiff, Snapshot, memory_diff, snapshot
from labkit.inspect.strip import strip
from labkit.inspect.symbolize import symbolize
from labkit.inspect.symbols import FunctionSymbols, ModuleSymbols, Symbols, build_ids, load_symbols, read_symbols

__all__ = [
    "Change",
    "CoreDump",
    "DumpedMemory",
    "FunctionSymbols",
    "MemoryDiff",
    "ModuleSymbols",
    "Snapshot",
    "Symbols",
    "build_ids",
    "core_dump",
    "load_core_dump",
    "load_symbols",
    "memory_diff",
    "read_core_dump",
    "read_evidence",
    "read_symbols",
    "snapshot",
    "strip",
    "symbolize",
    "write_evidence",
]
