"""What a cell shows under a call: the outcome, the explanation, where a program came from. HTML fragments."""

from __future__ import annotations

import re
import traceback
from typing import Final

from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.record import Explanation
from labkit.record.backtrace import frame_text
from labkit.views import markup
from labkit.views.words import answer, first_line, why

_MADE: Final = (
    ("compiled", "compiled now"),
    ("cached", "compiled earlier, unchanged since"),
    ("prebuilt", "prebuilt"),
    ("wat", "assembled from WAT"),
    ("file", "read from a file"),
    ("bytes", "from bytes"),
)

_SHORT: Final = 20
"""Lines of output that are shown without being asked for."""


def outcome_html(outcome: Outcome) -> str:
    """An outcome as a line with its sign, kind and what matters most; the rest opens below it."""
    came, behind = answer(outcome), why(outcome)
    parts = [markup.labelled(outcome.kind)]
    if came:
        parts.append(f"<code>{markup.text(came)}</code>")
    if behind:
        parts.append(markup.text(behind))
    if outcome.step is not None:
        parts.insert(0, f'<span class="lk-muted">step {outcome.step}</span> ')
    body = [markup.paragraph(" ".join(parts))]
    if outcome.message and outcome.kind != "host-error":
        body.append(markup.details("the runtime's own words", markup.block(outcome.message)))
    elif outcome.message and outcome.message != first_line(outcome.message):
        body.append(markup.details("the whole message", markup.block(outcome.message)))
    if outcome.frames:
        lines = "\n".join(frame_text(i, frame) for i, frame in enumerate(outcome.frames))
        body.append(markup.details(f"frames ({len(outcome.frames)})", markup.block(lines)))
    for name, written in (("standard output", outcome.stdout), ("standard error", outcome.stderr)):
        if written:
            # A panic's message stands in the first line already.
            opened = written.count("\n") <= _SHORT and not outcome.panic
            body.append(markup.details(name, markup.block(written.rstrip("\n")), opened=opened))
    return markup.boxed(f'<div class="lk-badge lk-edge-{outcome.kind}">{"".join(body)}</div>')


def explanation_html(explanation: Explanation) -> str:
    """Why something happened: the sentence, what it rests on, what to do, and where that is written."""
    parts = [markup.paragraph(markup.prose(explanation.sentence))]
    if explanation.because:
        items = "".join(f"<li>{markup.prose(reason)}</li>" for reason in explanation.because)
        parts.append(f"<ul>{items}</ul>")
    if explanation.advice:
        parts.append(markup.paragraph(f"<strong>What to do:</strong> {markup.prose(explanation.advice)}"))
    if explanation.sources:
        sources = ", ".join(source_html(source) for source in explanation.sources)
        parts.append(markup.paragraph(f"Sources: {sources}", "lk-muted"))
    return markup.boxed(*parts)


def program_html(program: Program) -> str:
    """A program with how it was made, by what, in how many seconds, how large it is, and its digest."""
    # One that came in a file was compiled at some time, which nobody measured.
    now = program.how != "compiled" or program.seconds > 0
    how = dict(_MADE).get(program.how, program.how) if now else "compiled"
    facts = [
        how + (f" in {program.seconds:.1f} s" if program.how == "compiled" and now else ""),
        *([program.toolchain] if program.toolchain else []),
        size_text(program.size),
    ]
    name = f"<strong>{markup.text(program.name)}</strong>"
    line = f"{name} {markup.text(program.kind)}: {markup.text(', '.join(facts))}"
    digest = f'SHA-256 <code title="{markup.text(program.digest)}">{markup.text(program.digest[:16])}…</code>'
    return markup.boxed(markup.paragraph(line), markup.paragraph(digest, "lk-muted"))


def problem_html(error: BaseException, doing: str = "") -> str:
    """An exception as one sentence that is read out at once, its traceback to open below."""
    said = f"{doing}: " if doing else ""
    head = f"{said}{type(error).__name__}: {error}"
    whole = "".join(traceback.format_exception(error))
    inner = markup.paragraph(markup.text(head)) + markup.details("where it happened", markup.block(whole))
    return markup.boxed(f'<div class="lk-problem" role="alert">{inner}</div>')


def size_text(size: int) -> str:
    """Bytes as `812 bytes`, `22.9 KiB`, `1.4 MiB`."""
    if size < 1024:
        return f"{size} bytes"
    return f"{size / 1024:.1f} KiB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MiB"


def source_html(source: str) -> str:
    """A link for `https://…` and `wasmtime#123`, text for anything else (`javascript:` among it)."""
    url, name = source, source
    if re.fullmatch(r"wasmtime#\d+", source):
        url = f"https://github.com/bytecodealliance/wasmtime/issues/{source.partition('#')[2]}"
    elif found := re.fullmatch(r"https://github\.com/[\w-]+/([\w.-]+)/(?:issues|pull)/(\d+)", source):
        name = f"{found[1]}#{found[2]}"
    elif found := re.fullmatch(r"https://github\.com/[\w-]+/([\w.-]+)/blob/(?:[^/#]+/)+([^/#]+)(#.*)?", source):
        name = f"{found[1]}: {found[2]}{found[3] or ''}"
    if not url.startswith("https://"):
        return markup.text(source)
    return f'<a href="{markup.text(url)}" target="_blank" rel="noopener noreferrer">{markup.text(name)}</a>'
