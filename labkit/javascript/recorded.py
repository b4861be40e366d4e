"""Accounts of a run that was made elsewhere, for a machine that has no Node or nothing to give it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from labkit import resources
from labkit.decodable import decodable
from labkit.errors import FormatError, unknown
from labkit.javascript.account import Account, Told, Versions


@decodable
class Recording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every story as it was told, and by what."""

    versions: Versions
    stories: dict[str, tuple[Told, ...]]


def recording() -> Recording:
    """The shipped recording; raises `FormatError` when it cannot be read."""
    try:
        return msgspec.json.decode(_path().read_bytes(), type=Recording)
    except (OSError, msgspec.DecodeError) as error:
        raise FormatError(f"labkit/javascript/recorded.json cannot be read: {error}.") from None


def recorded(story: str) -> Account:
    """The recorded account of a story; raises `UnknownNameError` for one that is not in the recording."""
    found = recording()
    if story not in found.stories:
        raise unknown("recorded story", story, found.stories)
    return Account(found.stories[story], found.versions, recorded=True)


def record(accounts: Mapping[str, Account]) -> Recording:
    """What to ship: accounts of one and the same run, by story."""
    versions = next(iter(accounts.values())).versions
    return Recording(versions, {story: account.told for story, account in accounts.items()})


def write_recording(accounts: Mapping[str, Account]) -> None:
    """Write the shipped recording anew."""
    text = msgspec.json.format(msgspec.json.encode(record(accounts)), indent=2) + b"\n"
    _path().write_bytes(text)


def _path() -> Path:
    return resources.PACKAGE / "javascript" / "recorded.json"
