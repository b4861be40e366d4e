"""`labkit bench`: what a call costs, by reuse policy, engine and guest, and what a call is made of."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit.cli.out import console, printable, progress

if TYPE_CHECKING:
    from types import FrameType

    from labkit.cost import Plan, Results, Session

_SECONDS, _SECONDS_FOR_ALL, _SECONDS_IF_QUICK = 60.0, 300.0, 10.0
_QUICK = ("instantiation", "reuse")
_STANDARD_OUTPUT = "-"


@click.command(name="bench", epilog="Example: labkit bench instantiation policies --json costs.json")
@click.argument("subjects", nargs=-1)
@click.option("--seconds", type=click.FloatRange(1, 3600), help="Time to spend; default 60, or 300 with --all.")
@click.option("--quick", is_flag=True, help="Two tables in about ten seconds.")
@click.option("--all", "everything", is_flag=True, help="Guests that take seconds to compile as well.")
@click.option(
    "json_file",
    "--json",
    is_flag=False,
    flag_value=_STANDARD_OUTPUT,
    metavar="[FILE]",
    help="Write the results as JSON into FILE, or print them and nothing else.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Measure on the Dask cluster of this scheduler.")
@click.option("pyperf_file", "--pyperf", metavar="FILE", help="Write them for pyperf, which compares runs.")
@click.pass_context
def command(
    ctx: click.Context,
    subjects: tuple[str, ...],
    seconds: float | None,
    quick: bool,
    everything: bool,
    json_file: str | None,
    scheduler: str | None,
    pyperf_file: str | None,
) -> None:
    """Measure the tables and the guests named as SUBJECTS, all of them without any.

    Tables are instantiation, policies, phases, touched, traps, reuse, workers, compilation and recording; guests
    are empty, one-page, rust, large, component, composed, rust-component and python-component.

    Everything takes turns, call by call, in a process of its own. Each table ends with the noise of its own run: a
    difference below it is none. A table whose process hangs or crashes is lost, and no other. Exit status 2 if not
    one table was measured.

    With --scheduler, such as tcp://host:8786, the workers of a Dask cluster measure the tables, each wholly on one
    machine, which it names, and one at a time per machine; a table whose worker is lost goes to another one.
    """
    from labkit.cost import narrowed, pyperf_suite

    _check_file(json_file, "--json")
    _check_file(pyperf_file, "--pyperf")
    plans = narrowed(subjects or (_QUICK if quick else ()), everything=everything)
    budget = seconds or (_SECONDS_IF_QUICK if quick else _SECONDS_FOR_ALL if everything else _SECONDS)
    results = _measured(plans, budget, scheduler)
    if pyperf_file is not None:
        Path(pyperf_file).write_bytes(pyperf_suite(results))
    if json_file == _STANDARD_OUTPUT:
        click.echo(results.to_json())
    else:
        if json_file is not None:
            Path(json_file).write_text(results.to_json() + "\n", "utf-8")
        _show(results)
    if not any(row.times for table in results for row in table):
        ctx.exit(2)


def _check_file(name: str | None, option: str) -> None:
    """Raise `ArgumentError` now, and not after minutes of measuring, for a file that cannot be written."""
    from labkit.cost import is_subject
    from labkit.errors import ArgumentError

    if name is None or name == _STANDARD_OUTPUT:
        return
    if is_subject(name):
        raise ArgumentError(f"{option} takes a file, and {name} is something to measure; put it before {option}.")
    if not Path(name).absolute().parent.is_dir():
        raise ArgumentError(f"{name} cannot be written: there is no folder {Path(name).parent}.")


def _measured(plans: tuple[Plan, ...], seconds: float, scheduler: str | None) -> Results:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from labkit.cost import open_session
    from labkit.programs import build_program
    from labkit.runtimes import dask_cluster

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    bar = Progress(*columns, TimeElapsedColumn(), console=console(stderr=True), transient=True)
    task = bar.add_task("preparing", total=1.0)

    def on_results(results: Results, part: float) -> None:
        bar.update(task, completed=part, description=results.tables[-1].id)

    with dask_cluster(scheduler) if scheduler else nullcontext() as executor:
        with progress("building the guests") as say:
            session = open_session(
                *(plans, lambda name: build_program(name, say=say)),
                seconds=seconds,
                executor=executor,
                on_results=on_results,
            )
        with bar, _stopping(session):
            return session.run()


@contextmanager
def _stopping(session: Session) -> Iterator[None]:
    """An interrupt ends the run with what there is; a second one ends the command."""

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        session.stop()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _show(results: Results) -> None:
    from labkit.cli.bench_tables import grid

    speaker = console()
    for table in results:
        speaker.print(grid(table))
        speaker.print(table.noise.describe(), markup=False, soft_wrap=True)
        for why in dict.fromkeys(row.absent for row in table if row.absent):
            speaker.print(f"–  {printable(why)}", markup=False, style="dim", soft_wrap=True)
        if table.machine is not None:
            speaker.print(printable(table.machine.describe()), markup=False, soft_wrap=True)
        speaker.print()
    if any(table.machine is not None for table in results):
        speaker.print(f"Compare figures of one table only; {results.seconds:.0f} s in all")
    else:
        speaker.print(f"{results.machine.describe()}; {results.seconds:.0f} s", markup=False, soft_wrap=True)
    if results.problem:
        speaker.print(printable(results.problem), markup=False, soft_wrap=True)
