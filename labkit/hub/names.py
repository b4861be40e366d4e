"""From the name somebody types to the name of their account."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from labkit.errors import ArgumentError, FormatError
from labkit.files import read_file
from labkit.hub.room import INSTRUCTOR

_ACCOUNT = re.compile(r"[a-z][a-z0-9-]{0,22}[a-z0-9]")
_MOST_BYTES = 2**20


def account_of(typed: str) -> str:
    """`Zoë Müller` → `zoe-muller`: what can be a folder, an address and a system account.

    Raises `ArgumentError` for a name of which no such account can be made.
    """
    # Letters with accents fall apart into a letter and a mark, and the marks go.
    parts = unicodedata.normalize("NFKD", typed.casefold())
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign))
    account = re.sub(r"[\s._-]+", "-", plain.strip()).strip("-")
    if not _ACCOUNT.fullmatch(account):
        raise ArgumentError("A name has 2 to 24 Latin letters and digits and begins with a letter, such as ada-l.")
    return account


def read_names(path: Path) -> frozenset[str]:
    """The accounts of a list with a name per line; empty lines and what follows a `#` say nothing.

    Raises `FormatError` for a list that cannot be read, or in which a name is no name, there twice or the
    instructor's.
    """
    try:
        lines = read_file(path, _MOST_BYTES).decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise FormatError(f"{path} is no list of names: it is not text.") from None
    found: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        name = line.partition("#")[0].strip()
        if not name:
            continue
        try:
            account = account_of(name)
        except ArgumentError as error:
            raise FormatError(f"{path}, line {number}: {error}") from None
        if account == INSTRUCTOR:
            raise FormatError(f"{path}, line {number}: {INSTRUCTOR} is the account that administers the room.")
        if account in found:
            raise FormatError(
                f"{path}, line {number}: {name} would be the same account as line {found[account]}, {account}; "
                "tell the two apart with an initial."
            )
        found[account] = number
    if not found:
        raise FormatError(f"{path} holds no names.")
    return frozenset(found)
