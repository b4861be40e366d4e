"""`labkit bisect`: the Wasmtime release in which an outcome changed."""

from __future__ import annotations

import click

from labkit.cli import load
from labkit.cli.out import console, json_option, print_json, printable, progress

_UNSEEN = "What changed and changed back in between is not seen; `labkit matrix` shows every release."


@click.command(name="bisect", epilog="Example: labkit bisect 01-poisoned-component/new-instance")
@click.argument("scenario")
@click.option("--policy", help="Run under this reuse policy in place of the scenario's own.")
@click.option(
    "--wasmtime", "releases", help="Releases, with commas between; default: one per major version from 39.0.0 on."
)
@click.option("--step", type=click.IntRange(min=1), help="Look at this step; default: the first that differs.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, scenario: str, policy: str | None, releases: str | None, step: int | None, as_json: bool
) -> None:
    """Find the Wasmtime release in which SCENARIO (an id, a .json file or a repro) went differently.

    Components run from 39.0.0 on; for core modules --wasmtime may begin with 14.0.0. A family whose main scenario
    goes the same way at both ends stands for its first variant that does not. Exit status 1 if nothing changed.
    """
    import msgspec

    from labkit.runtimes import NoChange, find_change_in_family, in_order

    versions = in_order(releases.split(",")) if releases is not None else None
    wanted = load.wanted(scenario)
    family = wanted.scenarios
    with progress("bisecting") as say:
        change = find_change_in_family(family, wanted.load, policy=policy, step=step, releases=versions, say=say)
    if isinstance(change, NoChange):
        click.echo(f"labkit: {change.sentence}", err=True)
        if as_json:
            print_json({"changed": False})
        ctx.exit(1)
    if as_json:
        print_json({"changed": True, "sentence": change.sentence, **msgspec.to_builtins(change)})
        return
    speaker = console()
    if change.scenario != family[0].id:
        speaker.print(f"{family[0].id} itself goes the same way at both ends; {change.scenario} does not:")
    speaker.print(printable(change.sentence), markup=False, soft_wrap=True)
    runs = ", ".join(attempt.runtime for attempt in change.tries)
    tried = f"Tried {len(change.tries)} of {len(change.candidates)} releases: {runs}."
    speaker.print(tried, style="dim", soft_wrap=True)
    speaker.print(_UNSEEN, style="dim", soft_wrap=True)
