"""A profile as a page: what a program is, what it offers, what it needs, and where its bytes go."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.explore import Docs, Profile
from labkit.host.signature import Signature
from labkit.views import markup
from labkit.views.text import size_text
from labkit.views.words import counted

_ROWS = 40


def profile_text(profile: Profile) -> str:
    """The profile in a few lines: the kind, the exports, what nobody provides, or why nothing can be called."""
    head = f"{profile.name}: {profile.kind}, {size_text(profile.size)}"
    if profile.problem is not None:
        return f"{head}. Nothing of it can be called. {profile.problem}"
    lines = [head]
    for one in profile.interface.exports:
        lines += [
            f"  exports {one}",
            *(f"    {text}" for text in profile.docs.texts.get(one.path, "").splitlines()),
        ]
    lines += profile.docs.notes
    lines += [f"  needs {path}, which nobody provides" for path in missing(profile)]
    return "\n".join(lines)


def missing(profile: Profile) -> tuple[str, ...]:
    """The imports that WASI does not meet."""
    return (*profile.interface.unmet, *profile.interface.others)


def profile_html(profile: Profile, *, folded: bool = False) -> str:
    """The profile as an HTML fragment; producers and sections open below it, and if `folded` all but its head."""
    head = markup.paragraph(
        f"<strong>{markup.text(profile.name)}</strong>: {_kind(profile)}, {size_text(profile.size)}"
    )
    parts = [markup.paragraph(fact) for fact in _facts(profile)]
    if profile.problem is not None:
        said = markup.paragraph(f"Nothing of it can be called. {markup.prose(profile.problem)}")
        parts.append(f'<div class="lk-problem">{said}</div>')
    parts += [_exports(profile), _imports(profile)]
    parts += [markup.paragraph(markup.prose(note)) for note in profile.docs.notes]
    parts.append(markup.details("who made it", _producers(profile)))
    parts.append(markup.details("sections and their sizes", _sections(profile)))
    if folded and profile.problem is None:
        parts = [markup.details("what it exports, what it needs, and what it is made of", "".join(parts))]
    return markup.boxed(head, *parts)


def _kind(profile: Profile) -> str:
    inside = sum(one.kind == "module" and one.depth > 0 for one in profile.anatomy.binaries)
    return (
        "a core module"
        if profile.kind == "module"
        else f"a component with {counted(inside, 'core module')} inside"
    )


def _facts(profile: Profile) -> Iterator[str]:
    anatomy = profile.anatomy
    asks = f"asks for WASI {', '.join(anatomy.wasi)}" if anatomy.wasi else "asks for no WASI"
    compiled = f"Wasmtime {profile.runtime} compiled it in {profile.interface.seconds:.2f} s"
    yield markup.text("; ".join([asks, anatomy.symbols, *([] if profile.problem else [compiled])]))
    digest = f'SHA-256 <code title="{markup.text(profile.digest)}">{markup.text(profile.digest[:16])}…</code>'
    yield f'<span class="lk-muted">{digest}</span>'


def _exports(profile: Profile) -> str:
    if profile.problem is not None:
        return _names("exports", profile.anatomy.names.exports)
    return _signatures("exports", [(one, "") for one in profile.interface.exports], profile.docs)


def _imports(profile: Profile) -> str:
    if profile.problem is not None:
        return _names("imports", profile.anatomy.names.imports)
    interface = profile.interface
    own = [(one, "nobody provides it") for one in interface.wants if one.path in interface.unmet]
    rows = [
        *_rows(own[:_ROWS], profile.docs),
        *(
            [f"<code>{markup.text(path)}</code>", markup.text(f"a {kind}"), "nobody provides it"]
            for path, kind in interface.others.items()
        ),
    ]
    met = [
        one for one in interface.wants if one.path not in interface.unmet and one.interface not in interface.others
    ]
    shown = markup.table("imports", ["path", "signature", "met by"], rows) if rows else ""
    shown += _more(len(own), "import")
    if not met:
        return shown or markup.paragraph("imports: none", "lk-muted")
    title = f"{counted(len(met), 'import')} met by WASI"
    return shown + markup.details(title, _signatures("met by WASI", [(one, "WASI") for one in met], profile.docs))


def _signatures(caption: str, found: list[tuple[Signature, str]], docs: Docs) -> str:
    if not found:
        return markup.paragraph(f"{caption}: none", "lk-muted")
    met = any(by for _, by in found)
    rows = [row if met else row[:2] for row in _rows(found[:_ROWS], docs)]
    table = markup.table(caption, ["path", "signature", *(["met by"] if met else [])], rows)
    return table + _more(len(found), "function")


def comment(docs: Docs, path: str) -> str:
    """What its authors say of a function, as paragraphs; empty where they say nothing."""
    text = docs.texts.get(path, "")
    return "".join(markup.paragraph(markup.prose(part), "lk-muted") for part in text.split("\n\n") if part)


def _rows(found: list[tuple[Signature, str]], docs: Docs) -> list[list[str]]:
    return [
        [
            f"<code>{markup.text(one.path)}</code>",
            f"<code>{markup.text(_type(one))}</code>{comment(docs, one.path)}",
            markup.text(by),
        ]
        for one, by in found
    ]


def _type(signature: Signature) -> str:
    return str(signature).removeprefix(f"{signature.path}: ")


def _names(caption: str, names: tuple[str, ...]) -> str:
    rows = [[f"<code>{markup.text(name)}</code>"] for name in names[:_ROWS]]
    return markup.table(f"{caption}, by name", ["path"], rows) + _more(len(names), "name") if rows else ""


def _more(count: int, noun: str) -> str:
    left = count - _ROWS
    return markup.paragraph(f"and {counted(left, f'more {noun}')}", "lk-muted") if left > 0 else ""


def _producers(profile: Profile) -> str:
    anatomy = profile.anatomy
    found = {**anatomy.producers, **({"features": anatomy.features} if anatomy.features else {})}
    rows = [[markup.text(field), markup.text(", ".join(values))] for field, values in found.items()]
    return (
        markup.table("what it says of itself", ["field", "values"], rows)
        if rows
        else markup.paragraph("It says nothing.")
    )


def _sections(profile: Profile) -> str:
    found = [
        (f"{'the file' if i == 0 else f'{i}: {one.name or one.kind}'}", section)
        for i, one in enumerate(profile.anatomy.binaries)
        for section in one.sections
    ]
    shown = sorted(found, key=lambda row: -row[1].size)[:_ROWS]
    rows = [
        [markup.text(where), markup.text(section.name), str(section.count), f"{section.size:,}"]
        for where, section in shown
    ]
    left = len(found) - len(shown)
    more = markup.paragraph(f"and {counted(left, 'smaller kind')}", "lk-muted") if left else ""
    return markup.table("largest first", ["where", "section", "how many", "bytes"], rows, numbers=(2, 3)) + more
