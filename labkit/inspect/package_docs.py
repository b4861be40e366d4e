"""Reads the custom section `package-docs`, in which a component, or a WIT package in binary form, keeps its docs.

A byte for its version, 0 or 1, then JSON. Source: `metadata.rs` of the crate wit-parser.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from labkit.decodable import decodable
from labkit.inspect.binary import MalformedError, places, sections

SECTION: Final = "package-docs"
_VERSIONS: Final = (b"\0", b"\1")


@decodable
class _Interface(msgspec.Struct):
    docs: str | None = None
    # Either the text, or an object with the text and since when there is such a function.
    funcs: dict[str, str | dict[str, Any] | None] = {}


@decodable
class _World(msgspec.Struct):
    interfaces: dict[str, _Interface] = {}
    funcs: dict[str, str | dict[str, Any] | None] = {}
    interface_exports: dict[str, _Interface] = {}
    func_exports: dict[str, str | dict[str, Any] | None] = {}


@decodable
class _Package(msgspec.Struct):
    package: str | None = None
    worlds: dict[str, _World] = {}
    interfaces: dict[str, _Interface] = {}


def read_package_docs(wasm: bytes) -> dict[str, str]:
    """What these sections say, by the paths of interfaces and functions without versions; empty without any.

    Where a section does not say which package it is about, an interface is known by its own name alone. One that
    is damaged says nothing.
    """
    found: dict[str, str] = {}
    try:
        for at, end, _ in places(wasm):
            for section in sections(wasm, at, end):
                if section.name == SECTION:
                    found |= _of(wasm[section.content : section.end])
    except MalformedError:
        return found
    return found


def _of(content: bytes) -> dict[str, str]:
    if content[:1] not in _VERSIONS:
        return {}
    try:
        package = msgspec.json.decode(content[1:], type=_Package)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    prefix = f"{package.package.partition('@')[0]}/" if package.package else ""
    found: dict[str, str | None] = {}
    for name, interface in package.interfaces.items():
        _add(found, f"{prefix}{name}", interface)
    for world in package.worlds.values():
        for functions in (world.funcs, world.func_exports):
            found |= {name: _text(docs) for name, docs in functions.items()}
        for interfaces in (world.interfaces, world.interface_exports):
            for name, interface in interfaces.items():
                _add(found, name, interface)
    return {path: text.strip() for path, text in found.items() if text and text.strip()}


def _add(found: dict[str, str | None], path: str, interface: _Interface) -> None:
    found[path] = interface.docs
    found |= {f"{path}#{name}": _text(docs) for name, docs in interface.funcs.items()}


def _text(docs: str | dict[str, Any] | None) -> str | None:
    text = docs.get("docs") if isinstance(docs, dict) else docs
    return text if isinstance(text, str) else None
