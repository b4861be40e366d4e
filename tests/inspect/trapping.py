"""What trapped."""

from __future__ import annotations

from labkit import Lab, Program, Trace


def trap(program: Program) -> Trace:
    """The trace of a call that traps."""
    with Lab() as lab:
        export, argument = ("process-input", 101.0) if program.kind == "component" else ("nth", 3)
        outcome = lab.store().instantiate(program).call(export, argument)
        assert outcome.kind == "trapped", outcome
        return lab.trace
