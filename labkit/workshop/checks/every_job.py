"""A host that runs a command once for every job, although an instance of it runs once only."""

from __future__ import annotations

from typing import Any

from labkit.lab import Lab
from labkit.record import explain
from labkit.workshop.checks.finding import Finding

JOBS = (("Ada",), ("Grace", "1"), ("Linus", "0"), ("Margaret",))
ANSWERS = (
    ("run 1: Hello, Ada", True),
    ("run 1: Hello, Grace", False),
    ("run 1: Hello, Linus", True),
    ("run 1: Hello, Margaret", True),
)


def every_job(run_jobs: Any) -> list[Finding]:
    """Whether `run_jobs(lab, command, jobs)` runs every job as if it were the first, and tells how it ended."""
    if not callable(run_jobs):
        return [Finding(False, "Give the check your function: `check(run_jobs)`, without calling it.")]
    with Lab() as lab:
        command = lab.build("command-hello")
        try:
            answers = run_jobs(lab, command, [list(job) for job in JOBS])
        except Exception as error:
            # Whatever a trainee's function raises is a finding about it, not a failure of the check.
            return [Finding(False, f"Your function raised {type(error).__name__}: {error}.")]
        return [_answers(answers), *_what_the_trace_says(lab)]


def _answers(answers: Any) -> Finding:
    if not isinstance(answers, list | tuple):
        return Finding(False, f"It should return a list with a pair for every job; it returned {answers!r}.")
    if len(answers) != len(ANSWERS):
        return Finding(False, f"{len(ANSWERS)} jobs need {len(ANSWERS)} answers; there are {len(answers)}.")
    for job, got, right in zip(JOBS, answers, ANSWERS, strict=True):
        pair = tuple(got) if isinstance(got, list | tuple) else got
        if pair != right:
            return Finding(False, f"For the job {list(job)} the answer is {right!r}; yours was {got!r}.")
    return Finding(
        True, f"All {len(JOBS)} jobs were run, and the one that exited with status 1 is the one that failed."
    )


def _what_the_trace_says(lab: Lab) -> list[Finding]:
    trace = lab.trace
    runs = [step for step in trace if step.do == "call" and step.outcome]
    if not runs:
        return [Finding(False, "No command was run: use the `lab` and the `command` you are given.")]
    bad = [step for step in runs if step.outcome and step.outcome.kind in ("trapped", "refused")]
    if bad:
        return [Finding(False, explain(trace, bad[0].n).sentence)]
    if any(step.recompiled for step in trace):
        return [Finding(False, "It works, but the command was compiled again, which a new store does not need.")]
    return [Finding(True, f"It took {len({step.store for step in trace})} stores for {len(runs)} runs.")]
