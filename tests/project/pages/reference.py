"""The reference of the package, from the docstrings and signatures in its source."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from functools import cache

import griffe

from labkit import POLICIES
from tests.project.pages.groups import GROUPS, INNER
from tests.project.pages.imports import ROOT
from tests.project.pages.shown import where_shown

WIDE = 88
SHORT = 30
# What texts and numbers in files are called, which have bounds.
BOUNDED = {"Name": "str", "Text": "str", "Number": "int", "Pause": "float"}
# What is told in the docstring of a module, and what that is about.
MODULES = {"host.values": "Plain data"}

HEAD = """# Reference

What a user of `labkit` meets, as a cell or a script writes it. `make docs` writes this page from the docstrings \
of the package, and a test compares it with them. The notebooks are the guide; where one shows an entry, the \
entry says where. For the commands see [the command line](commands.md).

Unless it says otherwise: sizes are bytes, times are seconds, steps, stores and instances count from 1, and a \
Wasmtime release is a text such as `"41.0.0"`. Arguments and results are [plain data](#plain-data).
"""


class IncompleteError(Exception):
    """The reference would not have every public name, once, with a docstring."""


def reference() -> str:
    """The whole page."""
    _check()
    links = [f"- [{group.title}](#{anchor(group.title)})" for group in GROUPS]
    parts = [HEAD, *links, ""]
    for group in GROUPS:
        parts += [f"## {group.title}", "", group.about, ""]
        for name in group.names:
            parts += _entry(name, _found(name))
    return "\n".join(parts).rstrip() + "\n"


def anchor(title: str) -> str:
    """What a forge calls a heading in an address."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@cache
def _package() -> griffe.Object:
    return _resolved(griffe.load("labkit", search_paths=[ROOT], allow_inspection=False))


def _check() -> None:
    named = [name for group in GROUPS for name in group.names]
    public = {str(name) for name in _package().exports or ()}
    public |= {f"Lab.{name}" for name in _members("Lab")}
    problems = [f"{name} is in no group" for name in sorted(public - set(named))]
    problems += [f"{name} is in two groups" for name in sorted({name for name in named if named.count(name) > 1})]
    for name in named:
        one = _found(name)
        members = _members(name) if isinstance(one, griffe.Class) and name != "Lab" else {}
        problems += [
            f"{path} has no docstring"
            for path, what in {name: one, **{f"{name}.{key}": value for key, value in members.items()}}.items()
            if what.docstring is None
        ]
    if problems:
        raise IncompleteError(f"{'; '.join(problems)} (see tests/project/pages/groups.py).")


def _found(name: str) -> griffe.Object:
    try:
        one = _members("Lab")[name[4:]] if name.startswith("Lab.") else _resolved(_package()[name])
    except KeyError:
        raise IncompleteError(f"There is no {name} any more (see tests/project/pages/groups.py).") from None
    return one


def _resolved(one: griffe.Object | griffe.Alias) -> griffe.Object:
    return one.final_target if isinstance(one, griffe.Alias) else one


@cache
def _members(name: str) -> dict[str, griffe.Object]:
    """The public methods and properties of a class and of its bases in labkit, in the order of the source."""
    left_out = INNER.get(name, set())
    whole = _resolved(_package()[name])
    own = [key for key in whole.members if key in whole.all_members]
    order = [*own, *(key for key in whole.all_members if key not in own)]
    found = {key: _resolved(whole.all_members[key]) for key in order}
    return {
        key: one
        for key, one in found.items()
        if not key.startswith("_") and key not in left_out and (one.is_function or "property" in one.labels)
    }


def _entry(name: str, one: griffe.Object) -> Iterator[str]:
    if isinstance(one, griffe.Module):
        yield from (f"### {MODULES[name]}", "", _text(one), "")
        return
    yield from (f"### `{_title(name)}`", "")
    if isinstance(one, griffe.Class):
        yield from _class(name, one)
    else:
        if isinstance(one, griffe.Function) or "property" in one.labels:
            yield from ("```python", _signature(_title(name), one), "```", "")
        elif name[0].islower():
            yield from ("```python", f"{_title(name)} = {_quoted(str(getattr(one, 'value', '')))}", "```", "")
        yield from (_text(one), "")
    if name == "POLICIES":
        yield from _policies()
    if name == "LabkitError":
        yield from _errors()
    if shown := where_shown(name):
        yield from (shown, "")


def _title(name: str) -> str:
    """How it is written in a cell."""
    return re.sub(r"^Lab\.", "lab.", name) if name.startswith("Lab.") else name.rpartition(".")[2]


def _class(name: str, one: griffe.Class) -> Iterator[str]:
    short = _title(name)
    if fields := _fields(name, one):
        yield from ("```python", _wrapped(short, fields, ""), "```", "")
    yield from (_text(one), "")
    if name == "Lab":
        return
    members = _members(name)
    for key, member in members.items():
        told = _text(member).replace("\n\n", "\n\n  ")
        written = _signature(f"{_variable(short)}.{key}", member, oneline=True)
        yield f"- `{written}`: {told}"
    if members:
        yield ""


def _variable(name: str) -> str:
    """What a cell would call an object of this class."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _fields(name: str, one: griffe.Class) -> list[str]:
    """What its constructor takes, where that tells something: the fields of data, and how a lab is made."""
    if any("Struct" in str(base) for base in one.bases):
        fields = [key for key, field in one.members.items() if _is_field(field)]
        data = ((key, one.members[key]) for key in fields)
        return [_parameter(griffe.Parameter(key, annotation=f.annotation, default=f.value)) for key, f in data]
    if "dataclass" in one.labels or name == "Lab":
        return [_parameter(p) for p in _with_star([p for p in one.parameters if p.name != "self"])]
    return []


def _is_field(one: griffe.Object | griffe.Alias) -> bool:
    return isinstance(one, griffe.Attribute) and one.annotation is not None and "property" not in one.labels


def _with_star(parameters: list[griffe.Parameter]) -> Iterator[griffe.Parameter | None]:
    """The parameters, with None where those begin that have to be named."""
    said = False
    for parameter in parameters:
        if parameter.kind is griffe.ParameterKind.keyword_only and not said:
            yield None
        said |= parameter.kind in (griffe.ParameterKind.keyword_only, griffe.ParameterKind.var_positional)
        yield parameter


def _parameter(one: griffe.Parameter | None) -> str:
    if one is None:
        return "*"
    stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(one.kind, "")
    written = f"{stars}{one.name}"
    if one.annotation is not None:
        written += f": {_type(one.annotation)}"
    if one.default is not None and not stars:
        written += f" = {_value(one.default)}"
    return written


def _type(annotation: object) -> str:
    """As it is written, without the rooms' names, and without the bounds that files are read with."""
    text = re.sub(r"\b(?:guests|bounds|wasmtime)\.", "", str(annotation))
    text = re.sub(r"Annotated\[(.*), Meta\(.*?\)\]", r"\1", text)
    return _quoted(re.sub(r"\b(Name|Text|Number|Pause)\b", lambda found: BOUNDED[found[0]], text))


def _value(default: object) -> str:
    """A default as it is written; that of a constant where it is short, and not its name."""
    if isinstance(default, griffe.ExprName) and default.canonical_path.startswith("labkit."):
        path = default.canonical_path.removeprefix("labkit.")
        constant = str(_resolved(_package()[path]).value)
        default = constant if len(constant) <= SHORT else default
    return _quoted(str(default)).replace(" ** ", "**")


def _quoted(text: str) -> str:
    return text.replace("'", '"')


def _signature(name: str, one: griffe.Object, *, oneline: bool = False) -> str:
    if not isinstance(one, griffe.Function):
        annotation = getattr(one, "annotation", None)
        return f"{name} -> {_type(annotation)}" if annotation is not None else name
    parameters = [p for p in one.parameters if p.name not in ("self", "cls")]
    written = [_parameter(p) for p in _with_star(parameters)]
    awaited = "await " if "async" in one.labels else ""
    back = f" -> {_type(one.returns)}" if one.returns is not None else ""
    if "classmethod" in one.labels:
        name = name[0].upper() + name[1:]
    return _wrapped(awaited + name, written, back, wide=10_000 if oneline else WIDE)


def _wrapped(name: str, parameters: list[str], back: str, *, wide: int = WIDE) -> str:
    line = f"{name}({', '.join(parameters)}){back}"
    if len(line) <= wide:
        return line
    lines = textwrap.fill(
        # Held together: a parameter is not broken at the blanks in it.
        ", ".join(parameter.replace(" ", "\0") for parameter in parameters),
        wide,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    ).replace("\0", " ")
    return f"{name}(\n{lines}\n){back}"


def _text(one: griffe.Object) -> str:
    """The docstring, one line per paragraph: a forge breaks lines where they break in the file."""
    assert one.docstring is not None
    paragraphs = one.docstring.value.split("\n\n")
    return "\n\n".join(p if p.startswith((" ", "|")) else " ".join(p.split()) for p in paragraphs)


def _policies() -> Iterator[str]:
    yield from ("| policy | what it does | the guest's state |", "| --- | --- | --- |")
    yield from (f"| `{info.name}` | {info.summary} | {info.state} |" for info in POLICIES)
    yield ""


def _errors() -> Iterator[str]:
    told = _package()["errors"].docstring
    assert told is not None
    tree = next(paragraph for paragraph in told.value.split("\n\n") if "├" in paragraph)
    yield from ("```text", *(line.removeprefix("    ") for line in tree.splitlines()), "```", "")
