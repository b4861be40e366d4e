"""Finding out whether a command may be run again, by running it."""

from __future__ import annotations

from typing import Any

from labkit.host import Program
from labkit.lab import Lab
from labkit.workshop.checks.finding import Finding, raised

POLITE = """
(component
  (core module $command
    (global $runs (mut i32) (i32.const 0))
    (func (export "run") (result i32)
      (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
      (i32.gt_u (global.get $runs) (i32.const 1))))
  (core instance $instance (instantiate $command))
  (func $run (result (result)) (canon lift (core func $instance "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
"""
"""A command that answers every run but its first with an error of its own."""


def runs_again(answer: Any) -> list[Finding]:
    """Whether `runs_again(lab, command)` says of each command whether a second run of an instance is answered."""
    if not callable(answer):
        return [Finding(False, "Give the check your function: `check(runs_again)`, without calling it.")]
    with Lab(seconds=2) as lab:
        commands = [
            (lab.build("command-hello"), False, "its second run traps"),
            (lab.build("command-export"), True, "each of its runs returns"),
            (lab.build("command-guard"), False, "its second run traps"),
            (lab.program(POLITE, "command-polite"), True, "its second run is answered with an error of its own"),
        ]
        for command, right, why in commands:
            finding = _judged(answer, lab, command, right, why)
            if not finding.passed:
                return [finding]
    return [Finding(True, f"All {len(commands)} commands are told apart, by what their second run came to.")]


def _judged(answer: Any, lab: Lab, command: Program, right: bool, why: str) -> Finding:
    before = len(lab.trace)
    try:
        said = answer(lab, command)
    except (Exception, SystemExit) as error:
        return raised(error)
    steps = [step for step in lab.trace if step.n > before and step.do == "call"]
    most = max((sum(s.instance == step.instance for s in steps) for step in steps), default=0)
    if most < 2:
        ran = f"you ran no instance of {command.name} twice" if steps else f"you did not run {command.name}"
        return Finding(False, f"Whether it may be run again shows in a second run, and {ran}.")
    if said is not right:
        return Finding(False, f"For {command.name} the answer is {right}: {why}. Yours was {said!r}.")
    return Finding(True, f"{command.name}: {right}.")
