"""The claims ledger as accessible tables: every claim under every release, and what decided one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labkit.claims import SAYS, Checked, Claim, Finding, Report, compressed, short_names
from labkit.claims.trial import State
from labkit.views import markup
from labkit.views.text import source_html
from labkit.views.words import counted, listed

SIGNS: Final[dict[State, tuple[str, str]]] = {
    "holds": ("✓", "holds"),
    "does-not-hold": ("✗", "does not hold"),
    "cannot-run": ("–", "cannot be run"),
    "failed": ("?", "could not be tried"),
}

# A sign is told by its shape first; the colours are those of an answer and of a trap.
_CSS: Final[dict[State, str]] = {
    "holds": "lk-kind-returned",
    "does-not-hold": "lk-kind-trapped",
    "cannot-run": "lk-muted",
    "failed": "lk-kind-timed-out",
}


def changed(checked: Checked) -> bool:
    """Whether a claim held in some of the releases that were tried and not in others."""
    return len({finding.holds for finding in checked.findings} - {None}) > 1


def reading(report: Report, shown: Sequence[Checked]) -> str:
    """How many claims hold everywhere, nowhere, or by release, and whether that is what the ledger says."""
    everywhere = [c for c in shown if not changed(c) and any(f.holds for f in c.findings)]
    by_release = [c for c in shown if changed(c)]
    nowhere = [c for c in shown if not changed(c) and any(f.holds is False for f in c.findings)]
    named = (
        (everywhere, "hold", "everywhere"),
        (by_release, "depend", "on the release"),
        (nowhere, "hold", "nowhere"),
    )
    untried = len(shown) - len(everywhere) - len(by_release) - len(nowhere)
    parts = [f"{len(group)} {verb}{'s' if len(group) == 1 else ''} {rest}" for group, verb, rest in named if group]
    parts += [f"{untried} could not be tried here"] if untried else []
    wrong = sum(not checked.agrees for checked in shown)
    says = f"; {wrong} not as the ledger says" if wrong else ""
    tried = f"tried under {counted(len(report.runtimes), 'Wasmtime release')}"
    return f"{counted(len(shown), 'claim')} {tried}: {listed(parts) or 'nothing found out'}{says}."


def ledger_table(report: Report, shown: Sequence[Checked], chosen: str | None = None) -> str:
    """The claims of `shown` as rows, a column per release; the claim with the id `chosen` is set off."""
    names = list(short_names(report.runtimes).values())
    head = ["claim", "said by", *names, "verdict"]
    rows = [
        [
            f'<span title="{markup.text(checked.claim.id)}">{markup.prose(checked.claim.claim)}</span>',
            f'<span class="lk-answer">{markup.text(checked.claim.says)}</span>',
            *(_tick(finding, checked) for finding in checked.findings),
            _verdict(checked),
        ]
        for checked in shown
    ]
    index = next((i for i, checked in enumerate(shown) if checked.claim.id == chosen), None)
    ticks = range(2, 2 + len(names))
    table = markup.table(reading(report, shown), head, rows, ticks=ticks, chosen=index)
    return f'<div class="lk-claims">{table}</div>{_legend(shown)}'


def evidence_table(checked: Checked) -> str:
    """One claim: how it was run, and what decided it under each release; neighbours that agree share a row."""
    cells = {finding.runtime: (_answer(finding.state), _seen(finding)) for finding in checked.findings}
    rows = [[markup.text(where), *pair] for pair, where in compressed(cells)]
    claim = checked.claim
    heading = markup.paragraph(f"<strong>{markup.prose(claim.claim)}</strong>")
    runs = listed([_run_text(name, claim) for name in claim.runs])
    how = f"{SAYS[claim.says]}; run as {runs}"
    table = markup.table("What decided it", ["Wasmtime", "the claim", "what was seen"], rows)
    return heading + markup.paragraph(markup.prose(how), "lk-muted") + table


def waiting_table(waiting: Sequence[Claim]) -> str:
    """Claims that wait for a scenario, to open; nothing for none."""
    if not waiting:
        return ""
    rows = [[markup.prose(c.claim), markup.text(c.says), markup.text(c.waits_for or "")] for c in waiting]
    table = markup.table("Each waits for the scenario named", ["claim", "said by", "waits for"], rows)
    return markup.details(
        f"not run yet: {counted(len(waiting), 'claim')}", f'<div class="lk-claims">{table}</div>'
    )


def problems(report: Report) -> str:
    """What is not as the ledger says and what could not be done, as sentences; nothing for none."""
    said = [*report.disagreements, *report.problems]
    inner = "".join(markup.paragraph(markup.prose(sentence)) for sentence in said)
    return f'<div class="lk-problem">{inner}</div>' if said else ""


def told(checked: Checked) -> str:
    """A claim in a line of text: `✓ 39–41  ✗ 42–50  Making a new instance …`."""
    where = compressed({finding.runtime: finding.state for finding in checked.findings})
    signs = "  ".join(f"{SIGNS[state][0]} {releases}" for state, releases in where)
    return f"{signs}  {checked.claim.claim} {checked.claim.verdict}"


def _tick(finding: Finding, checked: Checked) -> str:
    sign, words = SIGNS[finding.state]
    wrong = finding.holds is not None and finding.holds != (finding.runtime in checked.claim.releases)
    odd = " ≠" if wrong else ""
    spoken = f"{words}, not as the ledger says" if wrong else words
    return (
        f'<span class="{_CSS[finding.state]}" aria-hidden="true">{sign}{odd}</span>'
        f'<span class="lk-spoken">{spoken}</span>'
    )


def _answer(state: State) -> str:
    sign, words = SIGNS[state]
    return f'<span class="lk-answer {_CSS[state]}">{sign} {words}</span>'


def _seen(finding: Finding) -> str:
    deciding = finding.deciding
    if deciding is None:
        return f'<span class="lk-muted">{markup.text(finding.problem or "")}</span>'
    glyph = f"{markup.glyph(deciding.outcome.kind)} " if deciding.outcome else ""
    return f"{glyph}{markup.text(deciding.seen)}"


def _verdict(checked: Checked) -> str:
    claim = checked.claim
    source = f"<br>{source_html(claim.source)}" if claim.source else ""
    return f"{markup.prose(claim.verdict)}{source}"


def _run_text(name: str, claim: Claim) -> str:
    run = claim.runs[name]
    policy = f" under {run.policy}" if run.policy else ""
    knob = ", dropped on any error" if run.drop_on_error else ""
    return f"`{run.scenario}`{policy}{knob}"


def _legend(shown: Sequence[Checked]) -> str:
    states = {finding.state for checked in shown for finding in checked.findings}
    said = " &nbsp; ".join(
        f'<span class="{_CSS[state]}">{sign}</span> {words}'
        for state, (sign, words) in SIGNS.items()
        if state in states
    )
    return markup.paragraph(said, "lk-muted")
