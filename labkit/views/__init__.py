"""Views: pictures, tables and widgets of traces. They read traces and nothing else.

Every picture is a pure function from data to a matplotlib figure, with a computed sentence as its title, an alt
text, and a table; every widget has a static form.
"""

from labkit.views.async_switch import AsyncSwitch
from labkit.views.blast_radius import BlastRadius, by_release
from labkit.views.claims_view import ClaimsView
from labkit.views.core_dump import core_dump_html, core_dump_text
from labkit.views.cost_curves import pool_figure, reuse_figure, touched_figure, traps_figure, workers_figure
from labkit.views.cost_explorer import CostExplorer
from labkit.views.cost_plots import CostPlot, cost_plot
from labkit.views.cost_rows import phases_figure, policies_figure, python_figure
from labkit.views.costs import cost_alt, cost_figure, cost_html, cost_reading, cost_table
from labkit.views.damage import damage_alt, damage_figure, damage_html, damage_reading, damage_table
from labkit.views.damage_view import Damage
from labkit.views.explorer import Explorer
from labkit.views.formatters import register, trace_html
from labkit.views.grid import (
    blast_radius_alt,
    blast_radius_figure,
    blast_radius_html,
    blast_radius_reading,
    blast_radius_table,
)
from labkit.views.health import health_html, health_page, health_text
from labkit.views.heartbeat import (
    heartbeat_alt,
    heartbeat_figure,
    heartbeat_html,
    heartbeat_reading,
    heartbeat_table,
)
from labkit.views.heartbeat_view import Heartbeats
from labkit.views.matrix_view import MatrixView
from labkit.views.memory_diff import (
    memory_diff_alt,
    memory_diff_figure,
    memory_diff_html,
    memory_diff_reading,
    memory_diff_text,
)
from labkit.views.page import figure_html, figure_png
from labkit.views.picker import Picker
from labkit.views.policy_switcher import PolicySwitcher
from labkit.views.predict import Predict
from labkit.views.prediction_table import Line, Part, PredictionTable
from labkit.views.profile import profile_html, profile_text
from labkit.views.recovery import recovery_alt, recovery_figure, recovery_html, recovery_reading, success_reading
from labkit.views.releases import Releases
from labkit.views.repro_view import ReproView
from labkit.views.service import (
    Service,
    service_alt,
    service_figure,
    service_html,
    service_reading,
    service_table,
)
from labkit.views.side_by_side import SideBySide
from labkit.views.sizes import sizes_alt, sizes_figure, sizes_html, sizes_reading, sizes_table
from labkit.views.text import explanation_html, outcome_html, problem_html, program_html
from labkit.views.timeline import timeline_figure, timeline_html
from labkit.views.timeline_view import TimelineView
from labkit.views.timeline_words import timeline_alt, timeline_reading, timeline_table
from labkit.views.trap_costs import (
    trap_costs_alt,
    trap_costs_figure,
    trap_costs_html,
    trap_costs_reading,
    trap_costs_table,
)
from labkit.views.version_switch import VersionSwitch

__all__ = [
    "AsyncSwitch",
    "BlastRadius",
    "ClaimsView",
    "CostExplorer",
    "CostPlot",
    "Damage",
    "Explorer",
    "Heartbeats",
    "Line",
    "MatrixView",
    "Part",
    "Picker",
    "PolicySwitcher",
    "Predict",
    "PredictionTable",
    "Releases",
    "ReproView",
    "Service",
    "SideBySide",
    "TimelineView",
    "VersionSwitch",
    "blast_radius_alt",
    "blast_radius_figure",
    "blast_radius_html",
    "blast_radius_reading",
    "blast_radius_table",
    "by_release",
    "core_dump_html",
    "core_dump_text",
    "cost_alt",
    "cost_figure",
    "cost_html",
    "cost_plot",
    "cost_reading",
    "cost_table",
    "damage_alt",
    "damage_figure",
    "damage_html",
    "damage_reading",
    "damage_table",
    "explanation_html",
    "figure_html",
    "figure_png",
    "health_html",
    "health_page",
    "health_text",
    "heartbeat_alt",
    "heartbeat_figure",
    "heartbeat_html",
    "heartbeat_reading",
    "heartbeat_table",
    "memory_diff_alt",
    "memory_diff_figure",
    "memory_diff_html",
    "memory_diff_reading",
    "memory_diff_text",
    "outcome_html",
    "phases_figure",
    "policies_figure",
    "pool_figure",
    "problem_html",
    "profile_html",
    "profile_text",
    "program_html",
    "python_figure",
    "recovery_alt",
    "recovery_figure",
    "recovery_html",
    "recovery_reading",
    "register",
    "reuse_figure",
    "service_alt",
    "service_figure",
    "service_html",
    "service_reading",
    "service_table",
    "sizes_alt",
    "sizes_figure",
    "sizes_html",
    "sizes_reading",
    "sizes_table",
    "success_reading",
    "timeline_alt",
    "timeline_figure",
    "timeline_html",
    "timeline_reading",
    "timeline_table",
    "touched_figure",
    "trace_html",
    "trap_costs_alt",
    "trap_costs_figure",
    "trap_costs_html",
    "trap_costs_reading",
    "trap_costs_table",
    "traps_figure",
    "workers_figure",
]
