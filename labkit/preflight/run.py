"""The whole preflight: every row in turn, each with a limit, so that one that hangs is a row and no end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import msgspec

from labkit.diagnosis import Check, diagnose
from labkit.preflight import hub, room, tried

# The part of the page, what is looked at, how, and for how many seconds at most.
_Look = tuple[str, str, Callable[[], Check | Sequence[Check]], float]

_SLACK: Final = 10.0
_LIMIT: Final = 20.0
# What doctor finds and the preflight looks at more closely.
_CLOSER: Final = frozenset({"browser", "wasmtime", "JupyterLab"})
_BROKEN: Final = "Run the command again; if it stays, tell us what it printed."


class Row(msgspec.Struct, frozen=True):
    """One row of the page: `part` is where it stands, and `check` what was found."""

    part: str
    check: Check


class Preflight(msgspec.Struct, frozen=True):
    """All rows; `ready` if nothing is missing that the room cannot begin without. `missing` is a sentence each."""

    ready: bool
    attendees: int
    rows: tuple[Row, ...]
    missing: tuple[str, ...]


def preflight(attendees: int = 1, on_row: Callable[[str], None] = lambda _name: None) -> Preflight:
    """Look at this machine for one person, or as a hub for `attendees`; `on_row` hears what is looked at next.

    Takes ten seconds or so: a JupyterLab, a browser and a kernel are really started, and ended again.
    """
    used = room.releases_used()
    plan: list[_Look] = [
        ("the lab", "what doctor looks at", _doctor, 60.0),
        ("the lab", "packages", room.packages, _LIMIT),
        ("the lab", "other releases", partial(room.releases, used), _LIMIT),
        ("the machine", "memory", partial(room.memory, attendees), _LIMIT),
        ("the machine", "disk", partial(room.disk, attendees, len(room.missing_releases(used))), _LIMIT),
        ("the machine", "processors", partial(room.processors, attendees), _LIMIT),
        ("the machine", "localhost", partial(room.sockets, attendees), _LIMIT),
        ("the machine", "folders", room.folders, _LIMIT),
        ("the machine", "clock", room.clock, _LIMIT),
        ("the machine", "texts", room.texts, _LIMIT),
        *(_hub(attendees) if attendees > 1 else ()),
        ("tried just now", "JupyterLab answers", tried.jupyterlab, tried.LIMIT + _SLACK),
        ("tried just now", "browser", tried.browser, tried.LIMIT + _SLACK),
        ("tried just now", "time to first trap", tried.first_trap, tried.LIMIT + _SLACK),
    ]
    rows: list[Row] = []
    for part, name, look, limit in plan:
        on_row(name)
        rows += [Row(part, check) for check in within(limit, name, look)]
    return judged(attendees, rows)


def _hub(attendees: int) -> list[_Look]:
    return [
        ("the hub", f"port {hub.PORT}", hub.port, _LIMIT),
        ("the hub", "JupyterHub", hub.server, _LIMIT),
        ("the hub", "isolation", partial(hub.isolation, attendees), _LIMIT),
    ]


def judged(attendees: int, rows: Sequence[Row]) -> Preflight:
    """What the rows say together: the room can begin unless one of them is a problem."""
    missing = tuple(_sentence(row.check) for row in rows if row.check.state == "problem")
    return Preflight(not missing, attendees, tuple(rows), missing)


def within(limit: float, name: str, look: Callable[[], Check | Sequence[Check]]) -> list[Check]:
    """What `look` finds; a problem if it raises, or has found nothing after `limit` seconds."""
    found: list[Check] = []

    def work() -> None:
        try:
            seen = look()
            found.extend([seen] if isinstance(seen, Check) else seen)
        except Exception as error:  # a row that breaks is a row, and the others are still wanted
            found.append(Check(name, "problem", f"{type(error).__name__}: {error}", _BROKEN))

    # A daemon: a file system that hangs must not keep the command from ending.
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(limit)
    return found or [Check(name, "problem", f"nothing found within {limit:.0f} s", _BROKEN)]


def _doctor() -> list[Check]:
    return [check for check in diagnose().checks if check.name not in _CLOSER]


def _sentence(check: Check) -> str:
    return f"{check.name}: {check.found}. {check.advice}".strip()
