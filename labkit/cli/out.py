"""What the commands share for speaking: JSON or a rich console, results on standard output, progress on error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

json_option = click.option("as_json", "--json", is_flag=True, help="Print JSON and nothing else.")


def console(*, stderr: bool = False) -> Console:
    """A console for results, or for progress on standard error."""
    from rich.console import Console

    found = Console(stderr=stderr, highlight=False)
    if not found.is_terminal:
        # A log or a pipe has no width of its own; 80 columns would break sentences and cut tables.
        found.width = 140
    return found


def print_json(value: Any) -> None:
    """Print a struct, dict or list as JSON, indented for people."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def printable(text: str) -> str:
    """`text` on one line without anything that a terminal would obey: traces and logs come from strangers."""
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "�" for sign in text)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Shows on standard error that work goes on; what it yields prints a line of the work's own output."""
    speaker = console(stderr=True)
    started = time.monotonic()

    def say(line: str) -> None:
        if line.strip():
            speaker.print(f"  {printable(line)}", style="dim", markup=False, soft_wrap=True)
            seconds = time.monotonic() - started
            status.update(f"{title} … {seconds:.0f} s")

    with speaker.status(f"{title} …") as status:
        yield say


def size_text(size: int) -> str:
    """Bytes as `812 bytes`, `22.9 KiB`, `1.4 MiB` or `2.1 GiB`."""
    if size < 1024:
        return f"{size} bytes"
    if size < 1024**2:
        return f"{size / 1024:.1f} KiB"
    if size < 1024**3:
        return f"{size / 1024**2:.1f} MiB"
    return f"{size / 1024**3:.1f} GiB"
