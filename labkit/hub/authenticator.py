"""Who gets in: a name, the room's password, and a PIN that belongs to the name from its first log-in on."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError

from labkit.errors import ArgumentError
from labkit.hub.gate import WINDOW, Gate
from labkit.hub.names import account_of
from labkit.hub.passwords import SHORTEST_PIN, Passwords, Pins
from labkit.hub.room import INSTRUCTOR, Room

_LOCKED: Final = f"Too many wrong tries; wait {WINDOW / 60:.0f} minutes and try again."
_WRONG: Final = "This is not the room's password; the instructor has it."
_WRONG_INSTRUCTOR: Final = "This is not the instructor's password; the terminal of `labkit hub` shows it."
_SHORT: Final = f"Choose a PIN of {SHORTEST_PIN} signs or more; nobody else gets in under your name then."


class RoomAuthenticator(Authenticator):
    """JupyterHub's question who somebody is, for one room; subclass with `authenticator_for`."""

    room: Room
    passwords: Passwords

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._gate = Gate()
        self._pins = Pins(self.room.private / "pins")
        self._choosing = asyncio.Lock()

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str:
        """The account that was logged in to; raises `HTTPError` with a sentence for the log-in page otherwise."""
        typed, password, pin = (data.get(field, "") for field in ("username", "password", "pin"))
        address = handler.request.remote_ip
        tried = _account_or_nothing(typed)
        if not self._gate.admits(tried, address):
            raise HTTPError(429, _LOCKED)
        # The password first: without it nobody learns which names there are.
        if tried == INSTRUCTOR:
            if not self.passwords.is_instructors(password):
                raise HTTPError(403, _WRONG_INSTRUCTOR)
        elif not self.passwords.opens_room(password):
            raise HTTPError(403, _WRONG)
        else:
            await self._check_name(typed, pin)
        self._gate.was_right(tried, address)
        return tried

    def delete_user(self, user: Any) -> None:
        """An account deleted by the instructor chooses its PIN anew; its files stay."""
        self._pins.forget(user.name)
        super().delete_user(user)

    async def _check_name(self, typed: str, pin: str) -> None:
        try:
            account = account_of(typed)
        except ArgumentError as error:
            raise HTTPError(403, str(error)) from None
        if self.room.names is not None and account not in self.room.names:
            raise HTTPError(403, f"{account} is not on the instructor's list of names.")
        # Two people who choose the same name at the same moment must not both succeed.
        async with self._choosing:
            if not self._pins.has(account):
                self._check_choice(pin)
                await asyncio.to_thread(self._pins.choose, account, pin)
                return
        if not await asyncio.to_thread(self._pins.fits, account, pin):
            raise HTTPError(
                403,
                f"{account} is taken, and this is not the PIN it was taken with; "
                "if you are somebody else, add an initial to your name.",
            )

    def _check_choice(self, pin: str) -> None:
        if len(pin) < SHORTEST_PIN:
            raise HTTPError(403, _SHORT)
        if len(self._pins) >= self.room.attendees:
            raise HTTPError(
                403, f"This room is for {self.room.attendees} people, and as many are in it; tell the instructor."
            )


def authenticator_for(room: Room, passwords: Passwords) -> type[RoomAuthenticator]:
    """The authenticator of one room. JupyterHub wants a class, and copies what it is configured with."""
    return type("AuthenticatorOfThisRoom", (RoomAuthenticator,), {"room": room, "passwords": passwords})


def _account_or_nothing(typed: str) -> str:
    try:
        return account_of(typed)
    except ArgumentError:
        return ""
