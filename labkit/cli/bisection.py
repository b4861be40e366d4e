"""`labkit bisect`: the Wasmtime release in which an outcome changed."""

from __future__ import annotations

import click

from labkit.cli import load
from labkit.cli.out import console, json_option, print_json, printable, progress


@click.command(name="bisect")
@click.argument("scenario")
@click.option("--policy", help="Run under this reuse policy in place of the scenario's own.")
@click.option("--step", type=click.IntRange(min=1), help="Look at this step; default: the first that differs.")
@json_option
@click.pass_context
def command(ctx: click.Context, scenario: str, policy: str | None, step: int | None, as_json: bool) -> None:
    """Find the release, from 39.0.0 on, in which SCENARIO (an id or a .json file) went differently.

    A family whose main scenario goes the same way everywhere stands for its first variant that does not. Exit
    status 1 if nothing changed.
    """
    import msgspec

    from labkit.reuse import policy_for
    from labkit.runtimes import find_change, own_version, releases_with_components

    candidates = load.family(scenario)
    # A step number belongs to one scenario: nobody asked for the step with this number in another one.
    if step is not None:
        candidates = candidates[:1]
    with progress("bisecting") as say:
        for tried in candidates:
            if tried is not candidates[0] and policy is not None and policy_for(tried) is None:
                continue
            change = find_change(tried, load.program, policy=policy, step=step, say=say)
            if change is not None:
                break
    if change is None:
        what = scenario if step is None else f"Step {step} of {scenario}"
        oldest = releases_with_components()[0]
        click.echo(f"labkit: {what} goes the same way under Wasmtime {oldest} and {own_version()}.", err=True)
        if as_json:
            print_json({"changed": False})
        ctx.exit(1)
    if as_json:
        print_json({"changed": True, "sentence": change.sentence, **msgspec.to_builtins(change)})
        return
    speaker = console()
    if change.scenario != candidates[0].id:
        speaker.print(f"{candidates[0].id} itself goes the same way everywhere; {change.scenario} does not:")
    speaker.print(printable(change.sentence), markup=False, soft_wrap=True)
    runs = ", ".join(attempt.runtime for attempt in change.tries)
    speaker.print(
        f"Tried {len(change.tries)} of {len(change.candidates)} releases: {runs}.", style="dim", soft_wrap=True
    )
