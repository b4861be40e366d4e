"""`share_progress()`: a checkbox with which an attendee shows the instructor where they are."""

from __future__ import annotations

import time
from typing import Any

import ipywidgets

from labkit.views import markup
from labkit.views.widget import LabWidget
from labkit.workshop.board import Board
from labkit.workshop.card import Card
from labkit.workshop.progress import Progress
from labkit.workshop.reporting import Consent, Reporter

_SENT = (
    "Sent, after each check, hint or solution: for every exercise you began its name, how often you checked an "
    "answer, how many hints you saw, whether you asked for the solution, and whether you passed; and which "
    "exercise you are at. The board notes when something changed, and under which name you are logged in "
    "here{user}."
)
_NEVER_SENT = (
    "Never sent: your answers, your code, what a check said, or anything else. Only the instructor sees the "
    "board, and it keeps this on the hub. Untick the box, and the board deletes what it has of you."
)


class ShareProgress(LabWidget):
    """A checkbox, off until it is ticked, and what became of it."""

    def __init__(self, reporter: Reporter, user: str) -> None:
        super().__init__()
        self._reporter = reporter
        self._sent = _SENT.format(user=f" ({user})" if user else "")
        self.checkbox = ipywidgets.Checkbox(
            value=reporter.consent.shared, description="Show the instructor where I am", indent=False
        )
        self.checkbox.layout.width = "auto"
        self.refresh_button = ipywidgets.Button(
            description="refresh", tooltip="Say anew when the last report got through"
        )
        self.refresh_button.layout.width = "auto"
        self._terms = ipywidgets.HTML(self._terms_html())
        self._status = ipywidgets.HTML()
        self.checkbox.observe(self._ticked, names="value")
        self.refresh_button.on_click(lambda _button: self._say(reporter.consent))
        row = ipywidgets.HBox([self.checkbox, self.refresh_button])
        self.children = (row, self._status, self.problem, self._terms)
        self._say(reporter.consent)

    def static(self) -> str:
        """What is shown and sent, without the checkbox."""
        return f"{self._status.value}{self.problem.value}{self._terms_html()}"

    def told(self) -> str:
        """What is shown and sent."""
        return "\n".join([self.sentence, self._sent, _NEVER_SENT])

    @property
    def sentence(self) -> str:
        """Whether the instructor sees anything, and when the last report got through."""
        return _told(self._reporter.consent)

    def _terms_html(self) -> str:
        return markup.boxed(
            *(markup.paragraph(markup.text(line), "lk-muted") for line in (self._sent, _NEVER_SENT))
        )

    def _ticked(self, change: dict[str, Any]) -> None:
        self.guarded("This could not be changed", lambda: self._say(self._reporter.share(bool(change["new"]))))

    def _say(self, consent: Consent) -> None:
        inner = f'<p role="status"><strong>{markup.text(_told(consent))}</strong></p>'
        self._status.value = markup.boxed(inner)


def _told(consent: Consent) -> str:
    if consent.shared:
        if not consent.sent:
            told = "Nothing has got through to the board yet."
        else:
            clock = time.strftime("%H:%M:%S", time.localtime(consent.sent))
            told = f"The instructor sees where you are; the last report got through at {clock}."
        again = f" {consent.problem} The next check tries again." if consent.problem else ""
        return told + again
    if consent.left:
        return f"Nothing more is sent. {consent.problem} It is asked to delete what it has at your next check."
    return "The instructor does not see where you are."


def share_progress() -> ShareProgress | Card:
    """A checkbox to show the instructor of this hub where you are in the exercises; nothing is sent before."""
    board = Board.here()
    if board is None:
        return Card("Nobody to share with", ["This lab runs on its own, so there is no instructor's board."])
    progress = Progress()
    return ShareProgress(Reporter(progress.folder, board, progress.all), board.user)
