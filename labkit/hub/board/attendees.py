"""Who is here: what the hub tells about its users, as far as it lets the board ask."""

from __future__ import annotations

import time
from typing import Final

import msgspec
from jupyterhub.services.auth import HubAuth
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

_FRESH: Final = 15.0


class _User(msgspec.Struct):
    name: str
    admin: bool = False


class Attendees:
    """The users with a running server who are no admins; asked of the hub at most every quarter of a minute."""

    def __init__(self, hub: HubAuth) -> None:
        self._hub = hub
        self._asked = -_FRESH
        self._present: frozenset[str] | None = None

    async def present(self) -> frozenset[str] | None:
        """Their names, or None where the hub does not tell."""
        if time.monotonic() - self._asked >= _FRESH:
            self._asked = time.monotonic()
            self._present = await self._ask()
        return self._present

    async def _ask(self) -> frozenset[str] | None:
        request = HTTPRequest(
            f"{self._hub.api_url}/users?state=active&limit=200",
            headers={"Authorization": f"token {self._hub.api_token}"},
            ca_certs=self._hub.client_ca or None,
            client_cert=self._hub.certfile or None,
            client_key=self._hub.keyfile or None,
            request_timeout=5,
        )
        try:
            answer = await AsyncHTTPClient().fetch(request)
            users = msgspec.json.decode(answer.body, type=list[_User])
        except (HTTPClientError, OSError, msgspec.DecodeError):
            return None
        return frozenset(user.name for user in users if not user.admin)
