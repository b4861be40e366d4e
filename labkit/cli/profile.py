"""A profile for the terminal: what a program is, what it offers, and what it needs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from labkit.cli.out import console, printable, size_text

if TYPE_CHECKING:
    from rich.table import Table

    from labkit.explore import Profile
    from labkit.host import Signature

_SECTIONS = 12
_LINES = 60


def show(profile: Profile, file: str) -> None:
    """Print all of it; `file` is what the user called the program's file."""
    speaker = console()

    def say(line: str, style: str | None = None) -> None:
        speaker.print(line, style=style, markup=False, soft_wrap=True)

    say(f"{printable(profile.name)}: {_kind(profile)}, {size_text(profile.size)}", "bold")
    for word, fact in _facts(profile):
        say(f"  {word:<10} {printable(fact)}")
    say("exports", "bold")
    for line in _first(_exports(profile)):
        say(f"  {printable(line)}")
        for text in _said(profile, line):
            say(f"      {text}", "dim")
    say("imports", "bold")
    for line in _first(list(_imports(profile))):
        say(f"  {printable(line)}")
        for text in _said(profile, line):
            say(f"      {text}", "dim")
    for note in profile.docs.notes:
        say(printable(note), "yellow")
    speaker.print(_sections(profile))
    if profile.problem is not None:
        say(f"Nothing of it can be called. {printable(profile.problem)}", "bold red")
        return
    for line in _next(profile, file):
        say(line, "green")


def _first(lines: list[str]) -> list[str]:
    """As many as somebody reads; some programs export all they have."""
    left = len(lines) - _LINES
    return lines if left <= 0 else [*lines[:_LINES], f"… and {left:,} more, which --json has"]


def _kind(profile: Profile) -> str:
    binaries = profile.anatomy.binaries
    inside = [one for one in binaries if one.depth and one.kind == "module"]
    if profile.kind == "module":
        return "a core module"
    return f"a component with {len(inside)} core module{'s' * (len(inside) != 1)} inside"


def _facts(profile: Profile) -> Iterator[tuple[str, str]]:
    anatomy = profile.anatomy
    yield "SHA-256", profile.digest
    for field, values in anatomy.producers.items():
        # Of a version the number will do; some have an address and a commit behind it.
        made = dict.fromkeys(value.partition(" (")[0] for value in values)
        yield {"processed-by": "made by"}.get(field, field), ", ".join(made)
    wasi = ", ".join(anatomy.wasi) or "none"
    yield "WASI", wasi + (f" ({', '.join(anatomy.adapted)} inside, adapted)" if anatomy.adapted else "")
    yield "symbols", anatomy.symbols
    if anatomy.features:
        yield "features", ", ".join(anatomy.features)
    if profile.docs.source:
        yield "comments", f"of {profile.docs.source}"
    if profile.problem is None:
        yield "compiled", f"by Wasmtime {profile.runtime} in {profile.interface.seconds:.2f} s"


def _exports(profile: Profile) -> list[str]:
    if profile.problem is None:
        return [str(one) for one in profile.interface.exports] or ["no function"]
    return list(profile.anatomy.names.exports) or ["none"]


def _said(profile: Profile, line: str) -> list[str]:
    """What its authors say of the function in a line of the lists."""
    text = profile.docs.texts.get(line.partition(": ")[0], "")
    return [printable(one) for one in text.splitlines()]


def _imports(profile: Profile) -> Iterator[str]:
    if profile.problem is not None:
        yield from profile.anatomy.names.imports or ("none",)
        return
    interface = profile.interface
    met: dict[str, dict[str, None]] = {}
    unmet: list[Signature] = []
    for one in interface.wants:
        if one.path in interface.unmet:
            unmet.append(one)
        elif one.interface not in interface.others:
            package, _, rest = one.interface.partition("/")
            name, _, version = rest.partition("@")
            met.setdefault(f"{package}@{version}" if version else package, {})[name] = None
    for one in unmet:
        yield f"{one}    (nobody provides it; --stub '{one.path}=…' does)"
    for path, kind in interface.others.items():
        given = "which is given empty" if profile.kind == "module" else "and calls of it stop the guest"
        yield f"{path}    (nobody provides it: a {kind}, {given})"
    for package, names in met.items():
        yield f"{package}{': ' if any(names) else ''}{', '.join(filter(None, names))}    (WASI)"
    if not interface.wants and not interface.others:
        yield "none"


def _sections(profile: Profile) -> Table:
    from rich.table import Table

    grid = Table(title="sections", title_justify="left", title_style="bold")
    for heading in ("where", "section", "how many", "bytes"):
        grid.add_column(heading, justify="right" if heading in ("how many", "bytes") else "left")
    rows = [
        (_where(i, one.name or one.kind), section)
        for i, one in enumerate(profile.anatomy.binaries)
        for section in one.sections
    ]
    largest = sorted(rows, key=lambda row: -row[1].size)[:_SECTIONS]
    for where, section in [row for row in rows if row in largest]:
        grid.add_row(printable(where), printable(section.name), str(section.count), f"{section.size:,}")
    if len(rows) > len(largest):
        rest = [section for where, section in rows if (where, section) not in largest]
        count, size = sum(one.count for one in rest), sum(one.size for one in rest)
        grid.add_row("…", f"{len(rest)} smaller kinds", str(count), f"{size:,}")
    return grid


def _where(number: int, name: str) -> str:
    return "the file" if number == 0 else f"{number}: {name}"


def _next(profile: Profile, file: str) -> Iterator[str]:
    """What somebody may want to type next, with an export that is really there."""
    from labkit.explore import argument_lists
    from labkit.explore.wave import written

    for one in profile.interface.exports:
        lists = argument_lists(one, 1)
        if lists:
            args = ", ".join(written(part.shape, value) for part, value in zip(one.params, lists[0], strict=True))
            call = shlex.quote(f"{one.path}({args})")
            yield f"Call it:         labkit call {shlex.quote(file)} {call}"
            yield f"Keep what came:  labkit call {shlex.quote(file)} {call} --save mine.labkit"
            break
    yield f"Is it healthy:   labkit check {shlex.quote(file)}"
    yield f"In a notebook:   labkit open {shlex.quote(file)}"
