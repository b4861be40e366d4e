"""The service itself: its routes, and where it listens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler
from tornado.httpserver import HTTPServer
from tornado.web import Application, RedirectHandler, RequestHandler

from labkit.errors import LabkitError
from labkit.hub.board.attendees import Attendees
from labkit.hub.board.kept import Shelf
from labkit.hub.board.pages import BoardJson, BoardPage, ClearBoard, NoPage
from labkit.hub.board.reports import ReportHandler
from labkit.hub.board.style import style_sheet
from labkit.hub.board.wiring import FOLDER
from labkit.workshop.catalogue import exercises

NEEDED = ("JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_API_TOKEN", FOLDER)


class _Asset(RequestHandler):
    """A text that is part of every page and says nothing about anybody."""

    def initialize(self, text: str, kind: str) -> None:
        """Called by tornado with what the route holds."""
        self._text = text
        self._kind = kind

    def get(self) -> None:
        """Give it; the browser asks again each time whether it is still the same."""
        self.set_header("Content-Type", f"{self._kind}; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish(self._text)


def application(folder: Path, prefix: str, hub: HubOAuth) -> Application:
    """The board under `prefix` (a path that ends with a slash), with what it knows in `folder`."""
    shelf = Shelf(folder)
    shipped = exercises()
    script = (Path(__file__).parent / "page" / "board.js").read_text("utf-8")
    shown = {"shelf": shelf, "exercises": list(shipped.values()), "attendees": Attendees(hub)}
    return Application(
        [
            (prefix.rstrip("/"), RedirectHandler, {"url": prefix}),
            (prefix, BoardPage, shown),
            (f"{prefix}board.json", BoardJson, shown),
            (f"{prefix}clear", ClearBoard, shown),
            (f"{prefix}report", ReportHandler, {"shelf": shelf, "known": shipped, "hub": hub}),
            (f"{prefix}board.css", _Asset, {"text": style_sheet(), "kind": "text/css"}),
            (f"{prefix}board.js", _Asset, {"text": script, "kind": "text/javascript"}),
            (f"{prefix}oauth_callback", HubOAuthCallbackHandler),
        ],
        default_handler_class=NoPage,
        prefix=prefix,
        # A restart of the service logs an admin in again, without a question.
        cookie_secret=secrets.token_bytes(32),
        xsrf_cookies=True,
    )


async def serve(environment: Mapping[str, str]) -> None:
    """Run the board as JupyterHub's environment says, for ever; raises `LabkitError` if that says too little."""
    missing = [name for name in NEEDED if not environment.get(name)]
    if missing:
        raise LabkitError(f"The board is started by JupyterHub, as a service; {missing[0]} is not set.")
    address = urlsplit(environment["JUPYTERHUB_SERVICE_URL"])
    board = application(Path(environment[FOLDER]), environment["JUPYTERHUB_SERVICE_PREFIX"], HubOAuth.instance())
    server = HTTPServer(board, body_timeout=30, idle_connection_timeout=60)
    server.listen(address.port or 80, address.hostname or "127.0.0.1")
    await asyncio.Event().wait()
