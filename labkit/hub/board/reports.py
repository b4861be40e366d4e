"""Where attendees' servers report to: each may write and delete what the board has of themselves, no more."""

from __future__ import annotations

import time
from collections.abc import Container
from http import HTTPStatus
from typing import Any

import msgspec
from jupyterhub.services.auth import HubAuth
from tornado.web import HTTPError, RequestHandler, stream_request_body

from labkit.hub.board.kept import Shelf
from labkit.workshop.report import LARGEST, Report


class RefusedError(HTTPError):
    """A report that is not taken; `sentence` says why."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(status, reason=status.phrase)
        self.sentence = sentence


@stream_request_body
class ReportHandler(RequestHandler):
    """PUT keeps a report, DELETE forgets it; whose it is, the hub says by the token in `Authorization`."""

    def initialize(self, shelf: Shelf, known: Container[str], hub: HubAuth) -> None:
        """Called by tornado with what the route holds; `known` are the ids of the exercises."""
        self._shelf = shelf
        self._known = known
        self._hub = hub
        self._body = bytearray()
        self._size = 0

    def check_xsrf_cookie(self) -> None:
        """No cookie counts here, so there is nothing that another page could make a browser send."""

    def data_received(self, chunk: bytes) -> None:
        """Keep as much of a body as a report may have, and count the rest."""
        self._size += len(chunk)
        if self._size <= LARGEST:
            self._body += chunk

    async def put(self) -> None:
        """Keep the report of whoever's token this is."""
        name = await self._whose()
        self._shelf.keep(name, self._report(), time.time())
        self.finish({"kept": True})

    async def delete(self) -> None:
        """Forget whoever's token this is."""
        self._shelf.forget(await self._whose())
        self.finish({"kept": False})

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with `problem`, a sentence."""
        error = kwargs.get("exc_info", (None, None))[1]
        sentence = error.sentence if isinstance(error, RefusedError) else "The board could not do this; try again."
        self.finish({"problem": sentence})

    async def _whose(self) -> str:
        token = self._hub.get_token(self, in_cookie=False)
        model = await self._hub.user_for_token(token, sync=False) if token else None
        if model is None or model["kind"] != "user":
            raise RefusedError(HTTPStatus.FORBIDDEN, "The hub knows no attendee with this token.")
        return str(model["name"])

    def _report(self) -> Report:
        if self._size > LARGEST:
            raise RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"A report has at most {LARGEST} bytes, this one has {self._size}.",
            )
        try:
            report = msgspec.json.decode(self._body, type=Report)
        except (msgspec.DecodeError, RecursionError) as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"This is no report: {error}.") from None
        unknown = [name for name in (*report.exercises, report.latest) if name and name not in self._known]
        if unknown:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"This board knows no exercise {unknown[0]!r}.")
        return report
