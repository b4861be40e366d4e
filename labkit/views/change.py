"""What a bisection found: the sentence, and which releases it took to find it."""

from __future__ import annotations

from labkit.host.outcome import Outcome
from labkit.runtimes import Change, NoChange
from labkit.views import markup
from labkit.views.words import counted


def change_html(change: Change) -> str:
    """The sentence, and every release with what the step did there, or a dot where it need not be tried."""
    order = {attempt.runtime: str(i) for i, attempt in enumerate(change.tries, 1)}
    outcomes = {attempt.runtime: attempt.outcome for attempt in change.tries}
    signs = [
        _sign(outcomes[version]) if version in outcomes else '<span class="lk-muted" title="not needed">·</span>'
        for version in change.candidates
    ]
    runs = [f'<span class="lk-muted">{order.get(version, "")}</span>' for version in change.candidates]
    releases = counted(len(change.candidates), "release")
    caption = f"{change.scenario}: {releases}, {counted(len(change.tries), 'run')}"
    kinds = dict.fromkeys(outcome.kind for outcome in outcomes.values() if outcome)
    return markup.boxed(
        markup.paragraph(f"<strong>{markup.prose(change.sentence)}</strong>"),
        markup.table(
            caption,
            ["Wasmtime", *change.candidates],
            [[f"step {change.step}", *signs], ["run", *runs]],
            ticks=range(1, len(change.candidates) + 1),
        ),
        markup.paragraph(" &nbsp; ".join([*map(markup.labelled, kinds), "· not needed"]), "lk-muted"),
        markup.paragraph("What changed and changed back in between is not seen; a matrix shows it.", "lk-muted"),
    )


def no_change_html(found: NoChange) -> str:
    """That nothing changed, in a sentence."""
    return markup.boxed(markup.paragraph(markup.prose(found.sentence)))


def _sign(outcome: Outcome | None) -> str:
    if outcome is None:
        return markup.labelled(None)
    kind = outcome.kind
    return f'<span title="{kind}">{markup.glyph(kind)}<span class="lk-spoken">{kind}</span></span>'
