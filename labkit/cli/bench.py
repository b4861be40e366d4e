"""`labkit bench`: what a call costs under each reuse policy."""

from __future__ import annotations

import click

from labkit.cli import load
from labkit.cli.out import console, json_option, print_json


@click.command(name="bench")
@click.argument("guest", default="process-panic")
@click.option("--seconds", type=click.FloatRange(1, 600), default=3.0, show_default=True, help="Time to spend.")
@json_option
def command(guest: str, seconds: float, as_json: bool) -> None:
    """Time `process-input(10.0)` of GUEST under each reuse policy, taking turns."""
    from rich.progress import Progress
    from rich.table import Table

    from labkit.cost import measure_policies
    from labkit.host import Engine

    program = load.program(guest)
    with Engine() as engine, Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("measuring", total=1.0)
        report = measure_policies(
            engine,
            program,
            "process-input",
            (10.0,),
            seconds=seconds,
            on_progress=lambda part: bar.update(task, completed=part),
        )
    if as_json:
        print_json(report)
        return
    speaker = console()
    grid = Table(title=f"Cost of a call of {guest} that returns", title_justify="left", title_style="bold")
    grid.add_column("policy")
    for column in ("median µs", "quartiles µs", "calls", "× cheapest"):
        grid.add_column(column, justify="right")
    least = min(cost.median_us for cost in report.costs)
    for cost in report.costs:
        quartiles = f"{cost.q1_us:,.1f} – {cost.q3_us:,.1f}"
        times = f"{cost.median_us / least:,.1f}"
        grid.add_row(cost.policy, f"{cost.median_us:,.1f}", quartiles, f"{cost.calls:,}", times)
    speaker.print(grid)
    speaker.print(f"Two runs of the same policy differed by {report.noise:.1%}. {report.machine}")
