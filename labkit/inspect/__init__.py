"""Evidence: what a program says of itself, and what is left of it after a trap."""

from labkit.inspect.anatomy import Anatomy, read_anatomy
from labkit.inspect.backtraces import symbolize
from labkit.inspect.core_dump_reading import (
    CoreDump,
    DumpedMemory,
    is_core_dump,
    load_core_dump,
    read_core_dump,
)
from labkit.inspect.core_dump_writing import core_dump
from labkit.inspect.files import read_evidence, write_evidence
from labkit.inspect.memory import Change, MemoryDiff, Snapshot, memory_diff, snapshot
from labkit.inspect.sizes import LevelSize, SizeReport, measure_sizes
from labkit.inspect.stripping import strip
from labkit.inspect.symbols import FunctionSymbols, ModuleSymbols, Symbols, build_ids, load_symbols, read_symbols
from labkit.inspect.trap_cost import TrapCost, TrapCostReport, measure_traps

__all__ = [
    "Anatomy",
    "Change",
    "CoreDump",
    "DumpedMemory",
    "FunctionSymbols",
    "LevelSize",
    "MemoryDiff",
    "ModuleSymbols",
    "SizeReport",
    "Snapshot",
    "Symbols",
    "TrapCost",
    "TrapCostReport",
    "build_ids",
    "core_dump",
    "is_core_dump",
    "load_core_dump",
    "load_symbols",
    "measure_sizes",
    "measure_traps",
    "memory_diff",
    "read_anatomy",
    "read_core_dump",
    "read_evidence",
    "read_symbols",
    "snapshot",
    "strip",
    "symbolize",
    "write_evidence",
]
