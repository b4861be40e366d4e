"""Finds a guest's last words."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Rust prints `thread '<name>' (<id>) panicked at <place>:` and the message on the next line; a panic hook that
# formats the same information has `panicked at <place>:` too.
_PANIC = re.compile(
    r"panicked at (?P<place>[^\n]+?):\n(?P<message>.*?)(?:\nnote: |\nstack backtrace:|\Z)", re.DOTALL
)


def panic_message(said: Iterable[str]) -> str | None:
    """`panicked at src/lib.rs:9:9: input too large: 101` from what a guest said, or None.

    The message of a panic is not in the trap: it goes to standard error, or to a host import that the guest's
    panic hook calls, so both are searched; the last panic counts.
    """
    found = None
    for text in said:
        for match in _PANIC.finditer(text):
            found = f"panicked at {match['place']}: {match['message'].strip()}"
    return found
