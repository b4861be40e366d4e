"""What a core module exports and imports, read from the file: nothing is compiled."""

from __future__ import annotations

from dataclasses import dataclass, field

from labkit.inspect.binary import MODULE, MalformedError, Reader, sections
from labkit.inspect.module import imported_functions

_TYPES, _IMPORTS, _FUNCTIONS, _EXPORTS = 1, 2, 3, 7
_FUNCTION_TYPE = 0x60
_VALUES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64"}


@dataclass(frozen=True)
class FunctionType:
    """The types of a function's parameters and results: `i32`, `i64`, `f32`, `f64`."""

    params: tuple[str, ...]
    results: tuple[str, ...]


@dataclass
class Outline:
    """The functions that a core module exports, by name, and the modules that it imports from.

    Functions of other types than numbers, and those that the module itself imports, are left out.
    """

    exports: dict[str, FunctionType] = field(default_factory=dict)
    imports_from: tuple[str, ...] = ()


def outline(data: bytes) -> Outline:
    """The outline of a core module; raises `MalformedError` for bytes that are none."""
    if not data.startswith(MODULE):
        raise MalformedError("these bytes are no core module")
    types: list[FunctionType | None] = []
    imported: list[str] = []
    functions: list[int] = []
    found = Outline()
    count = 0
    for section in sections(data):
        reader = section.reader(data)
        if section.number == _TYPES:
            types = _types(reader)
        elif section.number == _IMPORTS:
            count = imported_functions(section.reader(data), imported)
        elif section.number == _FUNCTIONS:
            functions = reader.vector(reader.u32)
        elif section.number == _EXPORTS:
            for name, kind, index in reader.vector(lambda r=reader: (r.name(), r.byte(), r.u32())):  # type: ignore[misc]  # mypy infers no type for the default
                own = index - count
                known = functions[own] if kind == 0 and 0 <= own < len(functions) else len(types)
                ty = types[known] if known < len(types) else None
                if ty is not None:
                    found.exports[name] = ty
    found.imports_from = tuple(dict.fromkeys(imported))
    return found


def _types(reader: Reader) -> list[FunctionType | None]:
    found: list[FunctionType | None] = []
    for _ in range(reader.u32()):
        if reader.byte() != _FUNCTION_TYPE:
            # Types of garbage-collected things, which take as many bytes as nobody here knows.
            return found
        params, results = reader.vector(reader.byte), reader.vector(reader.byte)
        plain = all(byte in _VALUES for byte in (*params, *results))
        named = FunctionType(tuple(_VALUES.get(b, "") for b in params), tuple(_VALUES.get(b, "") for b in results))
        found.append(named if plain else None)
        if not plain:
            return found
    return found
