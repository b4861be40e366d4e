"""What a core module says of itself: where its functions lie, what they are called, which build it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from labkit.inspect.binary import MalformedError, Reader, Section, sections

_IMPORTS, _CODE = 2, 10
_FUNCTION = 0
_WITH_HEAP_TYPE = (0x63, 0x64)

BUILD_ID = "build_id"
"""The custom section in which a linker notes a number of the build (wasm-ld's `--build-id`)."""


@dataclass(frozen=True)
class Function:
    """A function of a module; its body begins `start` bytes behind the beginning of the code section's content."""

    index: int
    start: int
    size: int


@dataclass(frozen=True)
class Module:
    """A core module. `code` is where its code section's content begins in the file, which may be a component.

    `build_id` is that of its custom section, or else the SHA-256 of the code section, which `own_id` tells apart.
    `names` are its functions' names by index, `debug` its DWARF sections by name.
    """

    name: str | None
    build_id: str
    own_id: bool
    code: int
    functions: tuple[Function, ...]
    names: dict[int, str]
    debug: dict[str, bytes] = field(repr=False)


def read_module(data: bytes, at: int = 0, end: int | None = None) -> Module:
    """The core module that lies in `data` from `at` to `end`; raises `MalformedError` for what is none."""
    name, names, build_id = None, dict[int, str](), None
    imported, code, functions = 0, 0, tuple[Function, ...]()
    content = b""
    debug = {}
    for section in sections(data, at, end):
        reader = section.reader(data)
        if section.number == _IMPORTS:
            imported = imported_functions(reader)
        elif section.number == _CODE:
            code, content = section.content, data[section.content : section.end]
            functions = _functions(reader, imported)
        elif section.name == "name":
            name, names = _names(data, section)
        elif section.name == BUILD_ID:
            build_id = reader.take(reader.u32()).hex()
        elif section.name is not None and section.name.startswith(".debug_"):
            debug[section.name] = data[section.content : section.end]
    own = bool(build_id)
    known = build_id or hashlib.sha256(content).hexdigest()
    return Module(name, known, own, code, functions, names, debug)


def _functions(reader: Reader, imported: int) -> tuple[Function, ...]:
    origin = reader.at

    def body() -> Function:
        size = reader.u32()
        start = reader.at
        reader.take(size)
        return Function(0, start - origin, size)

    bodies = reader.vector(body)
    return tuple(Function(imported + i, one.start, one.size) for i, one in enumerate(bodies))


def _names(data: bytes, section: Section) -> tuple[str | None, dict[int, str]]:
    """The module's and its functions' names; a name section that is damaged counts as far as it can be read."""
    name, names = None, dict[int, str]()
    reader = section.reader(data)
    try:
        while not reader.done:
            number = reader.byte()
            part = reader.part(reader.u32())
            if number == 0:
                name = part.name()
            elif number == 1:
                names = dict(part.vector(lambda part=part: (part.u32(), part.name())))  # type: ignore[misc]  # mypy infers no type for the default
    except MalformedError:
        # Names are a help and no part of the program: the specification has readers overlook wrong ones.
        pass
    return name, names


def imported_functions(reader: Reader, modules: list[str] | None = None) -> int:
    """How many functions a module imports, which come first in the count of functions.

    `modules` gets the name of the module that each import is from, functions or not.
    """
    return sum(reader.vector(lambda: _is_function(reader, [] if modules is None else modules)))


def _is_function(reader: Reader, modules: list[str]) -> bool:
    modules.append(reader.name())
    reader.name()
    return skip_import(reader) == _FUNCTION


def skip_import(reader: Reader) -> int:
    """Pass over what an import is, behind its names; its kind's number, which is 0 for a function."""
    kind = reader.byte()
    match kind:
        case 0:
            reader.u32()
        case 1:
            _value_type(reader)
            _limits(reader)
        case 2:
            _limits(reader)
        case 3:
            _value_type(reader)
            reader.byte()
        case 4:
            reader.byte()
            reader.u32()
        case _:
            raise MalformedError(f"byte {reader.at - 1}: no kind of import has the number {kind}")
    return kind


def _value_type(reader: Reader) -> None:
    if reader.byte() in _WITH_HEAP_TYPE:
        reader.signed(33)


def _limits(reader: Reader) -> None:
    flags = reader.byte()
    reader.u64()
    if flags & 1:
        reader.u64()
    if flags & 8:
        reader.u32()
