"""What the instructor sees and presses: the page, its JSON, and a button that clears the board."""

from __future__ import annotations

import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import msgspec
from jupyterhub.services.auth import HubOAuthenticated
from tornado.web import HTTPError, RequestHandler, authenticated

from labkit.hub.board.attendees import Attendees
from labkit.hub.board.kept import Shelf
from labkit.hub.board.room import Room, room
from labkit.workshop.catalogue import Exercise

PATIENCE: Final = (5, 10, 15, 20, 30, 45)
"""After how many minutes without a change somebody may count as standing still."""

_PATIENCE: Final = 10
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Page(RequestHandler):
    """What all pages of the board share: headers that keep it to itself, and errors in a sentence."""

    def set_default_headers(self) -> None:
        """Nothing from elsewhere, in nobody's frame, in no cache."""
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def get_template_path(self) -> str:
        """Where the pages lie."""
        return str(Path(__file__).parent / "page")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say in a sentence what did not work."""
        error = kwargs.get("exc_info", (None, None))[1]
        said = getattr(error, "log_message", None)
        sentence = said or f"This did not work: {HTTPStatus(status_code).phrase.lower()}."
        self.finish(self.render_string("problem.html", sentence=sentence, prefix=self.settings["prefix"]))


class NoPage(Page):
    """Whatever the board does not have."""

    def prepare(self) -> None:
        """Every method gets the same answer."""
        raise HTTPError(404, "The board has one page; there is nothing at this address.")


class AdminPage(HubOAuthenticated, Page):  # type: ignore[misc]  # JupyterHub has no types
    """A page that only the hub's admins see; everybody else is asked to log in, or told so."""

    def initialize(self, shelf: Shelf, exercises: list[Exercise], attendees: Attendees) -> None:
        """Called by tornado with what the route holds."""
        self._shelf = shelf
        self._exercises = exercises
        self._attendees = attendees

    def admins_only(self) -> None:
        """Raise a 403 for anybody else."""
        if not self.current_user.get("admin"):
            raise HTTPError(403, "Only the hub's admins see who is where in the exercises.")

    async def room(self) -> Room:
        """The room now."""
        return room(
            self._shelf.all(),
            self._exercises,
            now=time.time(),
            patience=self.patience,
            present=await self._attendees.present(),
        )

    @property
    def patience(self) -> int:
        """The minutes that the address asks for, or the usual ones."""
        wanted = self.get_query_argument("still", "")
        return int(wanted) if wanted in map(str, PATIENCE) else _PATIENCE


class BoardPage(AdminPage):
    """The board as a page, whole without a script; with one it keeps itself up to date."""

    @authenticated
    async def get(self) -> None:
        """Show it."""
        self.admins_only()
        self.render("board.html", room=await self.room(), patience=self.patience, choices=PATIENCE)


class BoardJson(AdminPage):
    """The board as JSON, which the page asks for again and again."""

    def get_login_url(self) -> str:
        """A script cannot log anybody in."""
        raise HTTPError(403, "Log in again: load the board's page anew.")

    @authenticated
    async def get(self) -> None:
        """Give it."""
        self.admins_only()
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(await self.room()))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with `problem`, a sentence."""
        said = getattr(kwargs.get("exc_info", (None, None))[1], "log_message", None)
        self.finish({"problem": said or HTTPStatus(status_code).phrase})


class ClearBoard(AdminPage):
    """The button that begins a new session: the board forgets everybody."""

    @authenticated
    def post(self) -> None:
        """Forget, and show the empty board."""
        self.admins_only()
        self._shelf.clear()
        self.redirect("./", status=303)
