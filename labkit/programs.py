"""Guests of the catalogue as programs: where building ends and running begins."""

from __future__ import annotations

from labkit import guests
from labkit.host.program import Program


def build_program(
    name: str,
    *,
    source: str | None = None,
    debug: guests.Debug = "names",
    say: guests.Say | None = None,
) -> Program:
    """Compile a guest, with another `source` if given, or take it prebuilt; raises as `guests.build` does."""
    made = guests.build(name, source=source, debug=debug, say=say)
    return Program.from_bytes(
        made.name,
        made.wasm,
        how=made.how,
        toolchain=made.toolchain,
        seconds=made.seconds,
        log=made.log,
        sources=guests.sources(name, source),
    )
