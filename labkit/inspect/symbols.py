"""The symbol file: what a stripped program no longer says of itself, in a file of its own.

It is JSON, packed with gzip if its name ends in `.gz`, and holds data only:

    {"format": 1, "program": "process-panic", "digests": [SHA-256 of the program, then of the stripped one],
     "modules": [{"name": "process_panic.wasm", "build_id": "…", "own_id": false, "code": [3038, 3038],
                  "files": ["src/lib.rs"], "functions": [
                    {"index": 20, "start": 9, "size": 171, "name": "process-input",
                     "rows": [0, 0, 13, 0, 31, 0, 14, 8],
                     "inlined": [[31, 60, "core::…", 0, 14, 8]]}]}]}

`modules` are the core modules in the order of the file. A module's `code` is where the content of its code section
begins in the file of the program and in that of the stripped one, a function's `start` counts from there. `rows`
are offset, file, line and column, one after the other: the code from that offset into the function on was made
from that place. `inlined` are start, end, the name of what was inlined, and the file, line and column that called
it, outer ones first.
"""

from __future__ import annotations

import gzip
import io
import itertools
import zlib
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec
from msgspec import Meta

from labkit import bounds
from labkit.decodable import decodable
from labkit.errors import FormatError, ProgramError
from labkit.host import Program, SourceLocation
from labkit.inspect.binary import MalformedError, core_modules
from labkit.inspect.dwarf import Lines, read_lines
from labkit.inspect.dwarf_apart import read_lines_apart
from labkit.inspect.files import read_evidence, write_evidence
from labkit.inspect.module import Module, read_module

FORMAT = 1

_Count = Annotated[int, Meta(ge=0, lt=2**32)]
_Path = Annotated[str, Meta(max_length=bounds.TEXT)]
_Digest = Annotated[str, Meta(pattern="^[0-9a-f]{2,128}$")]
_OWN: Final = ("compiled", "cached", "prebuilt", "wat")
_GZIP = b"\x1f\x8b"


class FunctionSymbols(msgspec.Struct, frozen=True, omit_defaults=True):
    """A function of a module: its name, and the places in the source that its code was made from."""

    index: _Count
    start: _Count
    size: _Count
    name: _Path | None = None
    rows: tuple[_Count, ...] = ()
    inlined: tuple[tuple[_Count, _Count, _Path, _Count, _Count, _Count], ...] = ()


class ModuleSymbols(msgspec.Struct, frozen=True, omit_defaults=True):
    """A core module of a program; `own_id` says that the build id is the linker's and no SHA-256 of the code."""

    name: _Path | None
    build_id: _Digest
    own_id: bool
    code: tuple[_Count, _Count]
    files: tuple[_Path, ...] = ()
    functions: tuple[FunctionSymbols, ...] = ()

    def location(self, function: FunctionSymbols, offset: int) -> tuple[SourceLocation, ...]:
        """Where the code at an offset into a function comes from, innermost first; nothing without DWARF."""
        place = bisect_right(function.rows[::4], offset) - 1
        if place < 0:
            return ()
        number, line, column = function.rows[4 * place + 1 : 4 * place + 4]
        around = [one for one in function.inlined if one[0] <= offset < one[1]]
        name, found = function.name, []
        for _, _, inner, *called in around:
            found.append(SourceLocation(name, self._file(called[0]), called[1], called[2]))
            name = inner
        return (SourceLocation(name, self._file(number), line, column), *reversed(found))

    def _file(self, number: int) -> str:
        return self.files[number] if number < len(self.files) else ""


@decodable
class Symbols(msgspec.Struct, frozen=True):
    """A symbol file. It belongs to programs with one of the `digests`, or with core modules of the same builds."""

    format: int
    program: _Path
    digests: tuple[_Digest, _Digest]
    modules: tuple[ModuleSymbols, ...]

    @property
    def build_ids(self) -> tuple[str, ...]:
        """The build id of each core module, in the order of the file."""
        return tuple(module.build_id for module in self.modules)

    def belongs_to(self, program: Program) -> bool:
        """Whether these are the symbols of a program: by its digest, or by the build ids of its core modules."""
        return program.digest in self.digests or build_ids(program) == self.build_ids

    def to_json(self) -> bytes:
        """The symbol file, unpacked."""
        return msgspec.json.encode(self)

    def save(self, path: str | Path) -> Path:
        """Write the symbol file, packed if its name ends in `.gz`; raises `FormatError` if that cannot be done."""
        target = Path(path)
        data = self.to_json()
        # Without a time of its own, so that the same symbols make the same file.
        return write_evidence(target, gzip.compress(data, mtime=0) if target.suffix == ".gz" else data)


