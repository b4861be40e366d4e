"""What a cell shows of a sandbox: its value like any cell's, or how it ended, and that the notebook goes on."""

from __future__ import annotations

from typing import Any

from labkit.runtimes.sandbox import SandboxResult
from labkit.views import markup
from labkit.views.timeline_words import timeline_table
from labkit.views.words import answer, clean, counted, first_line


class Words(str):
    """Text that shows itself without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def shown(result: SandboxResult) -> Any:
    """What a cell shows: the value of the last expression, nothing for None, the result if it did not end well."""
    if not result.ok:
        return result
    return Words(result.text) if result.text is not None else result.value


def sandbox_text(result: SandboxResult) -> str:
    """The result in a sentence or two, for where there is no HTML."""
    said = first_line(result.outcome.message)
    return f"{_sentence(result)}{f' {clean(said)}' if said else ''}"


def sandbox_html(result: SandboxResult) -> str:
    """The result as a line with its sign and kind, the last words below it; streams and steps open."""
    outcome = result.outcome
    came = answer(outcome)
    head = markup.labelled(outcome.kind) + (f" <code>{markup.text(came)}</code>" if came else "")
    body = [markup.paragraph(f"{head} {markup.text(_place(result))}")]
    if outcome.message:
        body.append(markup.block(outcome.message))
    for name, written in (("standard output", result.stdout), ("standard error", result.stderr)):
        if written:
            body.append(markup.details(name, markup.block(written)))
    if len(result.trace):
        title = f"what the lab inside did ({counted(len(result.trace), 'step')})"
        body.append(markup.details(title, timeline_table(result.trace)))
    return markup.boxed(f'<div class="lk-badge lk-edge-{outcome.kind}">{"".join(body)}</div>')


def _sentence(result: SandboxResult) -> str:
    came = answer(result.outcome)
    return f"{result.outcome.kind}{f' {came}' if came else ''} {_place(result)}"


def _place(result: SandboxResult) -> str:
    where = f"in a sandbox under Wasmtime {clean(result.runtime)}"
    return f"{where}." if result.ok else f"{where}; the notebook lives on."
