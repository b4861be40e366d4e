"""What catching a panic costs, beside a trap and making again what it took away."""

from __future__ import annotations

from matplotlib.figure import Figure

from labkit.cost import RecoveryReport
from labkit.views import markup
from labkit.views.costs import cost_figure, cost_table, duration, times
from labkit.views.page import figure_html


def recovery_figure(report: RecoveryReport, *, dark: bool = False) -> Figure:
    """Median time of each way with quartiles, on a logarithmic axis; 9.6 inches wide. Gids: `cost-N` from 0."""
    return cost_figure(
        report.costs, machine=report.machine, noise=report.noise, reading=recovery_reading(report), dark=dark
    )


def recovery_reading(report: RecoveryReport) -> str:
    """What a trap costs beside a caught panic, for the least and the most state, in one sentence."""
    sizes = sorted(report.caught)
    parts = []
    for mib in dict.fromkeys((sizes[0], sizes[-1])):
        ratio = report.rebuilt[mib].median_us / report.caught[mib].median_us
        state = f"with {mib} MiB to write anew" if mib else "with no state"
        parts.append(f"{state} {times(ratio)}×")
    caught = duration(report.caught[sizes[0]].median_us)
    return f"A caught panic costs {caught}; a trap and making the guest again, {' and '.join(parts)} as much."


def success_reading(report: RecoveryReport) -> str:
    """What compiling for unwinding does to a call that returns, in one sentence."""
    aborting, unwinding = report.aborting.median_us, report.unwinding.median_us
    took = f"{duration(aborting)} with panic=abort and {duration(unwinding)} with panic=unwind"
    told = f"A call that returns takes {took}"
    # The middle halves overlap: then a difference of the medians says nothing.
    if report.unwinding.q1_us <= report.aborting.q3_us and report.aborting.q1_us <= report.unwinding.q3_us:
        return f"{told}: no difference that this run can tell."
    return f"{told}: {times(unwinding / aborting)}×."


def recovery_alt(report: RecoveryReport) -> str:
    """The report for a screen reader, way by way."""
    words = "; ".join(f"{cost.policy}, {cost.note}: {duration(cost.median_us)}" for cost in report.costs)
    return f"What recovery costs. {recovery_reading(report)} {success_reading(report)} {words}. {report.machine}"


def recovery_html(report: RecoveryReport) -> str:
    """The report as its plot, with the sentence about calls that return, and the table to open below."""
    table = cost_table(
        report.costs, machine=report.machine, noise=report.noise, reading=recovery_reading(report), first="what"
    )
    return figure_html(recovery_figure(report), recovery_alt(report)) + markup.boxed(
        markup.paragraph(markup.text(success_reading(report))), markup.details("show as a table", table)
    )
