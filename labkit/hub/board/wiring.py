"""What a hub's configuration says to have the board: the service, its permissions, and what attendees are told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

FOLDER: Final = "LABKIT_BOARD_FOLDER"
"""The environment variable that tells the service where to keep what it knows."""

NAME: Final = "labkit-board"
"""The service's name; the hub serves it under `/services/labkit-board/`."""

PORT: Final = 10101
"""Where it listens, if nobody says otherwise."""


def service(folder: Path, port: int = PORT) -> dict[str, Any]:
    """An entry of `c.JupyterHub.services`: the board on this machine, with what it knows in `folder`."""
    return {
        "name": NAME,
        "url": f"http://127.0.0.1:{port}",
        "command": [sys.executable, "-m", "labkit.hub.board"],
        "environment": {FOLDER: str(folder)},
        # There is nothing to confirm: the board reads who somebody is, and nothing else of them.
        "oauth_no_confirm": True,
    }


def roles() -> list[dict[str, Any]]:
    """Entries of `c.JupyterHub.load_roles`.

    The board may ask who is here. Everybody may open it, so that it can say itself whom it is for.
    """
    return [
        {"name": NAME, "services": [NAME], "scopes": ["list:users"]},
        {"name": "user", "scopes": ["self", f"access:services!service={NAME}"]},
    ]


def attendees_environment(port: int = PORT, *, ip: str = "127.0.0.1", base: str = "/") -> dict[str, str]:
    """Entries of `c.Spawner.environment`: where attendees' servers find the board; `base` is the hub's base URL.

    It may be the board's own address or that of the hub's proxy. Whoever opted in did so for this one address, so
    a hub that is started again should give the same.
    """
    host = f"[{ip}]" if ":" in ip else ip
    return {"LABKIT_BOARD_URL": f"http://{host}:{port}{base.rstrip('/')}/services/{NAME}/"}
