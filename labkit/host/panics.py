"""Finds a guest's last words."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Rust prints `thread '<name>' (<id>) panicked at <place>:` and the message on the next line; a panic hook that
# formats the same information has `panicked at <place>:` too.
_PANIC = re.compile(
    r"panicked at (?P<place>[^\n]+?):\n(?P<message>.*?)(?:\nnote: |\nstack backtrace:|\Z)", re.DOTALL
)


# An exception that nobody caught, as Python prints it: the innermost place comes last.
_EXCEPTION = re.compile(
    r"^Traceback \(most recent call last\):\n(?P<frames>(?: +[^\n]*\n)+)(?P<message>\S[^\n]*)", re.MULTILINE
)
_PLACE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')


def panic_message(said: Iterable[str]) -> str | None:
    """`panicked at src/lib.rs:9:9: input too large: 101` from what a guest said, or None.

    A guest in Python panics because of an exception, and says that before: `raised at guest.py:8: ValueError: …`.
    The message of a panic is not in the trap: it goes to standard error, or to a host import that the guest's
    panic hook calls, so both are searched; the last panic counts.
    """
    found = None
    for text in said:
        for match in _PANIC.finditer(text):
            found = f"panicked at {match['place']}: {match['message'].strip()}"
        for match in _EXCEPTION.finditer(text):
            if places := _PLACE.findall(match["frames"]):
                found = f"raised at {':'.join(places[-1])}: {match['message']}"
    return found
