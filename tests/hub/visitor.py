"""Somebody at a browser: logs in, waits for the lab, runs cells in kernels. All over HTTP and websockets."""

from __future__ import annotations

import json
import re
import socket
import struct
import time
import uuid
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import requests
import websocket

_PATIENCE = 60.0


@dataclass
class Ran:
    """What came of a cell: printed text, and the error's name and text if it raised."""

    text: str = ""
    error: str | None = None


class _Browser(requests.Session):
    """A session that does not wait for ever."""

    patience = _PATIENCE

    def request(self, *args: Any, **options: Any) -> requests.Response:
        return super().request(*args, **{"timeout": self.patience, **options})


class Visitor:
    """A browser with cookies of its own, in the room at `address`."""

    def __init__(self, address: str, name: str, *, patience: float = _PATIENCE) -> None:
        self.address = address
        self.name = name
        self.patience = patience
        self.web = _Browser()
        self.web.patience = patience
        # As a browser says it: the hub answers a page, and not a script.
        self.web.headers["Sec-Fetch-Mode"] = "navigate"
        self.landed = ""
        self.statuses: list[int] = []
        self._kernels: list[Kernel] = []
        self.web.hooks["response"].append(lambda answer, **_: self.statuses.append(answer.status_code))

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_error: object) -> None:
        for kernel in self._kernels:
            kernel.close()
        self.web.close()

    def log_in(self, password: str, pin: str = "", *, name: str | None = None) -> requests.Response:
        """Fill in the form; the answer is the page on which that ends."""
        form = self.web.get(f"{self.address}/hub/login")
        fields = {"username": name or self.name, "password": password, "pin": pin, "_xsrf": _hidden(form.text)}
        return self.web.post(f"{self.address}/hub/login", data=fields)

    def enter(self, password: str, pin: str = "1234") -> Visitor:
        """Log in and wait until the lab is there."""
        answer = self.log_in(password, pin)
        assert answer.status_code == 200, refusal(answer)
        self.wait_for_lab()
        return self

    def wait_for_lab(self) -> None:
        """Follow the page that says how it is going until the lab has been reached."""
        until = time.monotonic() + self.patience
        while True:
            answer = self.web.get(f"{self.address}/hub/spawn-pending/{self.name}")
            if f"/user/{self.name}/lab" in answer.url:
                assert answer.status_code == 200
                self.landed = answer.url.partition(f"/user/{self.name}/")[2]
                return
            assert answer.status_code == 200, (answer.url, refusal(answer))
            assert time.monotonic() < until, (answer.url, refusal(answer))
            time.sleep(0.2)

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        """Ask the visitor's own server."""
        headers = {"X-XSRFToken": self._xsrf(f"/user/{self.name}/"), "Sec-Fetch-Mode": "cors"}
        return self.web.request(method, f"{self.address}/user/{self.name}/api/{path}", headers=headers, **options)

    def contents(self, path: str) -> Any:
        """A notebook, file or folder of the visitor's, as the lab shows it."""
        answer = self.api("GET", f"contents/{path}")
        answer.raise_for_status()
        return answer.json()["content"]

    def write(self, path: str, text: str) -> None:
        """A text file of the visitor's."""
        self.api(
            "PUT", f"contents/{path}", json={"type": "file", "format": "text", "content": text}
        ).raise_for_status()

    def kernel(self) -> Kernel:
        """A new kernel in the visitor's notebooks."""
        answer = self.api("POST", "kernels", json={"name": "python3"})
        answer.raise_for_status()
        self._kernels.append(Kernel(self, answer.json()["id"]))
        return self._kernels[-1]

    def names_on_board(self) -> list[str]:
        """Who is on the instructor's board; the page comes first, because it is what logs in there."""
        board = f"{self.address}/services/labkit-board/"
        self.web.get(board).raise_for_status()
        return [row["name"] for row in self.web.get(f"{board}board.json").json()["rows"]]

    def cookies(self, path: str) -> str:
        """The header that a browser would send there."""
        request = self.web.prepare_request(requests.Request("GET", f"{self.address}{path}"))
        return str(request.headers.get("Cookie", ""))

    def _xsrf(self, path: str) -> str:
        return next((str(c.value) for c in self.web.cookies if c.name == "_xsrf" and c.path == path), "")


@dataclass
class Kernel:
    """A kernel of a visitor's, through the websocket that JupyterLab uses."""

    visitor: Visitor
    id: str
    _socket: Any = field(default=None, repr=False)

    def _connect(self) -> None:
        """As a page that was away: the server lets go of whom its pings do not reach."""
        self.close()
        path = f"/user/{self.visitor.name}/api/kernels/{self.id}/channels"
        self._socket = websocket.create_connection(
            f"{self.visitor.address.replace('http', 'ws')}{path}",
            cookie=self.visitor.cookies(path),
            origin=self.visitor.address,
            timeout=self.visitor.patience,
        )

    def run(self, code: str) -> Ran:
        """Run a cell to its end."""
        return self.wait(self.start(code))

    def start(self, code: str) -> str:
        """Begin a cell, and return its message's id."""
        self._connect()
        message = uuid.uuid4().hex
        header = {"msg_id": message, "msg_type": "execute_request", "session": uuid.uuid4().hex}
        header |= {"username": "", "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        content |= {"user_expressions": {}, "stop_on_error": True}
        frame = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self._socket.send(json.dumps(frame))
        return message

    def wait(self, message: str) -> Ran:
        """Until the cell has ended, or the kernel has."""
        ran = Ran()
        while True:
            frame = json.loads(self._socket.recv())
            kind, content = frame["msg_type"], frame["content"]
            if kind == "status" and content["execution_state"] in ("restarting", "dead"):
                return Ran(ran.text, "kernel died")
            if frame["parent_header"].get("msg_id") != message:
                continue
            if kind == "stream":
                ran.text += content["text"]
            elif kind == "error":
                ran.error = f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                return ran

    def cut(self) -> None:
        """Vanish as somebody does whose network breaks: with a reset, and no word of farewell."""
        wire = self._socket.sock
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.close()

    def close(self) -> None:
        """Leave the kernel to itself."""
        if self._socket is not None:
            self._socket.close()


def refusal(answer: requests.Response) -> str:
    """What the log-in page says is wrong, or any page's text."""
    found = re.search(r'class="login_error">(.*?)<', answer.text, re.DOTALL)
    return unescape(found[1]).strip() if found else re.sub(r"<[^>]+>|\s+", " ", answer.text)[:600]


def _hidden(page: str) -> str:
    found = re.search(r'name="_xsrf" value="([^"]*)"', page)
    assert found is not None, page
    return found[1]
