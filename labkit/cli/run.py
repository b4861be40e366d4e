"""`labkit run`: play a scenario and see what came of each step, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labkit.cli import load
from labkit.cli.out import console, json_option, progress

if TYPE_CHECKING:
    from labkit.record import Scenario, Trace
    from labkit.reuse import Knobs


@click.command(name="run", epilog="Example: labkit run 01-poisoned-component --policy fresh-store")
@click.argument("scenario")
@click.option("--policy", help="Run under this reuse policy in place of the scenario's own.")
@click.option("--wasmtime", "release", help="Play it under this Wasmtime release, fetched if it is missing.")
@click.option("--max-reuse", type=int, help="Calls one instance may answer before it is replaced.")
@click.option("--idle-timeout", type=float, help="Seconds an unused instance is kept.")
@click.option("--pool-size", type=int, help="Prepared instances of the policy `pool`.")
@click.option(
    "--explain",
    "every",
    is_flag=True,
    help="Explain every step, not only the telling ones.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    scenario: str,
    policy: str | None,
    release: str | None,
    max_reuse: int | None,
    idle_timeout: float | None,
    pool_size: int | None,
    every: bool,
    as_json: bool,
) -> None:
    """Play SCENARIO (an id from `labkit list`, or a .json file) and show what happened.

    A file, what may abort the process, and everything under another Wasmtime release, is played in a child process
    with limits on time, memory and output. Exit status 1 if the calls did not end as the scenario expects of this
    environment's own release.
    """
    from labkit.reuse import Knobs, policy_info

    if every and as_json:
        raise click.UsageError("--explain is for people; with --json the trace has all that it is made of.")
    if policy is not None:
        policy_info(policy)
    wanted = load.scenario(scenario)
    asked = {"max_reuse": max_reuse, "idle_timeout": idle_timeout, "pool_size": pool_size}
    knobs = Knobs(**{name: value for name, value in asked.items() if value is not None})  # type: ignore[arg-type]  # each value has its knob's type
    given = None if knobs == Knobs() else knobs
    if given is not None:
        # A knob is a policy's: for a scenario that names its own stores this raises instead of ignoring it.
        policy = policy or wanted.policy or "keep"
    trace = _play_here(wanted, policy, given) if release is None and not load.is_file(scenario) else None
    if trace is None:
        trace = _play_in_child(wanted, release, policy, given)
    if as_json:
        click.echo(trace.to_json())
    else:
        _show(wanted, trace, every)
    difference = _difference(wanted, trace, policy, given)
    if difference:
        click.echo(difference, err=True)
        ctx.exit(1)


def _play_here(scenario: Scenario, policy: str | None, knobs: Knobs | None) -> Trace | None:
    """The trace; None where playing it could abort this process."""
    from labkit.errors import UnsafeError
    from labkit.reuse import play

    try:
        return play(scenario, load.program, policy=policy, knobs=knobs)
    except UnsafeError:
        return None


def _play_in_child(scenario: Scenario, release: str | None, policy: str | None, knobs: Knobs | None) -> Trace:
    from labkit.runtimes import add_runtime, check_playable, own_version, programs_of, run_in_child

    programs = {name: load.program(name) for name in programs_of(scenario)}
    check_playable(scenario, programs, release or own_version())
    with progress("preparing") as say:
        runtime = add_runtime(release or own_version(), say)
    return run_in_child(scenario, programs, runtime, policy=policy, knobs=knobs)


def _show(scenario: Scenario, trace: Trace, every: bool) -> None:
    from labkit.cli import steps
    from labkit.record import explain, telling

    speaker = console()
    under = f", policy {trace.policy}" if trace.policy else ""
    speaker.print(steps.table(trace, f"{scenario.title} (Wasmtime {trace.runtime}{under})"))
    for n in [step.n for step in trace] if every else telling(trace):
        speaker.print(steps.explanation_text(explain(trace, n)))


def _difference(scenario: Scenario, trace: Trace, policy: str | None, knobs: Knobs | None) -> str | None:
    """How the calls differ from what the scenario expects; of other policies, knobs and releases, nothing."""
    from labkit.runtimes import own_version

    own = trace.runtime == own_version() and (policy is None or policy == (scenario.policy or "keep"))
    if not scenario.expect or not own or knobs is not None:
        return None
    kinds = [step.outcome.kind for step in trace if step.do == "call" and step.outcome is not None]
    if kinds == list(scenario.expect):
        return None
    return f"labkit: {scenario.id} expects {', '.join(scenario.expect)}; the calls ended {', '.join(kinds)}."
