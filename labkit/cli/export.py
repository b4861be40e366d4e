"""`labkit export`: a repro for people and programs that have no labkit, or the notebooks as static pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labkit.cli.out import console, json_option, print_json, printable
from labkit.errors import ArgumentError

if TYPE_CHECKING:
    from labkit.handouts import Exported, Page

_VARIANTS = ("clean", "executed", "solved")


@click.command(name="export", epilog="Example: labkit export mine.labkit -o mine.html")
@click.argument("what", metavar="[FILE|NOTEBOOK...]", nargs=-1)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The file, or the folder.")
@click.option("--variant", type=click.Choice(_VARIANTS), help="How the notebooks are written [default: clean].")
@click.option("--jobs", type=click.IntRange(1, 64), help="Run so many notebooks at a time.")
@click.option("--limit", type=click.FloatRange(1), help="Seconds that one notebook may take [default: 900].")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    what: tuple[str, ...],
    output: Path,
    variant: str | None,
    jobs: int | None,
    limit: float | None,
    as_json: bool,
) -> None:
    """Write a repro in another form, or notebooks as web pages that need no network.

    With FILE, a repro, the name of the output says the form: .html is a page with everything, which opens without
    network; .md a report for an issue tracker; .py a script that needs only wasmtime; .rs a host program in Rust;
    .wast a script for the test runners of engines.

    Otherwise the output is a folder for the shipped notebooks (names or numbers; default: all) and an index: clean
    as a trainee gets them, executed after a run, solved with the solutions in place and tried. Your own notebooks
    and progress are not touched. Exit status 1 if a cell fails or a solution does not pass.
    """
    if _is_repro(what):
        if variant or jobs or limit:
            raise ArgumentError("--variant, --jobs and --limit are for notebooks, and this is a repro.")
        _export_repro(Path(what[0]), output, as_json)
        return
    from labkit.handouts import LIMIT, jobs_here

    done = _export_notebooks(
        output, what, variant=variant or "clean", jobs=jobs or jobs_here(), limit=limit or LIMIT, quiet=as_json
    )
    if as_json:
        print_json(done)
    else:
        click.echo(f"{output / 'index.html'} is the first of {len(done.pages) + 1} pages; none needs a network.")
    ctx.exit(0 if done.ok else 1)


def _is_repro(what: tuple[str, ...]) -> bool:
    """One file that is there, or is named as files are; a notebook is named without a suffix or a folder."""
    return len(what) == 1 and (Path(what[0]).suffix not in ("", ".ipynb") or Path(what[0]).is_file())


def _export_repro(file: Path, output: Path, as_json: bool) -> None:
    from labkit.exports import export
    from labkit.record import load_repro

    written = export(load_repro(file), output, file.name)
    if as_json:
        print_json({"file": str(written)})
    else:
        click.echo(written)


def _export_notebooks(output: Path, names: tuple[str, ...], *, quiet: bool, **options: Any) -> Exported:
    """Write the pages; meanwhile a bar per notebook that runs, and a line for each that is done."""
    from rich.progress import Progress

    from labkit.handouts import export_notebooks

    speaker = console(stderr=True)
    with Progress(console=speaker, transient=True, disable=not speaker.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def on_cell(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done)

        def on_page(page: Page) -> None:
            if page.notebook in tasks:
                bar.remove_task(tasks[page.notebook])
            if not quiet:
                bar.console.print(told(page), markup=False, soft_wrap=True)
            for problem in page.problems:
                click.echo(f"labkit: {page.notebook}: {printable(problem)}", err=True)

        return export_notebooks(output, names, on_cell=on_cell, on_page=on_page, **options)


def told(page: Page) -> str:
    """What was written, in a line: `01-poisoned-component.html: 79 cells … in 34 s`."""
    ran = f", run in {page.seconds:.0f} s" if page.seconds is not None else ""
    left = f"; left out for want of a toolchain: {', '.join(page.left_out)}" if page.left_out else ""
    return f"{page.file}{ran}{left}"
