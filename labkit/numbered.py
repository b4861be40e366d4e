"""Notebooks and failure modes are numbered, and people name them by their number: `4` for `04-start-function`."""

from __future__ import annotations

from collections.abc import Iterable


def numbered(name: str, known: Iterable[str]) -> str:
    """The one of `known` that begins with the number `name` (`4` or `04`); `name` itself for anything else."""
    if not name.isdecimal() or not name.isascii():
        return name
    for one in known:
        number, dash, _rest = one.partition("-")
        if dash and number.isdecimal() and int(number) == int(name):
            return one
    return name
