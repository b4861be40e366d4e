"""What a bisection found: the sentence, and which releases it took to find it."""

from __future__ import annotations

from labkit.runtimes import Change
from labkit.views import markup
from labkit.views.words import counted


def change_html(change: Change) -> str:
    """The sentence, and every release with what the step did there, or a dot where it need not be tried."""
    order = {attempt.runtime: i for i, attempt in enumerate(change.tries, 1)}
    outcomes = {attempt.runtime: attempt.outcome for attempt in change.tries}
    rows = []
    for version in change.candidates:
        if version in order:
            outcome = outcomes[version]
            said = markup.labelled(outcome.kind if outcome else None)
            rows.append([markup.text(version), said, str(order[version])])
        else:
            rows.append([markup.text(version), '<span class="lk-muted">not needed</span>', ""])
    releases = counted(len(change.candidates), "release")
    caption = f"Step {change.step} of {change.scenario}: {releases}, {counted(len(change.tries), 'run')}"
    return markup.boxed(
        markup.paragraph(f"<strong>{markup.prose(change.sentence)}</strong>"),
        markup.table(
            caption,
            ["Wasmtime", f"step {change.step}", "run"],
            rows,
            numbers=(2,),
            chosen=change.candidates.index(change.first_after),
        ),
    )
