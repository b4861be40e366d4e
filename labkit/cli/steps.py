"""A trace as a table for the terminal: one row per step, with the same signs as in the notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labkit.cli.out import printable

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from labkit.host import Outcome
    from labkit.host.outcome import Kind
    from labkit.record import Explanation, Step, Trace

# The signs of labkit.views.theme, which is not imported because matplotlib would come with it; a test compares.
LOOKS: dict[Kind, tuple[str, str]] = {
    "returned": ("●", "green"),
    "guest-error": ("◆", "yellow"),
    "trapped": ("✖", "bold red"),
    "refused": ("■", "magenta"),
    "exited": ("▲", "cyan"),
    "host-error": ("▼", "blue"),
    "aborted": ("✚", "bold reverse"),
    "timed-out": ("⧗", "bright_magenta"),
}

_LINES = 20
"""Lines of one step's output that are shown."""


def outcome_text(outcome: Outcome | None) -> Text:
    """An outcome in its words, behind its sign and in its colour."""
    from rich.text import Text

    if outcome is None:
        return Text("…", style="dim")
    sign, style = LOOKS[outcome.kind]
    return Text(f"{sign} {printable(outcome.describe())}", style=style)


def signs(outcomes: Iterable[Outcome | None]) -> Text:
    """Several outcomes as a row of signs, each with what came back or its kind."""
    from rich.text import Text

    line = Text()
    for outcome in outcomes:
        if outcome is None:
            continue
        sign, style = LOOKS[outcome.kind]
        word = printable(repr(outcome.value)) if outcome.kind == "returned" else outcome.kind
        line.append(f"{sign} {word}  ", style=style)
    return line


def table(trace: Trace, title: str) -> Table:
    """Every step of a trace: number, store, what was done, what came of it, and what guests wrote if any did."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=Text(printable(title), style="bold"), title_justify="left")
    callers = any(step.caller for step in trace)
    grid.add_column("step", justify="right")
    grid.add_column("store", justify="right")
    if callers:
        grid.add_column("caller")
    grid.add_column("what was done")
    grid.add_column("outcome", overflow="fold")
    writers = any(_written(step.outcome) for step in trace)
    if writers:
        grid.add_column("output", overflow="fold")
    for step in trace:
        caller = [Text(printable(step.caller or ""))] if callers else []
        written = [_written(step.outcome)] if writers else []
        done = Text(_done(step))
        grid.add_row(str(step.n), str(step.store), *caller, done, outcome_text(step.outcome), *written)
    return grid


def _written(outcome: Outcome | None) -> Text:
    """What a step wrote, standard error dimmed; a panic is in the outcome's own words."""
    from rich.text import Text

    text = Text()
    if outcome is not None:
        lines = [(line, "") for line in outcome.stdout.splitlines()]
        lines += [(line, "dim") for line in outcome.stderr.splitlines() if not outcome.panic]
        text.append_text(Text("\n").join(Text(printable(line), style=style) for line, style in lines[:_LINES]))
        if len(lines) > _LINES:
            text.append(f"\n… {len(lines) - _LINES} more lines", style="dim")
    return text


def _done(step: Step) -> str:
    if step.do == "instantiate":
        again = "compile and instantiate" if step.recompiled else "instantiate"
        return printable(f"{again} {step.program}")
    inside = f" (inside step {step.inside})" if step.inside else ""
    args = ", ".join(repr(arg) for arg in step.args)
    return printable(f"{step.export}({args}){inside}")


def explanation_text(explanation: Explanation) -> Text:
    """An explanation as a paragraph: the sentence, the evidence, the advice, the sources."""
    from rich.text import Text

    text = Text(f"{explanation.sentence}\n")
    for line in explanation.because:
        text.append(f"  • {line}\n", style="dim")
    if explanation.advice:
        text.append(f"  → {explanation.advice}\n", style="green")
    for source in explanation.sources:
        text.append(f"    {source}\n", style="dim underline")
    return text
