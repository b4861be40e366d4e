"""Running a room: JupyterHub in this process, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
from collections.abc import Callable
from typing import Any

from jupyterhub.app import JupyterHub
from traitlets.config import Config

from labkit.errors import LabkitError
from labkit.hub.configuration import configuration
from labkit.hub.passwords import Passwords
from labkit.hub.room import Room
from labkit.hub.watch import Watch

# Of the programs around it: without these the hub would take the settings of another one for its own.
_FOREIGN = ("CONFIGPROXY_AUTH_TOKEN", "JPY_COOKIE_SECRET", "JUPYTERHUB_CRYPT_KEY")


def run_room(
    room: Room,
    passwords: Passwords,
    proxy: list[str],
    on_ready: Callable[[], None],
    on_end: Callable[[int], None],
) -> None:
    """Open the room, call `on_ready`, and return when it has been closed: by Ctrl-C or SIGTERM.

    `on_end` hears when closing begins, and how many attendees' servers there are to stop. Everything that was
    started is gone when it returns. Raises `LabkitError` when it could not be opened.
    """
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.umask(0o077)
    _allow_many_files()
    watch = Watch(room.limits)
    hub = _Hub.instance(
        config=configuration(room, passwords, proxy, watch),
        room=room,
        watch=watch,
        on_ready=on_ready,
        on_end=on_end,
    )
    try:
        _Hub.launch_instance([])
    except SystemExit as end:
        if end.code:
            raise LabkitError(f"The room could not be opened; {room.log} says why.") from None
    finally:
        hub.clear_instance()


class _Hub(JupyterHub):
    """JupyterHub that speaks into a file, looks after its attendees, and says when it is up."""

    def __init__(
        self,
        *,
        config: Config,
        room: Room,
        watch: Watch,
        on_ready: Callable[[], None],
        on_end: Callable[[int], None],
        **settings: Any,
    ) -> None:
        super().__init__(config=config, **settings)
        self._room, self._watch, self._on_ready, self._on_end = room, watch, on_ready, on_end
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await super().start()
        self._watching = asyncio.create_task(self._watch.run(self.log.warning))
        self._on_ready()

    async def cleanup(self) -> None:
        # A check of services finds one that has just been stopped, and breaks.
        for callback in self._periodic_callbacks.values():
            callback.stop()
        self._on_end(self._running_servers())
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        await super().cleanup()

    def _running_servers(self) -> int:
        return sum(spawner.active for user in self.users.values() for spawner in user.spawners.values())

    def load_config_file(self, *_names: Any, **_options: Any) -> None:
        """Nothing beside `configuration`: JupyterHub would take a file that happens to lie here."""

    def init_logging(self) -> None:
        super().init_logging()
        handler = logging.FileHandler(self._room.log)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handler.setLevel(logging.INFO)
        self.log.handlers = [handler]
        self.log.propagate = False


def _allow_many_files() -> None:
    """Each attendee costs the hub some connections, and systems begin with a low limit that may be raised."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
