"""What the bytes of a program say of it: sections, who made it, what it asks for by name, and of symbols.

Nothing is compiled and nothing is believed: a program that no runtime takes has an anatomy too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from labkit.errors import FormatError
from labkit.host.program import Kind, Program
from labkit.inspect.binary import MalformedError, Reader, Section, is_component, places, sections
from labkit.inspect.module import read_module
from labkit.inspect.names import Names, read_names

_CORE = (
    *("custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code"),
    *("data", "data count", "tag"),
)
_COMPONENT = (
    *("custom", "core module", "core instance", "core type", "component", "instance", "alias", "type"),
    *("canonical function", "start", "import", "export", "value"),
)
_NESTED = ("core module", "component")


class SectionSize(msgspec.Struct, frozen=True, omit_defaults=True):
    """All sections of one name that lie in one binary: how many, and their bytes."""

    name: str
    count: int
    size: int


class Binary(msgspec.Struct, frozen=True, omit_defaults=True):
    """A core module or component: the file itself, at `depth` 0, or one that lies in it.

    `at` is its first byte, `sections` are its own, without those of the binaries in it. `functions` are those that
    a core module defines, `named` how many of them have a name, `debug` the bytes of its DWARF.
    """

    kind: Kind
    depth: int
    at: int
    size: int
    sections: tuple[SectionSize, ...]
    name: str | None = None
    functions: int = 0
    named: int = 0
    debug: int = 0


class Anatomy(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a file holds. `binaries` begins with the file itself, `names` are its own imports and exports.

    `producers` maps `language`, `processed-by` and `sdk` to names with versions, of all binaries together.
    `features` are what its core modules say they use. `wasi` are the WASI versions it asks for: `0.2.6`, or
    `preview 1` of a core module; `adapted` those of core modules inside a component, which it meets itself.
    """

    binaries: tuple[Binary, ...]
    names: Names
    producers: dict[str, tuple[str, ...]] = {}
    features: tuple[str, ...] = ()
    wasi: tuple[str, ...] = ()
    adapted: tuple[str, ...] = ()

    @property
    def symbols(self) -> str:
        """Whether frames will have names and lines, in a clause."""
        functions = sum(one.functions for one in self.binaries)
        named = sum(one.named for one in self.binaries)
        if not named:
            return "no names: it is stripped" if functions else "no functions"
        lines = "with lines (DWARF)" if any(one.debug for one in self.binaries) else "without lines"
        return f"names for {named} of {functions} functions, {lines}"


def read_anatomy(program: Program) -> Anatomy:
    """The anatomy of a program; raises `FormatError`, which names the place, where its bytes end or go wrong."""
    data = program.wasm
    try:
        binaries, names = [], []
        producers: dict[str, list[str]] = {}
        features: list[str] = []
        for at, end, depth in places(data):
            found = list(sections(data, at, end))
            binaries.append(_binary(data, at, end, depth, found))
            names.append(read_names(data, at, found))
            for section in found:
                if section.name == "producers":
                    _add_producers(section.reader(data), producers)
                elif section.name == "target_features":
                    features += _features(section.reader(data))
    except MalformedError as error:
        raise FormatError(f"{program.name} is damaged at {error}.") from None
    wanted = _wasi(names[0])
    inside = dict.fromkeys(version for one in names[1:] for version in _wasi(one))
    return Anatomy(
        binaries=tuple(binaries),
        names=names[0],
        producers={field: tuple(dict.fromkeys(values)) for field, values in producers.items()},
        features=tuple(dict.fromkeys(features)),
        wasi=tuple(wanted),
        adapted=tuple(version for version in inside if version not in wanted),
    )


def _binary(data: bytes, at: int, end: int, depth: int, found: list[Section]) -> Binary:
    component = is_component(data, at)
    words = _COMPONENT if component else _CORE
    counts, sizes = Counter[str](), Counter[str]()
    for section in found:
        word = words[section.number] if section.number < len(words) else f"section {section.number}"
        name = f"custom “{section.name}”" if section.name is not None else word
        counts[name] += 1
        sizes[name] += section.end - section.start
    own = tuple(SectionSize(name, counts[name], sizes[name]) for name in counts)
    if component:
        return Binary("component", depth, at, end - at, own)
    module = read_module(data, at, end)
    numbers = {function.index for function in module.functions}
    named = len(numbers & module.names.keys())
    debug = sum(len(section) for section in module.debug.values())
    return Binary("module", depth, at, end - at, own, module.name, len(numbers), named, debug)


def _add_producers(reader: Reader, into: dict[str, list[str]]) -> None:
    try:
        for _ in range(reader.u32()):
            field = reader.name()
            into.setdefault(field, []).extend(reader.vector(lambda: f"{reader.name()} {reader.name()}".strip()))
    except MalformedError:
        # As with names, a custom section that is damaged says less and makes no program invalid.
        return


def _features(reader: Reader) -> Iterator[str]:
    try:
        for _ in range(reader.u32()):
            sign, name = chr(reader.byte()), reader.name()
            if sign == "+":
                yield name
    except MalformedError:
        return


def _wasi(names: Names) -> list[str]:
    found = []
    for path in names.imports:
        module = path.partition("#")[0]
        package, _, version = module.partition("@")
        if package.startswith("wasi:"):
            found.append(version or "without a version")
        elif module == "wasi_snapshot_preview1":
            found.append("preview 1")
        elif module == "wasi_unstable":
            found.append("preview 0")
    return sorted(dict.fromkeys(found))
