"""Guests of the catalogue as programs: where building ends and running begins.

A name may ask for another form of a guest: `process-panic:full` is built with all of its DWARF,
`process-panic:lines` with lines, and `process-panic:stripped` has neither DWARF nor names. So a scenario can name
it.
"""

from __future__ import annotations

from typing import Final

from labkit import guests
from labkit.errors import unknown
from labkit.host.program import Program
from labkit.inspect import strip

STRIPPED: Final = "stripped"
_DEBUG: Final[dict[str, guests.Debug]] = {"full": "full", "lines": "lines"}


def build_program(
    name: str,
    *,
    source: str | None = None,
    debug: guests.Debug = "names",
    say: guests.Say | None = None,
) -> Program:
    """Compile a guest, with another `source` if given, or take it prebuilt.

    Raises as `guests.build` does, and `UnknownNameError` for a form that there is not.
    """
    guest, _, form = name.partition(":")
    if form and form not in (STRIPPED, *_DEBUG):
        raise unknown(f"form of {guest}", form, (STRIPPED, *_DEBUG))
    made = guests.build(guest, source=source, debug=_DEBUG.get(form, debug), say=say)
    program = Program.from_bytes(
        name,
        made.wasm,
        how=made.how,
        toolchain=made.toolchain,
        seconds=made.seconds,
        log=made.log,
        sources=guests.sources(guest, source),
    )
    return strip(program)[0] if form == STRIPPED else program


class NotCompiled:
    """What the variable of a `%%guest` cell is while the cell does not compile."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"The cell with %%guest {self._name} did not compile: mend it and run it again"