def build_ids(program: Program) -> tuple[str, ...]:
    """The build id of each core module of a program; raises `ProgramError` for one that cannot be taken apart."""
    return tuple(module.build_id for module in modules_of(program))


def modules_of(program: Program) -> list[Module]:
    """The core modules of a program, in the order of the file; raises `ProgramError`."""
    try:
        return [read_module(program.wasm, *place) for place in core_modules(program.wasm)]
    except MalformedError as error:
        raise damaged(program, error) from None


def damaged(program: Program, error: MalformedError) -> ProgramError:
    """The error for a program that is no valid WebAssembly where it was looked at."""
    return ProgramError(f"{program.name} cannot be taken apart: {error}.")


def symbols_of(program: Program, stripped: Program, *, lines: bool = True) -> Symbols:
    """The symbols of `program`, from which `stripped` was made; without `lines` names only.

    Raises `ProgramError` for a program that cannot be taken apart, or whose DWARF does not decode.
    """
    pairs = zip(modules_of(program), modules_of(stripped), strict=True)
    try:
        places = core_modules(program.wasm)
        modules = [
            _symbols(module, short, _lines(program, module, place) if lines else {})
            for (module, short), place in zip(pairs, places, strict=True)
        ]
        return Symbols(FORMAT, program.name, (program.digest, stripped.digest), tuple(modules))
    except MalformedError as error:
        raise damaged(program, error) from None


def _lines(program: Program, module: Module, place: tuple[int, int]) -> dict[int, Lines]:
    """What the DWARF of a module says; that of a program that was not built here is decoded in a child process."""
    if not module.debug or program.how in _OWN:
        return read_lines(module)
    return read_lines_apart(program.wasm[slice(*place)])


def _symbols(module: Module, stripped: Module, told: Mapping[int, Lines]) -> ModuleSymbols:
    files = _Files()
    functions = []
    for function in module.functions:
        known = told.get(function.index, Lines())
        name = module.names.get(function.index, known.name)
        rows = [number for row in known.rows for number in (row.offset, files[row.file], row.line, row.column)]
        inlined = [(i.start, i.end, i.name, files[i.file], i.line, i.column) for i in known.inlined]
        functions.append(
            FunctionSymbols(function.index, function.start, function.size, name, tuple(rows), tuple(inlined))
        )
    code = (module.code, stripped.code)
    return ModuleSymbols(module.name, module.build_id, module.own_id, code, tuple(files.numbers), tuple(functions))


class _Files:
    """Numbers for paths, from 0 in the order in which they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __getitem__(self, path: str) -> int:
        return self.numbers.setdefault(path, len(self.numbers))


def read_symbols(data: bytes) -> Symbols:
    """A symbol file, packed or not; raises `FormatError`, in one sentence, for anything else."""
    if data.startswith(_GZIP):
        data = _unpacked(data)
    if len(data) > bounds.EVIDENCE:
        _refuse(f"it is larger than {bounds.EVIDENCE // 2**20} MiB")
    try:
        version = msgspec.json.decode(data, type=_Versioned).format
        if version != FORMAT:
            raise FormatError(f"This symbol file has format {version}; this labkit reads format {FORMAT}.")
        found = msgspec.json.decode(data, type=Symbols)
    except (msgspec.DecodeError, UnicodeError) as error:
        _refuse(str(error))
    except RecursionError:
        _refuse("it is nested too deeply")
    for module in found.modules:
        for function in module.functions:
            offsets = function.rows[::4]
            if len(function.rows) % 4 or any(a > b for a, b in itertools.pairwise(offsets)):
                _refuse(f"the rows of function {function.index} are not in order")
    return found


def load_symbols(path: Path) -> Symbols:
    """The symbol file at a path; raises `FormatError` when it cannot be read or is none."""
    return read_symbols(read_evidence(path))


@decodable
class _Versioned(msgspec.Struct):
    format: int


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(bounds.EVIDENCE + 1)
    except (OSError, EOFError, zlib.error) as error:
        _refuse(f"it does not unpack ({error})")


def _refuse(why: str) -> NoReturn:
    raise FormatError(f"This is no labkit symbol file: {why}.")
