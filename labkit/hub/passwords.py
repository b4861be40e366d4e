"""What people prove who they are with: the room's password, the instructor's, and a PIN of each attendee's own.

The first two are kept as they are, so that a restart can print them again, in a file that only the hub's user
reads. PINs are people's own, and often used elsewhere: of them there is a salted hash and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec

from labkit.errors import ArgumentError, FormatError

SHORTEST_PASSWORD: Final = 8
SHORTEST_PIN: Final = 4

# Without signs that are mistaken for others when read from a wall: 12 of 31 are 59 bits.
_SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"

# 16 MiB and some 40 ms a try (RFC 7914 calls this cost interactive).
_SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1}


class Passwords(msgspec.Struct, frozen=True):
    """The two passwords of a room."""

    room: str
    instructor: str

    def opens_room(self, typed: str) -> bool:
        """Whether `typed` is the room's; takes as long whatever is typed."""
        return _same(typed, self.room)

    def is_instructors(self, typed: str) -> bool:
        """Whether `typed` is the instructor's; takes as long whatever is typed."""
        return _same(typed, self.instructor)


def new_password() -> str:
    """A password that is read from a wall and typed without mistakes: three groups of four signs."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(3))


def keep_passwords(folder: Path, room: str | None = None) -> Passwords:
    """The passwords kept in `folder`, made where there are none; `room` takes the place of the room's.

    Raises `ArgumentError` for a password that is too short, `FormatError` when the file is damaged.
    """
    if room is not None and len(room) < SHORTEST_PASSWORD:
        raise ArgumentError(f"The room's password needs {SHORTEST_PASSWORD} signs or more.")
    path = folder / "passwords.json"
    before = _read(path)
    kept = Passwords(
        room=room or (before.room if before else new_password()),
        instructor=before.instructor if before else new_password(),
    )
    if room == kept.instructor:
        raise ArgumentError("The room's password is the instructor's; take another one.")
    if kept != before:
        _write_private(path, msgspec.json.encode(kept))
    return kept


class Pins:
    """The attendees' PINs, a file for each account in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.glob("*.pin"))

    def has(self, account: str) -> bool:
        """Whether the account has chosen a PIN, which it does at its first log-in."""
        return self._path(account).exists()

    def choose(self, account: str, pin: str) -> None:
        """Keep a hash of this PIN."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        salt = os.urandom(16)
        _write_private(self._path(account), salt + _hash(pin, salt))

    def fits(self, account: str, pin: str) -> bool:
        """Whether this is the PIN the account has chosen."""
        kept = self._path(account).read_bytes()
        salt, known = kept[:16], kept[16:]
        return hmac.compare_digest(_hash(pin, salt), known)

    def forget(self, account: str) -> None:
        """The next log-in chooses a PIN anew."""
        self._path(account).unlink(missing_ok=True)

    def _path(self, account: str) -> Path:
        return self._folder / f"{account}.pin"


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, **_SCRYPT)


def _same(typed: str, known: str) -> bool:
    # Hashed first, so that not even the length of what is right takes its time.
    return hmac.compare_digest(hashlib.sha256(typed.encode()).digest(), hashlib.sha256(known.encode()).digest())


def _read(path: Path) -> Passwords | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Passwords)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        raise FormatError(f"{path} is damaged; delete it, and new passwords are made.") from None


def _write_private(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    temporary.replace(path)
