"""The names that a core module or a component imports and exports, read from its bytes without their types."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from labkit.inspect.binary import MalformedError, Reader, Section, is_component
from labkit.inspect.module import skip_import

_CORE_IMPORT, _CORE_EXPORT = 2, 7
_IMPORT, _EXPORT = 10, 11


class Names(msgspec.Struct, frozen=True, omit_defaults=True):
    """Imports and exports in the order of the file; a core module's imports as `module#name`."""

    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()


def read_names(data: bytes, at: int, found: Iterable[Section]) -> Names:
    """The names in the sections of the binary at `at`; as far as they can be read, where a format is newer."""
    component = is_component(data, at)
    imports: list[str] = []
    exports: list[str] = []
    readers: dict[int, tuple[list[str], Callable[[Reader], str]]] = (
        {_IMPORT: (imports, _component_import), _EXPORT: (exports, _component_export)}
        if component
        else {_CORE_IMPORT: (imports, _core_import), _CORE_EXPORT: (exports, _core_export)}
    )
    for section in found:
        if section.number in readers:
            into, read = readers[section.number]
            _read_all(section.reader(data), read, into)
    return Names(tuple(imports), tuple(exports))


def _read_all(reader: Reader, read: Callable[[Reader], str], into: list[str]) -> None:
    try:
        # Not a list at once: what comes before the damage is kept.
        into.extend(read(reader) for _ in range(reader.u32()))
    except MalformedError:
        return


def _core_import(reader: Reader) -> str:
    module, name = reader.name(), reader.name()
    skip_import(reader)
    return f"{module}#{name}"


def _core_export(reader: Reader) -> str:
    name = reader.name()
    reader.byte(), reader.u32()
    return name


def _component_import(reader: Reader) -> str:
    name = _extern_name(reader)
    _skip_description(reader)
    return name


def _component_export(reader: Reader) -> str:
    name = _extern_name(reader)
    if reader.byte() == 0:
        reader.byte()
    reader.u32()
    if reader.byte():
        _skip_description(reader)
    return name


def _extern_name(reader: Reader) -> str:
    """https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#import-and-export-definitions"""
    kind = reader.byte()
    if kind > 1:
        raise MalformedError(f"byte {reader.at - 1}: no kind of name has the number {kind}")
    return reader.name()


def _skip_description(reader: Reader) -> None:
    sort = reader.byte()
    if sort == 0:
        reader.byte()
    if sort in (2, 3) and reader.byte() == 1:
        # A type that is bounded by being a resource has no index; a value's type follows.
        if sort == 2:
            reader.signed(33)
        return
    reader.u32()
