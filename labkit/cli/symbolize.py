"""`labkit symbolize`: the backtraces of a trace, with the names and lines of a symbol file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit import bounds
from labkit.cli.out import console, json_option, printable
from labkit.errors import FormatError

if TYPE_CHECKING:
    from labkit.record import Step, Trace

_file = click.Path(dir_okay=False, path_type=Path)


@click.command(name="symbolize", epilog="Example: labkit symbolize mine.symbols.gz trace.json")
@click.argument("symbols", type=_file)
@click.argument("trace", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-")
@click.option(
    "--program",
    type=_file,
    help="The program of the trace, where somebody else has stripped it; its builds count.",
)
@json_option
def command(symbols: Path, trace: Path, program: Path | None, as_json: bool) -> None:
    """Give the frames of TRACE (a file, or standard input) the names and lines of SYMBOLS.

    With --json the trace is printed, as `labkit run --json` prints one, with names and places in its frames. Exit
    status 2 if the trace has no program that the symbols are of.
    """
    from labkit.host import Program
    from labkit.inspect import load_symbols, symbolize

    programs = [] if program is None else [Program.from_file(program)]
    found = symbolize(_read(trace), load_symbols(symbols), programs)
    if as_json:
        click.echo(found.to_json())
        return
    for step in found:
        if step.outcome is not None and step.outcome.frames:
            _show(step)


def _read(path: Path) -> Trace:
    from labkit.inspect import read_evidence
    from labkit.record import read_trace

    if str(path) != "-":
        return read_trace(read_evidence(path))
    data = sys.stdin.buffer.read(bounds.EVIDENCE + 1)
    if len(data) > bounds.EVIDENCE:
        raise FormatError(f"This trace is larger than {bounds.EVIDENCE // 2**20} MiB.")
    return read_trace(data)


def _show(step: Step) -> None:
    from labkit.cli.steps import outcome_text
    from labkit.record.backtrace import frame_text

    assert step.outcome is not None
    speaker = console()
    done = step.export if step.do == "call" else "instantiate"
    speaker.print(printable(f"step {step.n}, {done} of {step.program}: "), outcome_text(step.outcome), end="\n")
    for i, frame in enumerate(step.outcome.frames):
        for line in frame_text(i, frame).split("\n"):
            indent = len(line) - len(line.lstrip())
            speaker.print("  " + " " * indent + printable(line.lstrip()), markup=False, soft_wrap=True)
