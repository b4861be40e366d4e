"""A health report as a page: what a host has to know, and the steps that show it, to open below each sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labkit.explore import ExportHealth, Health, Trial, Verdict
from labkit.record import Step, Trace
from labkit.views import markup
from labkit.views.document import document
from labkit.views.timeline_words import timeline_table
from labkit.views.words import counted

# Each with a sign and a word, and the colour of an outcome that says as much.
_LEVELS: Final = {
    "good": ("✔", "good", "returned"),
    "note": ("→", "note", "exited"),
    "beware": ("▲", "beware", "trapped"),
    "unknown": ("?", "unknown", "refused"),
}


_UNDER: Final = {
    "probe": "each call in a store of its own",
    "across": "of one instance, with other exports in between",
}


def health_text(health: Health) -> str:
    """The report in sentences, a line each."""
    lines = [_sentence(health)]
    lines += [_line(verdict) for verdict in health.verdicts]
    for one in health.exports:
        lines += [one.export, *(f"  {_line(verdict)}" for verdict in one.verdicts)]
    lines += [f"{path}: not called, because {why}" for path, why in health.left_out.items()]
    return "\n".join(lines)


def health_html(health: Health) -> str:
    """The report as an HTML fragment: tables of verdicts, with the evidence to open."""
    head = markup.paragraph(f"<strong>{markup.text(_sentence(health))}</strong>")
    about = f"Wasmtime {health.runtime}, SHA-256 {health.digest[:16]}…"
    parts = [head, markup.paragraph(markup.text(about), "lk-muted")]
    parts.append(_table("The program", health.verdicts, {}))
    parts += [_export(one) for one in health.exports]
    if health.left_out:
        items = "".join(
            f"<li><code>{markup.text(path)}</code>: {markup.text(why)}</li>"
            for path, why in health.left_out.items()
        )
        parts.append(markup.paragraph("Not called:") + f"<ul>{items}</ul>")
    return markup.boxed(*parts)


def health_page(health: Health, keep: str | None = None) -> str:
    """The report as a whole page that needs nothing else; `keep` is the command that saves its first failure."""
    parts = [health_html(health)]
    if keep is not None:
        parts.append(markup.boxed(markup.paragraph(f"Keep it: <code>{markup.text(keep)}</code>")))
    return document(f"{health.program}: health report", *parts)


def _sentence(health: Health) -> str:
    every = [*health.verdicts, *(verdict for one in health.exports for verdict in one.verdicts)]
    beware = sum(verdict.level == "beware" for verdict in every)
    calls = sum(len(trial.calls) for one in health.exports for trial in (one.probe, *one.trials.values()))
    tried = f"{counted(calls, 'call')} of {counted(len(health.exports), 'export')}"
    if not beware:
        return f"{health.program}: in {tried} nothing showed that a host has to beware of."
    return f"{health.program}: {tried} showed {counted(beware, 'thing')} that a host has to beware of."


def _line(verdict: Verdict) -> str:
    sign, word, _ = _LEVELS[verdict.level]
    return f"{sign} {word}, {verdict.about}: {verdict.sentence}"


def _export(one: ExportHealth) -> str:
    traces = {"probe": one.probe.trace, **{policy: trial.trace for policy, trial in one.trials.items()}}
    if one.across is not None:
        traces[one.across.policy] = one.across.trace
    said = [[markup.text("by its authors"), "", markup.prose(one.docs)]] if one.docs else []
    return _table(one.export, one.verdicts, traces, said) + _trials(one)


def _table(
    caption: str, verdicts: tuple[Verdict, ...], traces: dict[str, Trace], first: Sequence[list[str]] = ()
) -> str:
    rows = [*first]
    for verdict in verdicts:
        sign, word, kind = _LEVELS[verdict.level]
        label = f'<span class="lk-kind-{kind}"><span aria-hidden="true">{sign}</span> {word}</span>'
        said = markup.text(verdict.sentence) + _evidence(verdict, traces)
        rows.append([markup.text(verdict.about), label, said])
    return markup.table(caption, ["about", "verdict", "what was seen"], rows)


def _evidence(verdict: Verdict, traces: dict[str, Trace]) -> str:
    shown = ""
    for policy in dict.fromkeys(policy for policy, _ in verdict.evidence):
        numbers = {n for where, n in verdict.evidence if where == policy}
        trace = traces.get(policy)
        if trace is None:
            continue
        items = "".join(_item(step) for step in trace if step.n in numbers)
        under = _UNDER.get(policy, f"under {policy}")
        shown += f'<li><span class="lk-muted">{markup.text(under)}</span><ul>{items}</ul></li>'
    return markup.details("evidence", f"<ul>{shown}</ul>") if shown else ""


def _item(step: Step) -> str:
    from labkit.views.words import what

    came = "did not come to its end" if step.outcome is None else step.outcome.describe()
    mark = "" if step.outcome is None else markup.glyph(step.outcome.kind)
    return f"<li>step {step.n}: <code>{markup.text(what(step))}</code> {mark} {markup.text(came)}</li>"


def _trials(one: ExportHealth) -> str:
    trials: dict[str, Trial] = {"each call in a store of its own": one.probe, **one.trials}
    if one.across is not None:
        trials["with other exports in between"] = one.across
    tables = "".join(
        markup.details(f"policy {name}" if name in one.trials else name, timeline_table(trial.trace))
        for name, trial in trials.items()
    )
    return markup.details(f"every call of {one.export}", tables)
