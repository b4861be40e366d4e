"""`labkit hub`: a room for a workshop, a JupyterHub on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit.cli.lab import must_be_free
from labkit.cli.out import console, progress

if TYPE_CHECKING:
    from labkit.hub import Passwords, Room

_PASSWORD = "LABKIT_HUB_PASSWORD"


@click.command(name="hub", epilog="Example: labkit hub --attendees 30 --ip 0.0.0.0")
@click.option("--attendees", type=click.IntRange(1, 500), default=30, show_default=True, help="How many people.")
@click.option("--names", type=click.Path(path_type=Path), metavar="FILE", help="Only these, with a name per line.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"The room's password, in its first line [default: ${_PASSWORD}, or one is made].",
)
@click.option("--isolate", is_flag=True, help="A system account for each attendee, for strangers; takes root.")
@click.option("--ip", default="127.0.0.1", show_default=True, help="Listen here; 0.0.0.0 lets the network in.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Listen here.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default="labkit-room",
    show_default=True,
    help="Attendees' files, and what the hub remembers; made if it is not there.",
)
@click.option("--memory", type=click.IntRange(256), default=1536, show_default=True, help="MiB for each attendee.")
@click.option("--disk", type=click.IntRange(64), default=1024, show_default=True, help="MiB of files for each.")
@click.option("--processes", type=click.IntRange(64), default=512, show_default=True, help="Processes for each.")
@click.option(
    "--idle", type=click.IntRange(1), default=60, show_default=True, help="Minutes until a server stops."
)
@click.option("--allow-root", is_flag=True, help="As root and without --isolate, all the same.")
def command(
    attendees: int,
    names: Path | None,
    password_file: Path | None,
    isolate: bool,
    ip: str,
    port: int,
    folder: Path,
    memory: int,
    disk: int,
    processes: int,
    idle: int,
    allow_root: bool,
) -> None:
    """Open a room: each attendee logs in with a name and the room's password, and has a lab of their own.

    Without --isolate attendees run code as you, for rooms of people who trust each other. Ctrl-C ends it; the
    attendees' files stay, and the next time they go on where they were.
    """
    from labkit.hub import MIB, Limits, Room, check_room, get_proxy, open_room, prepare_room, read_names
    from labkit.hub.page import farewell

    must_be_free(port, ip)
    listed = read_names(names) if names is not None else None
    room = Room(
        folder=folder.absolute(),
        attendees=attendees if listed is None else max(attendees, len(listed)),
        names=listed,
        isolate=isolate,
        ip=ip,
        port=port,
        limits=Limits(memory * MIB, disk * MIB, processes),
        idle=60.0 * idle,
        at_once=max(2, os.cpu_count() or 2),
    )
    check_room(room, as_root=allow_root)
    passwords = prepare_room(room, _password(password_file))
    with progress("preparing the room") as say:
        proxy = get_proxy(say)
        say("starting JupyterHub")
    open_room(room, passwords, proxy, lambda: _show(room, passwords), _closing)
    click.echo(farewell(room))


def _closing(servers: int) -> None:
    if servers:
        click.echo(f"Stopping {servers} {'server' if servers == 1 else 'servers'}; this can take a minute.")
    else:
        click.echo("Closing the room.")


def _password(file: Path | None) -> str | None:
    from labkit.hub import read_password

    return read_password(file) if file is not None else os.environ.pop(_PASSWORD, None)


def _show(room: Room, passwords: Passwords) -> None:
    from rich.table import Table
    from rich.text import Text

    from labkit.hub import capacity
    from labkit.hub.page import rows

    grid = Table(show_header=False, box=None, padding=(0, 2, 0, 0), title="The room is open", title_justify="left")
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for about, says in rows(room, passwords, capacity()):
        grid.add_row(about, Text(says))
    console().print(grid)
