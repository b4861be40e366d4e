"""`labkit new`: a personal copy of the notebooks."""

from __future__ import annotations

from pathlib import Path

import click

from labkit.cli.out import json_option, print_json


@click.command(name="new", epilog="Example: labkit new my-notebooks")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--instructor", is_flag=True, help="With the notes for instructors.")
@json_option
def command(folder: Path, instructor: bool, as_json: bool) -> None:
    """Copy the notebooks into FOLDER, or bring an earlier copy up to date; your changes are kept."""
    from labkit.copies import refresh

    done = refresh(folder, instructor=instructor)
    if as_json:
        print_json(done)
        return
    for line in sentences(done.added, done.updated, done.kept):
        click.echo(line)
    click.echo(f"The notebooks are in {folder}; `labkit lab --folder {folder}` opens them.")


def sentences(added: tuple[str, ...], updated: tuple[str, ...], kept: tuple[str, ...]) -> list[str]:
    """What became of the copies, in words."""
    told = []
    if added:
        told.append(f"Copied {', '.join(added)}.")
    if updated:
        told.append(f"Updated {', '.join(updated)}.")
    told += [f"Kept your {name}, which you changed; rename it to get the newer one beside it." for name in kept]
    return told
