"""How the lab's data shows itself in a notebook, without a call to any view."""

from __future__ import annotations

from typing import Any

from labkit.cost import CostReport, RecoveryReport
from labkit.cost.pool import PoolReport
from labkit.cost.results import Table
from labkit.explore import Health, Profile
from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.inspect import CoreDump, MemoryDiff, SizeReport, TrapCostReport
from labkit.record import Explanation, Repro
from labkit.record.trace import Trace
from labkit.repros import Reduction, Replay
from labkit.runtimes import Change, NoChange
from labkit.runtimes.sandbox import SandboxResult
from labkit.views import markup
from labkit.views.change import change_html, no_change_html
from labkit.views.core_dump import core_dump_html, core_dump_text
from labkit.views.cost_plots import pool_html, table_html, table_text
from labkit.views.cost_words import pool_reading
from labkit.views.costs import cost_html, cost_table
from labkit.views.health import health_html, health_text
from labkit.views.memory_diff import memory_diff_html, memory_diff_text
from labkit.views.profile import profile_html, profile_text
from labkit.views.recovery import recovery_alt, recovery_html
from labkit.views.sandbox import sandbox_html, sandbox_text
from labkit.views.sizes import sizes_alt, sizes_html
from labkit.views.text import explanation_html, outcome_html, program_html
from labkit.views.timeline import timeline_html
from labkit.views.timeline_words import timeline_reading, timeline_table
from labkit.views.trap_costs import trap_costs_alt, trap_costs_html
from labkit.views.words import counted


def trace_html(trace: Trace) -> str:
    """A trace as its timeline, with the table of its steps to open below."""
    return timeline_html(trace) + markup.boxed(markup.details("show the steps", timeline_table(trace)))


def trace_text(trace: Trace) -> str:
    """A trace as its reading."""
    return f"{counted(len(trace), 'step')} under Wasmtime {trace.runtime}. {timeline_reading(trace)}"


def replay_html(replay: Replay) -> str:
    """A replay as its verdict, and where that is not the same, the timeline of what happened now."""
    edge = "returned" if replay.same else "trapped"
    said = markup.paragraph(f"<strong>{markup.prose(replay.sentence)}</strong>")
    verdict = markup.boxed(f'<div class="lk-badge lk-edge-{edge}">{said}</div>')
    return verdict if replay.same else verdict + timeline_html(replay.trace)


def reduction_html(found: Reduction) -> str:
    """A reduction as what is left, in words and as a timeline."""
    said = markup.paragraph(f"<strong>{markup.prose(found.sentence)}</strong>")
    return markup.boxed(said) + trace_html(found.repro.trace)


def repro_html(repro: Repro) -> str:
    """A repro as its title, where it was recorded, and the timeline."""
    return markup.boxed(markup.paragraph(markup.text(repro_text(repro)))) + trace_html(repro.trace)


def repro_text(repro: Repro) -> str:
    """A repro as its title, and where it was recorded."""
    steps = counted(len(repro.trace), "step")
    return f"{repro.title}: {steps} recorded under Wasmtime {repro.trace.runtime} on {repro.platform}."


def cost_report_html(report: CostReport) -> str:
    """A cost report as its plot, with the table to open below."""
    table = cost_table(report.costs, machine=report.machine, noise=report.noise)
    plot = cost_html(report.costs, machine=report.machine, noise=report.noise)
    return plot + markup.boxed(markup.details("show as a table", table))


def register(ipython: Any) -> None:
    """Let an IPython shell show the lab's data as HTML, and as a line of text where there is no HTML."""
    plain = ipython.display_formatter.formatters["text/plain"]
    plain.for_type(Outcome, lambda outcome, printer, _cycle: printer.text(outcome.describe()))
    plain.for_type(Explanation, lambda explanation, printer, _cycle: printer.text(str(explanation)))
    plain.for_type(SandboxResult, lambda result, printer, _cycle: printer.text(sandbox_text(result)))
    plain.for_type(Change, lambda change, printer, _cycle: printer.text(change.sentence))
    plain.for_type(NoChange, lambda found, printer, _cycle: printer.text(found.sentence))
    plain.for_type(RecoveryReport, lambda report, printer, _cycle: printer.text(recovery_alt(report)))
    plain.for_type(Reduction, lambda found, printer, _cycle: printer.text(found.sentence))
    plain.for_type(Replay, lambda replay, printer, _cycle: printer.text(replay.sentence))
    plain.for_type(Repro, lambda repro, printer, _cycle: printer.text(repro_text(repro)))
    plain.for_type(Trace, lambda trace, printer, _cycle: printer.text(trace_text(trace)))
    plain.for_type(Profile, lambda profile, printer, _cycle: printer.text(profile_text(profile)))
    plain.for_type(Health, lambda health, printer, _cycle: printer.text(health_text(health)))
    plain.for_type(CoreDump, lambda dump, printer, _cycle: printer.text(core_dump_text(dump)))
    plain.for_type(MemoryDiff, lambda diff, printer, _cycle: printer.text(memory_diff_text(diff)))
    plain.for_type(SizeReport, lambda report, printer, _cycle: printer.text(sizes_alt(report)))
    plain.for_type(TrapCostReport, lambda report, printer, _cycle: printer.text(trap_costs_alt(report)))
    plain.for_type(PoolReport, lambda report, printer, _cycle: printer.text(pool_reading(report)))
    plain.for_type(Table, lambda table, printer, _cycle: printer.text(table_text(table)))
    html = ipython.display_formatter.formatters["text/html"]
    html.for_type(Change, change_html)
    html.for_type(NoChange, no_change_html)
    html.for_type(Outcome, outcome_html)
    html.for_type(Explanation, explanation_html)
    html.for_type(SandboxResult, sandbox_html)
    html.for_type(Program, program_html)
    html.for_type(Reduction, reduction_html)
    html.for_type(Replay, replay_html)
    html.for_type(Repro, repro_html)
    html.for_type(Trace, trace_html)
    html.for_type(Profile, profile_html)
    html.for_type(Health, health_html)
    html.for_type(CoreDump, core_dump_html)
    html.for_type(MemoryDiff, memory_diff_html)
    html.for_type(SizeReport, sizes_html)
    html.for_type(TrapCostReport, trap_costs_html)
    html.for_type(CostReport, cost_report_html)
    html.for_type(RecoveryReport, recovery_html)
    html.for_type(PoolReport, pool_html)
    html.for_type(Table, table_html)
