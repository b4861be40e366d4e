"""The instructor's board as an attendee's notebook reaches it: where it is, and one request at a time."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec

from labkit.errors import LabkitError, quotable
from labkit.workshop.report import Report

TIMEOUT: Final = 3.0
"""Seconds for one request: a board is on this machine, or in this room."""

_ANSWER: Final = 10_000


class BoardError(LabkitError):
    """The board did not answer, or refused what it was sent."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object, **_named: object) -> None:
        """A token goes nowhere but to the board."""


@dataclass(frozen=True)
class Board:
    """A board at `url`; `token` is what the hub gave this server, and `user` whom it gave it to."""

    url: str
    token: str
    user: str

    @classmethod
    def here(cls) -> Board | None:
        """The board of the hub that started this server, if there is one."""
        url, token = os.environ.get("LABKIT_BOARD_URL", ""), os.environ.get("JUPYTERHUB_API_TOKEN", "")
        if not token or urlsplit(url).scheme not in ("http", "https"):
            return None
        return cls(url.rstrip("/"), token, os.environ.get("JUPYTERHUB_USER", ""))

    def send(self, report: Report) -> None:
        """Give the board a report; raises `BoardError`."""
        self._request("PUT", msgspec.json.encode(report))

    def withdraw(self) -> None:
        """Have the board delete what it has of this attendee; raises `BoardError`."""
        self._request("DELETE", None)

    def _request(self, method: str, body: bytes | None) -> None:
        request = Request(f"{self.url}/report", data=body, method=method)
        request.add_header("Authorization", f"token {self.token}")
        request.add_header("Content-Type", "application/json")
        # Whatever proxy this machine uses for the internet has no business here.
        opener = build_opener(ProxyHandler({}), _NoRedirect())
        try:
            with opener.open(request, timeout=TIMEOUT):
                return
        except HTTPError as error:
            with error:
                raise BoardError(_refusal(error)) from None
        except (OSError, HTTPException, ValueError):
            raise BoardError("The board does not answer.") from None


def _refusal(error: HTTPError) -> str:
    try:
        return quotable(str(json.loads(error.read(_ANSWER))["problem"]))
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return f"The board answers with status {error.code}."
