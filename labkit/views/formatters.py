"""How the lab's data shows itself in a notebook, without a call to any view."""

from __future__ import annotations

from typing import Any

from labkit.host.outcome import Outcome
from labkit.host.program import Program
from labkit.record.explain import Explanation
from labkit.record.trace import Trace
from labkit.views import markup
from labkit.views.text import explanation_html, outcome_html, program_html
from labkit.views.timeline import timeline_html
from labkit.views.timeline_words import timeline_table


def trace_html(trace: Trace) -> str:
    """A trace as its timeline, with the table of its steps to open below."""
    return timeline_html(trace) + markup.boxed(markup.details("show the steps", timeline_table(trace)))


def register(ipython: Any) -> None:
    """Let an IPython shell show outcomes, explanations, programs and traces as HTML."""
    html = ipython.display_formatter.formatters["text/html"]
    html.for_type(Outcome, outcome_html)
    html.for_type(Explanation, explanation_html)
    html.for_type(Program, program_html)
    html.for_type(Trace, trace_html)
