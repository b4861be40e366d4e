"""A real JupyterHub with the board as its service, real log-ins, and a server per attendee."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import requests

from labkit.hub import get_proxy

PASSWORD = "a room full of people"
ADMIN = "grace"
ADMIN_PASSWORD = "whoever knows this is the one who teaches"

_CONFIG = """
import json, sys
from pathlib import Path
from labkit.hub.board import wiring

ports = json.loads(Path("ports.json").read_text())
c.JupyterHub.bind_url = f"http://127.0.0.1:{ports['public']}"
c.JupyterHub.hub_port = ports["hub"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports['proxy']}"
c.ConfigurableHTTPProxy.command = json.loads(Path("proxy.json").read_text())
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = PASSWORD
c.SharedPasswordAuthenticator.admin_password = ADMIN_PASSWORD
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {ADMIN}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(Path("homes").resolve() / "{username}")
c.Spawner.cmd = [sys.executable, SERVER]
c.Spawner.environment = {"GIVEN": str(Path("given").resolve()), **wiring.attendees_environment(ports["board"])}
c.JupyterHub.services = [wiring.service(Path("board").resolve(), ports["board"])]
c.JupyterHub.load_roles = wiring.roles()
"""


class Hub:
    """A hub in `home`; a context manager. `log` is what it said."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._ports = dict(zip(("public", "hub", "proxy", "board"), _free_ports(4), strict=True))
        self.url = f"http://127.0.0.1:{self._ports['public']}"
        self.board = f"{self.url}/services/labkit-board/"

    @property
    def log(self) -> str:
        return (self.home / "hub.log").read_text("utf-8", "replace")

    def log_in(self, name: str) -> requests.Session:
        """A browser's session in which somebody is logged in at the hub, and at the board if it lets them."""
        session = requests.Session()
        page = session.get(f"{self.url}/hub/login")
        form = {
            "username": name,
            "password": ADMIN_PASSWORD if name == ADMIN else PASSWORD,
            "_xsrf": session.cookies["_xsrf"],
        }
        answer = session.post(f"{self.url}/hub/login?next=/hub/home", data=form)
        assert (page.status_code, answer.status_code) == (200, 200), answer.text
        session.get(self.board)
        return session

    def environment_of(self, name: str) -> dict[str, str]:
        """What the server of an attendee is given; the server is started for it, and runs from then on."""
        given = self.home / "given" / f"{name}.json"
        if not given.exists():
            session = self.log_in(name)
            xsrf = {"X-XSRFToken": session.cookies.get("_xsrf", path="/hub/")}
            answer = session.post(f"{self.url}/hub/api/users/{name}/server", headers=xsrf)
            assert answer.status_code in (201, 202), answer.text
            _wait(given.exists, self)
        found: dict[str, str] = json.loads(given.read_text())
        return found

    def __enter__(self) -> Hub:
        for folder in ("given", "homes"):
            (self.home / folder).mkdir(parents=True)
        (self.home / "ports.json").write_text(json.dumps(self._ports))
        (self.home / "proxy.json").write_text(json.dumps(get_proxy(print)))
        server = Path(__file__).with_name("attendee_server.py")
        given = f"PASSWORD, ADMIN, ADMIN_PASSWORD, SERVER = {(PASSWORD, ADMIN, ADMIN_PASSWORD, str(server))!r}"
        (self.home / "jupyterhub_config.py").write_text(f"{given}\n{_CONFIG}")
        with (self.home / "hub.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub"],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, so that what it starts can be ended with it.
                start_new_session=True,
            )
        try:
            _wait(self._up, self)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def _up(self) -> bool:
        try:
            return requests.get(self.board, allow_redirects=False, timeout=5).status_code == 302
        except requests.ConnectionError:
            return False

    def _end(self) -> None:
        # As Ctrl-C does: the hub then ends its proxy, its service and the servers itself.
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _wait(until: Callable[[], bool], hub: Hub) -> None:
    end = time.monotonic() + 60
    while not until():
        assert hub.running, hub.log[-3000:]
        assert time.monotonic() < end, hub.log[-3000:]
        # Nothing tells when a port opens or a file is there, so it is asked.
        time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
