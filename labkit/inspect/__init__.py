"""Evidence: what a program says of itself, and what is left of it after a trap."""

from labkit.inspect.files import read_evidence, write_evidence
from labkit.inspect.strip import strip
from labkit.inspect.symbolize import symbolize
from labkit.inspect.symbols import FunctionSymbols, ModuleSymbols, Symbols, build_ids, load_symbols, read_symbols

__all__ = [
    "FunctionSymbols",
    "ModuleSymbols",
    "Symbols",
    "build_ids",
    "load_symbols",
    "read_evidence",
    "read_symbols",
    "strip",
    "symbolize",
    "write_evidence",
]
