"""Commands in a trace: programs with `wasi:cli/run`, most of which may be run once per instance.

What the C library's start-up code does in a second run looks like any other `unreachable`. That it was a second
run is read from the trace: an earlier step ran the same instance, and this one got no further than the export.
"""

from __future__ import annotations

from labkit.record.trace import Step, Trace

ISSUE_RUN_TWICE = "https://github.com/bytecodealliance/wasmtime/issues/10219"

_RUN = "wasi:cli/run"


def runs_a_command(step: Step) -> bool:
    """Whether the step calls `wasi:cli/run`, by whichever version."""
    interface, _, name = (step.export or "").partition("#")
    return step.do == "call" and interface.partition("@")[0] == _RUN and name in ("", "run")


def earlier_run(trace: Trace, step: Step) -> Step | None:
    """The step that had run the same instance's command before `step` did."""
    if not runs_a_command(step):
        return None
    runs = (s for s in trace if s.n < step.n and s.instance == step.instance and runs_a_command(s))
    return next((s for s in runs if s.outcome is not None and s.outcome.ok), None)


def exited(step: Step | None) -> bool:
    """Whether the step ended by an exit, with whatever status."""
    return step is not None and step.outcome is not None and step.outcome.kind == "exited"


def stopped_by_guard(trace: Trace, step: Step) -> Step | None:
    """The run before, if `step` is a second run that trapped before it did anything.

    It did nothing if it neither wrote nor called the host nor panicked, and the trap is in the export itself.
    """
    outcome = step.outcome
    if outcome is None or outcome.code != "unreachable" or outcome.panic:
        return None
    if outcome.stdout or outcome.stderr or step.host_calls or len(outcome.frames) > 1:
        return None
    return earlier_run(trace, step)
