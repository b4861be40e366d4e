"""A room of strangers: what one attendee finds of another, of the hub and of the machine's owner."""

from __future__ import annotations

import json
import pwd
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from room_server import RoomServer
from visitor import Kernel, Visitor

# Runs as mallory, who tries each door and says what is behind it.
_TRY = """
import json, os, pathlib, socket, subprocess, urllib.request, urllib.error

def tried(what):
    try:
        return what()
    except Exception as error:
        return type(error).__name__

def status(path):
    request = urllib.request.Request(os.environ["JUPYTERHUB_API_URL"] + path)
    request.add_header("Authorization", "token " + os.environ["JUPYTERHUB_API_TOKEN"])
    try:
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code

found = {
    "uid": os.getuid(),
    "hers": tried(lambda: os.listdir(HERS)),
    "her file": tried(lambda: pathlib.Path(HERS, "labkit-notebooks", "diary.txt").read_text()),
    "private": tried(lambda: os.listdir(PRIVATE)),
    "homes": tried(lambda: os.listdir(os.path.dirname(HERS))),
    "log": tried(lambda: pathlib.Path(PRIVATE).with_name("hub.log").read_text()),
    "write into labkit": tried(lambda: pathlib.Path(PACKAGE, "mallory.py").write_text("")),
    "write into the cache": tried(lambda: pathlib.Path(CACHE, "mallory").write_text("")),
    "in /tmp": sorted(os.listdir("/tmp")),
    "in /dev/shm": os.listdir("/dev/shm"),
    "owners of processes": sorted({os.stat(f"/proc/{n}").st_uid for n in os.listdir("/proc") if n.isdigit()}),
    "kill her": tried(lambda: os.kill(PID, 9)),
    "her environment": tried(lambda: pathlib.Path(f"/proc/{PID}/environ").read_bytes()),
    "become root": subprocess.run(["setpriv", "--reuid=0", "true"], capture_output=True).returncode,
    "mount": subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode,
    "all users": status("/users"),
    "her account": status("/users/ada"),
    "herself": status("/users/mallory"),
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def ada(isolated: RoomServer) -> Iterator[Visitor]:
    with Visitor(isolated.address, "ada") as visitor:
        visitor.enter(isolated.password).write("diary.txt", "mine")
        yield visitor


@pytest.fixture(scope="module")
def ada_kernel(ada: Visitor) -> Kernel:
    kernel = ada.kernel()
    kernel.run("kept = 42; open('/tmp/mine', 'w').write('mine'); open('/dev/shm/mine', 'w').write('mine')")
    return kernel


@pytest.fixture(scope="module")
def mallory(isolated: RoomServer) -> Iterator[Visitor]:
    with Visitor(isolated.address, "mallory") as visitor:
        yield visitor.enter(isolated.password)


@pytest.fixture(scope="module")
def found(isolated: RoomServer, ada_kernel: Kernel, mallory: Visitor) -> Any:
    from labkit import resources

    (process,) = [p for p in _of("ada") if "ipykernel_launcher" in " ".join(p.cmdline())]
    places = {
        "HERS": str(isolated.folder / "attendees" / "ada"),
        "PRIVATE": str(isolated.folder / "private"),
        "PACKAGE": str(resources.PACKAGE),
        "CACHE": str(resources.cache_dir()),
        "PID": process.pid,
    }
    named = "\n".join(f"{name} = {value!r}" for name, value in places.items())
    ran = mallory.kernel().run(f"{named}\n{_TRY}")
    assert ran.error is None, ran
    return json.loads(ran.text)


def test_the_server_and_its_kernels_run_as_the_attendee(found: Any, ada_kernel: Kernel) -> None:
    assert found["uid"] == pwd.getpwnam("labkit-mallory").pw_uid
    assert ada_kernel.run("import os; print(os.getuid())").text == f"{pwd.getpwnam('labkit-ada').pw_uid}\n"
    assert ada_kernel.run("print(os.stat(os.path.expanduser('~')).st_mode & 0o777 == 0o700)").text == "True\n"


def test_files_of_others_and_of_the_hub_are_not_there(found: Any) -> None:
    assert found["hers"] == found["her file"] == found["private"] == found["log"] == "FileNotFoundError"
    assert found["homes"] == ["mallory"]
    assert found["write into labkit"] in ("PermissionError", "OSError")
    assert found["write into the cache"] in ("PermissionError", "OSError")
    assert "mine" not in found["in /tmp"]
    assert found["in /dev/shm"] == []


def test_processes_of_others_are_not_there(found: Any) -> None:
    # The other is process 1, root's, which gave the attendee this view.
    assert found["owners of processes"] == [0, found["uid"]]
    assert found["kill her"] in ("ProcessLookupError", "PermissionError")
    assert found["her environment"] in ("FileNotFoundError", "PermissionError")
    assert found["become root"] != 0
    assert found["mount"] != 0


def test_the_token_of_a_server_opens_nobody_elses(found: Any) -> None:
    assert found["herself"] == 200
    assert found["all users"] == 403
    assert found["her account"] == 404


def test_the_address_of_another_lab_opens_nothing(isolated: RoomServer, ada: Visitor, mallory: Visitor) -> None:
    answer = mallory.web.get(f"{isolated.address}/user/ada/api/contents/diary.txt")
    assert answer.status_code in (403, 404)
    assert "mine" not in answer.text
    assert ada.contents("diary.txt") == "mine"


def test_the_channels_of_a_kernel_are_files_of_its_owners(ada_kernel: Kernel) -> None:
    ran = ada_kernel.run(
        "import json, ipykernel; print(json.load(open(ipykernel.get_connection_file()))['transport'])"
    )
    assert (ran.text, ran.error) == ("ipc\n", None)


def test_the_lab_works_in_there(mallory: Visitor) -> None:
    kernel = mallory.kernel()
    ran = kernel.run(
        "from labkit import Lab\nlab = Lab()\nguest = lab.store().instantiate(lab.build('process-panic'))\n"
        "print(guest.call('process-input', 101.0).kind, guest.call('process-input', 10.0).kind)"
    )
    assert (ran.text, ran.error) == ("trapped refused\n", None)


def test_a_flood_of_processes_ends_at_its_own_limit(mallory: Visitor, ada_kernel: Kernel) -> None:
    ran = mallory.kernel().run(
        "import subprocess\nstarted = []\n"
        "try:\n"
        "    while True:\n"
        "        started.append(subprocess.Popen(['sleep', '600']))\n"
        "except BlockingIOError as error:\n"
        "    print(error.errno)\n"
        "finally:\n"
        "    [process.kill() for process in started]\n"
        "    [process.wait() for process in started]\n"
    )
    assert (ran.text, ran.error) == ("11\n", None)
    assert ada_kernel.run("print(kept)").text == "42\n"


def test_what_an_attendee_leaves_behind_ends_with_the_server(isolated: RoomServer, mallory: Visitor) -> None:
    mallory.kernel().run("import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True)")
    assert any(process.name() == "sleep" for process in _of("mallory"))
    assert isolated.end() == 0
    assert isolated.said.endswith(
        "The room is closed; every server was stopped. System accounts stay: labkit-ada, labkit-mallory; "
        "`userdel labkit-ada` removes one.\n"
    )
    until = time.monotonic() + 10
    while _of("mallory") or _of("ada"):
        assert time.monotonic() < until
        time.sleep(0.1)
    home = isolated.folder / "attendees" / "ada"
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "labkit-notebooks" / "diary.txt").read_text() == "mine"
    assert home.stat().st_uid == pwd.getpwnam("labkit-ada").pw_uid


def _of(account: str) -> list[psutil.Process]:
    uid = pwd.getpwnam(f"labkit-{account}").pw_uid
    return [process for process in psutil.process_iter() if _owner(process) == uid]


def _owner(process: psutil.Process) -> int | None:
    try:
        return int(process.uids().real) if process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None
