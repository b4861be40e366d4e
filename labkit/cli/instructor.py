"""`labkit instructor`: the notes for whoever teaches with the notebooks, with questions and solutions."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="instructor", epilog="Example: labkit instructor plans")
@click.argument("page", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write all as web pages into this folder.")
def command(page: str | None, output: Path | None) -> None:
    """Print the guide for instructors, or PAGE: `plans`, or a notebook's name or number.

    The notes to a notebook end with its questions, the right answers, and a solution to each exercise.
    """
    from labkit.errors import ArgumentError
    from labkit.handouts.instructor import instructor_text, write_instructor_pages

    if output is not None:
        if page is not None:
            raise ArgumentError("--output writes all pages; name either a page or a folder.")
        written = write_instructor_pages(output)
        click.echo(f"{output / 'index.html'} is the first of {len(written)} pages; none needs a network.")
        return
    # Markdown reads well as it is, and can be kept: `labkit instructor 01 > notes.md`.
    click.echo(instructor_text(page) if page else instructor_text(), nl=False)
