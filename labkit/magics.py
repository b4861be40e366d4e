"""`%load_ext labkit`: outcomes shown as badges, and `%%guest NAME` to edit and compile a guest in a cell."""

from __future__ import annotations

from typing import Any

from IPython.display import display

from labkit import guests, views
from labkit.errors import ArgumentError, BuildError
from labkit.host.program import Program
from labkit.lab import program_of
from labkit.notice import Notice


def load_ipython_extension(ipython: Any) -> None:
    """What IPython calls for `%load_ext labkit`."""
    views.register(ipython)

    def guest(line: str, cell: str) -> None:
        """`%%guest NAME`: compile the cell's Rust or WAT; the program becomes the variable NAME (- as _)."""
        program = build_cell(line, cell)
        if program is not None:
            ipython.push({program.name.replace("-", "_"): program})
            display(program)

    ipython.register_magic_function(guest, "cell", "guest")


def build_cell(line: str, cell: str) -> Program | None:
    """Compile a `%%guest` cell; a compile error prints the compiler's message and gives None."""
    words = line.split()
    if len(words) != 1:
        raise ArgumentError("%%guest takes one name, that of the guest whose source the cell replaces.")
    (name,) = words
    if cell.lstrip().startswith(("(", ";;")):
        return Program.from_wat(name, cell)
    try:
        with Notice(f"compiling {name}") as notice:
            return program_of(guests.build(name, source=cell, say=notice))
    except BuildError as error:
        print(error.log or error)
        return None


