"""`labkit claims`: what people say about these failures, and in which releases a run bears it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from labkit.cli import load
from labkit.cli.out import console, json_option, print_json, printable, progress

if TYPE_CHECKING:
    from rich.text import Text

    from labkit.claims import Checked, Report
    from labkit.claims.trial import State

_SIGNS: dict[State, tuple[str, str]] = {
    "holds": ("✓", "green"),
    "does-not-hold": ("✗", "red"),
    "cannot-run": ("–", "dim"),
    "failed": ("?", "bold yellow"),
}


@click.command(name="claims", epilog="Example: labkit claims 01-poisoned-component --wasmtime 41.0.0,50.0.1")
@click.argument("names", metavar="[CLAIM|FAMILY]...", nargs=-1)
@click.option("--wasmtime", "releases", help="Releases, with commas between; default: one per major version.")
@json_option
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], releases: str | None, as_json: bool) -> None:
    """Put claims to the test: in which releases does each hold, and does the ledger say so?

    Releases that are missing are fetched; without --wasmtime, those that cannot be are left out. Exit status 1 if
    a release is not as the ledger says, 2 if something could not be run.
    """
    from rich.progress import Progress

    from labkit.claims import check, find_claims

    wanted = find_claims(names)
    versions, left_out = _versions(releases)
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("running", total=None)
        report = check(
            wanted,
            versions,
            load.program,
            on_cell=lambda _cell, done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(_plain(report, left_out))
    else:
        _show(report)
    for sentence in (*([left_out] if left_out else []), *report.disagreements, *report.problems):
        click.echo(f"labkit: {printable(sentence)}", err=True)
    ctx.exit(2 if report.problems else 1 if report.disagreements else 0)


def _versions(asked: str | None) -> tuple[list[str], str | None]:
    from labkit.claims import releases_within_reach
    from labkit.runtimes import add_runtime

    with progress("fetching releases") as say:
        if asked is not None:
            return [add_runtime(version, say).version for version in asked.split(",")], None
        found, left_out = releases_within_reach(say)
        return list(found), left_out


def _show(report: Report) -> None:
    from rich.table import Table
    from rich.text import Text

    speaker = console()
    if report.checked:
        tried = f"Claims, tried under Wasmtime {', '.join(report.runtimes)}"
        grid = Table(title=Text(tried, style="bold"), title_justify="left", show_lines=True)
        grid.add_column("claim", ratio=4, overflow="fold")
        grid.add_column("who says it", ratio=1)
        grid.add_column("releases", ratio=2)
        grid.add_column("verdict", ratio=4)
        for checked in report.checked:
            claim = checked.claim
            what = Text(f"{claim.claim}\n") + Text(claim.id, style="dim")
            verdict = Text(claim.verdict)
            if not checked.agrees:
                verdict += Text("\n≠ not what the ledger says", style="bold red")
            grid.add_row(what, claim.says, releases_text(checked), verdict)
        speaker.print(grid)
        speaker.print("✓ holds   ✗ does not hold   – cannot be run there   ? could not be done here")
    if report.waiting:
        speaker.print(
            f"\nNot run yet: {len(report.waiting)}, each with the scenario that it waits for", style="bold"
        )
        for claim in report.waiting:
            speaker.print(f"  {claim.id}  ({claim.waits_for})", style="dim", highlight=False, soft_wrap=True)


def releases_text(checked: Checked) -> Text:
    """Where a claim holds and where not, neighbours joined: `✓ 39–41  ✗ 42–50`."""
    from rich.text import Text

    from labkit.claims import compressed

    line = Text()
    for state, where in compressed({finding.runtime: finding.state for finding in checked.findings}):
        sign, style = _SIGNS[state]
        line.append(f"{sign} {where}  ", style=style)
    return line


def _plain(report: Report, left_out: str | None) -> dict[str, Any]:
    """The report for another program: each claim with its findings, without the traces; `shown` is its cell."""
    import msgspec

    from labkit.claims import showing_cells

    cells = showing_cells()
    return {
        "runtimes": report.runtimes,
        "left_out": left_out,
        "agrees": not report.disagreements,
        "claims": [
            {
                **msgspec.to_builtins(checked.claim),
                "notebook": checked.claim.family,
                "shown": cells.get(checked.claim.id),
                "agrees": checked.agrees,
                "disagreements": checked.disagreements,
                "findings": [
                    msgspec.to_builtins(msgspec.structs.replace(finding, traces={}))
                    for finding in checked.findings
                ],
            }
            for checked in report.checked
        ],
        "not_run_yet": [{**msgspec.to_builtins(claim), "notebook": claim.family} for claim in report.waiting],
    }
