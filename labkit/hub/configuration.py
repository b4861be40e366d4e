"""JupyterHub's settings for a room."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from traitlets.config import Config

from labkit.hub.authenticator import authenticator_for
from labkit.hub.board import wiring as board
from labkit.hub.isolated import IsolatedSpawner
from labkit.hub.pacing import Queue
from labkit.hub.passwords import Passwords
from labkit.hub.room import INSTRUCTOR, Room
from labkit.hub.spawner import AttendeeSpawner
from labkit.hub.watch import Watch

_TEMPLATES = Path(__file__).parent / "templates"
_CULLER = "idle-culler"
# Whoever is last in the queue of a full room waits this long at most.
_START_TIMEOUT = 1200
_HTTP_TIMEOUT = 120
# The proxy reports each connection that somebody's network has cut, and the board who was refused; the terminal
# is the instructor's page.
_INTO_FILE = ("/bin/sh", "-c", 'exec "$@" >>"$0" 2>&1')


def configuration(room: Room, passwords: Passwords, proxy: list[str], watch: Watch) -> Config:
    """All that JupyterHub is told; `proxy` is the command that starts its proxy."""
    c = Config()
    _configure_places(c, room, proxy)
    c.JupyterHub.authenticator_class = authenticator_for(room, passwords)
    c.Authenticator.allow_all = True
    c.Authenticator.admin_users = {INSTRUCTOR}
    # Through the proxy: its address is the same after a restart, and people agreed to be shown at one address.
    environment = board.attendees_environment(room.port, ip=room.local_ip)
    c.JupyterHub.spawner_class = _spawner_for(room, watch, environment)
    c.JupyterHub.template_paths = [str(_TEMPLATES)]
    c.JupyterHub.template_vars = {"labkit_names": room.names is not None}
    # JupyterHub would turn away whoever comes when so many are starting; here they queue.
    c.JupyterHub.concurrent_spawn_limit = 0
    # Seconds to wait before the page that says how it is going: none, so that it says so from the start.
    c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
    c.Spawner.start_timeout = _START_TIMEOUT
    c.Spawner.http_timeout = _HTTP_TIMEOUT
    services = [_culler(room), board.service(room.private / "board", free_port())]
    c.JupyterHub.services = [{**one, "command": _into_log(room, one["command"])} for one in services]
    c.JupyterHub.load_roles = [_role_of_culler(), *board.roles()]
    # Ctrl-C ends everything that was started.
    c.JupyterHub.cleanup_servers = True
    c.JupyterHub.cleanup_proxy = True
    return c


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _into_log(room: Room, command: Sequence[str]) -> list[str]:
    """The command with what it prints in the room's log; the process stays the one that was started."""
    return [*_INTO_FILE, str(room.log), *command]


def _configure_places(c: Config, room: Room, proxy: list[str]) -> None:
    c.JupyterHub.bind_url = f"http://{room.ip}:{room.port}"
    c.JupyterHub.hub_ip = "127.0.0.1"
    c.JupyterHub.hub_port = free_port()
    c.JupyterHub.db_url = f"sqlite:///{room.private / 'hub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(room.private / "cookie-secret")
    c.ConfigurableHTTPProxy.command = _into_log(room, proxy)
    c.ConfigurableHTTPProxy.log_level = "error"
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{free_port()}"
    c.ConfigurableHTTPProxy.pid_file = str(room.private / "proxy.pid")


def _spawner_for(room: Room, watch: Watch, environment: dict[str, str]) -> type[AttendeeSpawner]:
    """The spawner of one room. JupyterHub wants a class, and copies what it is configured with."""
    kind = IsolatedSpawner if room.isolate else AttendeeSpawner
    shared: dict[str, Any] = {
        "room": room,
        "watch": watch,
        "queue": Queue(room.at_once),
        "environment_of_all": environment,
    }
    return type("SpawnerOfThisRoom", (kind,), shared)


def _culler(room: Room) -> dict[str, Any]:
    every = max(1, min(60, int(room.idle / 2)))
    return {
        "name": _CULLER,
        "command": [
            *(sys.executable, "-m", "jupyterhub_idle_culler"),
            *(f"--timeout={room.idle:.0f}", f"--cull-every={every}", "--concurrency=4"),
            # It would say at each start which library it could be faster with.
            "--IdleCuller.log_level=ERROR",
        ],
    }


def _role_of_culler() -> dict[str, object]:
    return {
        "name": _CULLER,
        "services": [_CULLER],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
