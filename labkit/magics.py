"""`%load_ext labkit`: outcomes shown as badges, and `%%guest NAME` to edit and compile a guest in a cell."""

from __future__ import annotations

from typing import Any

from IPython.display import display

from labkit import views
from labkit.errors import ArgumentError
from labkit.host.program import Program
from labkit.notice import Notice
from labkit.programs import build_program


def load(ipython: Any) -> None:
    """Register the displays and the `%%guest` magic with an IPython shell."""
    views.register(ipython)

    def guest(line: str, cell: str) -> None:
        """`%%guest NAME`: compile the cell's Rust or WAT; the program becomes the variable NAME (- as _)."""
        # After a failed build the name must not stand for the last one that worked.
        ipython.user_ns.pop(line.strip().replace("-", "_"), None)
        program = build_cell(line, cell)
        ipython.push({program.name.replace("-", "_"): program})
        display(program)

    ipython.register_magic_function(guest, "cell", "guest")


def build_cell(line: str, cell: str) -> Program:
    """Compile a `%%guest` cell, or raise `BuildError` with the compiler's messages."""
    words = line.split()
    if len(words) != 1:
        raise ArgumentError("%%guest takes one name, that of the guest whose source the cell replaces.")
    (name,) = words
    if cell.lstrip().startswith(("(", ";;")):
        return Program.from_wat(name, cell)
    # The line of the magic stays as an empty one, so that the compiler's line numbers are the cell's.
    with Notice(f"compiling {name}") as notice:
        return build_program(name, source=f"\n{cell}", say=notice)
