"""What a program's functions are for, as those who wrote it say: doc comments of its WIT, or those it carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from labkit import bounds
from labkit.errors import FormatError
from labkit.explore.interface import Interface
from labkit.files import read_file
from labkit.host.program import Program
from labkit.inspect.package_docs import read_package_docs
from labkit.inspect.wit import Wit, read_wit, unversioned

_SHOWN: Final = 5


class Docs(msgspec.Struct, frozen=True, omit_defaults=True):
    """`texts` by the paths of functions and interfaces as the program has them; `source` says where they are from.

    `notes`: where the WIT is not that of the program, or no WIT, in sentences.
    """

    texts: dict[str, str] = {}
    source: str = ""
    notes: tuple[str, ...] = ()


def wit_files(path: Path) -> dict[str, str]:
    """The texts of a WIT file, or of a folder of them with its `deps`, by their names.

    Raises `FormatError` for what cannot be read, is too much, or holds none.
    """
    if not path.is_dir():
        return {path.name: _text(path)}
    found = sorted([*path.glob("*.wit"), *path.glob("deps/*.wit"), *path.glob("deps/*/*.wit")])
    if not found:
        raise FormatError(f"{path} has no .wit file in it.")
    if len(found) > bounds.REPRO_FILES:
        raise FormatError(f"{path} has more than {bounds.REPRO_FILES} .wit files.")
    # Each file in `deps` itself is a package of its own.
    return {_place(file.relative_to(path)): _text(file) for file in found}


def wit_beside(path: Path) -> Path | None:
    """The WIT that lies beside a program: a folder `wit`, or a file of its name."""
    places = (path.with_suffix(".wit"), path.parent / "wit")
    return next((place for place in places if place.exists()), None)


def document(program: Program, interface: Interface, wit: Path | None, beside: Path | None) -> Docs:
    """What the WIT at `wit` says of a program, or else what the program carries, what it was made from, or what
    lies `beside` it.

    Raises `FormatError` for a `wit` that is none.
    """
    if wit is not None:
        return _compared(program, interface, read_wit(wit_files(wit)), str(wit))
    if carried := read_package_docs(program.wasm):
        return Docs(_texts(interface, carried), "its section package-docs")
    own = {name: text for name, text in program.sources.items() if name.endswith(".wit")}
    place = None if own or beside is None else wit_beside(beside)
    try:
        texts = own if place is None else wit_files(place)
        docs = _compared(program, interface, read_wit(texts), ", ".join(own) or str(place))
    except FormatError as error:
        return Docs(notes=(str(error),))
    # Nobody said that it is about this program.
    return docs if docs.texts else Docs()


def _compared(program: Program, interface: Interface, wit: Wit, source: str) -> Docs:
    notes = tuple(_differences(interface, wit)) if program.kind == "component" else ()
    return Docs(_texts(interface, wit.docs), source, notes)


def _texts(interface: Interface, docs: Mapping[str, str]) -> dict[str, str]:
    paths = [one.path for one in (*interface.exports, *interface.wants)]
    paths += [one.interface for one in (*interface.exports, *interface.wants) if one.interface]
    found = {}
    for path in dict.fromkeys(paths):
        known = unversioned(path)
        # What carries no package's name knows an interface by its own.
        text = docs.get(known) or docs.get(known.rpartition("/")[2])
        if text:
            found[path] = text
    return found


def _differences(interface: Interface, wit: Wit) -> Iterable[str]:
    """What the program exports and the world does not, and the other way round, in sentences."""
    actual = {unversioned(one.path) for one in interface.exports if _is_plain(one.path)}
    worlds = {name: _expected(exports, wit) for name, exports in wit.worlds.items()}
    if not worlds:
        return
    world = max(worlds, key=lambda name: len(worlds[name][0] & actual))
    expected, opaque = worlds[world]
    if missing := sorted(expected - actual):
        yield f"The world {world} exports {_listed(missing)}, which the component does not."
    if extra := sorted(path for path in actual - expected if path.rpartition("#")[0] not in opaque):
        yield f"The component exports {_listed(extra)}, which the world {world} does not name."


def _expected(exports: Iterable[str], wit: Wit) -> tuple[set[str], set[str]]:
    """The functions that a world exports, and the interfaces of which nothing else is known."""
    functions, opaque = set[str](), set[str]()
    for path in exports:
        if path in wit.functions:
            functions.update(filter(_is_plain, wit.functions[path]))
        elif "/" in path:
            opaque.add(path)
        else:
            functions.add(path)
    return functions, opaque


def _is_plain(path: str) -> bool:
    """Whether it is no function of a resource, which the runtime names in its own way."""
    return "[" not in path


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _place(name: Path) -> str:
    return f"deps/{name.stem}/{name.name}" if len(name.parts) == 2 else name.as_posix()


def _text(path: Path) -> str:
    return read_file(path, bounds.FILE).decode("utf-8", "replace")
