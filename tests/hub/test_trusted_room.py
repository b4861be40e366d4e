"""A room of people who trust each other: who gets in, what one does to the others, what a restart keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psutil
import pytest
import requests
import websocket
from room_server import RoomServer
from visitor import Kernel, Visitor, refusal

_TRAP = """
from labkit import Lab
lab = Lab()
guest = lab.store().instantiate(lab.build("process-panic"))
print(guest.call("process-input", 101.0).kind)
print(guest.call("process-input", 10.0).kind)
"""
_SHARE = """
from labkit import share_progress
card = share_progress()
card.checkbox.value = True
print(card.sentence)
"""
_RUNAWAY = """
import wasmtime
engine = wasmtime.Engine()
module = wasmtime.Module(engine, '(module (func (export "run") (loop br 0)))')
store = wasmtime.Store(engine)
print("begun", flush=True)
wasmtime.Instance(store, module, []).exports(store)["run"](store)
"""


@pytest.fixture(scope="module")
def ada(room: RoomServer) -> Iterator[Visitor]:
    """An attendee who works quietly."""
    with Visitor(room.address, "ada") as visitor:
        yield visitor.enter(room.password)


@pytest.fixture(scope="module")
def bob(room: RoomServer) -> Iterator[Visitor]:
    """An attendee to whom everything happens."""
    with Visitor(room.address, "bob") as visitor:
        yield visitor.enter(room.password)


@pytest.fixture(scope="module")
def kernel(ada: Visitor) -> Kernel:
    """The quiet attendee's kernel, which remembers something."""
    found = ada.kernel()
    assert found.run("kept = 42").error is None
    return found


def _is_undisturbed(kernel: Kernel) -> bool:
    began = time.monotonic()
    ran = kernel.run("print(kept)")
    return ran.text == "42\n" and time.monotonic() - began < 60


def test_without_the_password_there_is_nothing(room: RoomServer, ada: Visitor) -> None:
    with Visitor(room.address, "ada") as stranger:
        answer = stranger.log_in("a wrong one", "1234")
    assert answer.status_code == 403
    assert refusal(answer) == "This is not the room's password; the instructor has it."
    for path in ("/user/ada/api/contents", "/user/ada/files/00-start-here.ipynb", "/hub/api/users", "/hub/home"):
        answer = requests.get(f"{room.address}{path}", timeout=30)
        assert answer.status_code == 403 or "/hub/login" in answer.url, path
    with pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(f"ws://127.0.0.1:{room.port}/user/ada/api/kernels/x/channels", timeout=30)


def test_a_name_belongs_to_its_pin(room: RoomServer, ada: Visitor) -> None:
    with Visitor(room.address, "ada") as other:
        assert refusal(other.log_in(room.password, "4321")) == (
            "ada is taken, and this is not the PIN it was taken with; "
            "if you are somebody else, add an initial to your name."
        )
        assert refusal(other.log_in(room.password, "12", name="grace")) == (
            "Choose a PIN of 4 signs or more; nobody else gets in under your name then."
        )
        assert other.log_in(room.password, "1234", name="ADA ").status_code == 200


def test_the_instructor_administers_and_attendees_do_not(room: RoomServer, ada: Visitor) -> None:
    with Visitor(room.address, "instructor") as instructor:
        assert instructor.log_in(room.password).status_code == 403
        assert instructor.log_in(room.instructors_password).status_code == 200
        assert instructor.web.get(f"{room.address}/hub/admin").status_code == 200
    assert ada.web.get(f"{room.address}/hub/admin").status_code in (403, 404)


def test_a_trap_and_the_call_after_it(ada: Visitor, kernel: Kernel) -> None:
    assert "00-start-here.ipynb" in [entry["name"] for entry in ada.contents("")]
    assert ada.landed == "lab/tree/00-start-here.ipynb"
    ran = kernel.run(_TRAP)
    assert (ran.text, ran.error) == ("trapped\nrefused\n", None)


def test_the_instructor_sees_who_wants_to_be_seen(room: RoomServer, ada: Visitor, kernel: Kernel) -> None:
    with Visitor(room.address, "instructor") as instructor:
        assert instructor.log_in(room.instructors_password).status_code == 200
        assert instructor.names_on_board() == []
        told = kernel.run(_SHARE).text
        assert told.startswith("The instructor sees where you are; the last report got through at "), told
        assert instructor.names_on_board() == ["ada"]
    assert ada.web.get(f"{room.address}/services/labkit-board/").status_code == 403


def test_a_runaway_guest_and_a_dead_kernel_stay_with_their_owner(bob: Visitor, kernel: Kernel) -> None:
    running = bob.kernel()
    running.start(_RUNAWAY)
    assert _is_undisturbed(kernel)
    assert bob.api("POST", f"kernels/{running.id}/interrupt").status_code == 204
    assert bob.api("DELETE", f"kernels/{running.id}").status_code == 204
    dying = bob.kernel()
    assert dying.run("import os; os.abort()").error == "kernel died"
    assert _is_undisturbed(kernel)
    assert bob.kernel().run("print('again')").text == "again\n"


def test_a_connection_that_breaks_is_no_news_for_the_instructors_terminal(room: RoomServer, bob: Visitor) -> None:
    talking = bob.kernel()
    talking.start("for _ in range(2000): print('x' * 5000)")
    talking.cut()
    until = time.monotonic() + 30
    while "ECONNRESET" not in room.log:
        assert time.monotonic() < until, room.log[-2000:]
        time.sleep(0.1)
    assert "ConfigProxy" not in room.said
    assert room.said.rstrip().endswith("end        Ctrl-C stops every server; attendees keep their files")


def test_one_cell_that_wants_all_memory_gets_an_error(bob: Visitor, kernel: Kernel) -> None:
    hog = bob.kernel()
    assert hog.run("memory = bytearray(2**31)").error == "MemoryError: "
    assert hog.run("print('lives')").text == "lives\n"
    assert _is_undisturbed(kernel)


def test_one_file_that_is_too_large_is_refused(bob: Visitor) -> None:
    writing = bob.kernel()
    ran = writing.run("open('large', 'wb').write(bytes(97 * 2**20))")
    assert ran.error == "OSError: [Errno 27] File too large"
    assert writing.run("import os; os.remove('large')").error is None


def test_many_files_stop_the_one_who_wrote_them(room: RoomServer, bob: Visitor, kernel: Kernel) -> None:
    writing = bob.kernel()
    writing.start("for n in range(4): open(f'large-{n}', 'wb').write(bytes(40 * 2**20))")
    notice = _stopped(room, bob, "of disk")
    assert notice.startswith("Your folder took ")
    assert notice.endswith(
        " MiB of disk, and 96 MiB are allowed. Your files are as they were. Delete what is large."
    )
    assert _is_undisturbed(kernel)
    # Comes back to delete them, and is told why.
    bob.web.get(f"{bob.address}/hub/spawn/bob")
    bob.wait_for_lab()
    assert bob.landed == "lab/tree/why-your-server-was-stopped.md"
    assert notice in bob.contents("why-your-server-was-stopped.md")
    assert bob.api("DELETE", "contents/large-0").status_code == 204
    assert bob.kernel().run("import os; [os.remove(f'large-{n}') for n in (1, 2, 3)]").error is None


def test_kernels_that_take_too_much_together_are_stopped(room: RoomServer, bob: Visitor, kernel: Kernel) -> None:
    for hog in (bob.kernel(), bob.kernel()):
        hog.start("memory = b'x' * (400 * 2**20)")
    notice = _stopped(room, bob, "of memory")
    assert notice.startswith("Your programs together took ")
    assert notice.endswith(" MiB of memory, and 768 MiB are allowed. Your files are as they were.")
    assert _is_undisturbed(kernel)


def test_a_restart_keeps_work_and_leaves_nothing_running(room: RoomServer, ada: Visitor) -> None:
    ada.write("mine.txt", "an afternoon's work")
    started = psutil.Process(room.pid).children(recursive=True)
    assert len(started) > 3
    assert room.end() == 0
    assert [process for process in started if process.is_running() and process.status() != "zombie"] == []
    assert room.said.endswith(
        # Those of ada and the instructor.
        "Stopping 2 servers; this can take a minute.\nThe room is closed; every server was stopped.\n"
    )
    with RoomServer(room.folder, *room.options) as again, ExitStack() as leaving:
        assert again.password == room.password
        late = [leaving.enter_context(Visitor(again.address, name)) for name in ("ada", "carol", "dan")]
        with ThreadPoolExecutor(3) as at_once:
            list(at_once.map(lambda visitor: visitor.enter(again.password), late))
        # Nobody was refused or shown an error on the way.
        assert {status for visitor in late for status in visitor.statuses} <= {200, 302}
        assert late[0].contents("mine.txt") == "an afternoon's work"
        full = leaving.enter_context(Visitor(again.address, "eve")).log_in(again.password, "1234")
        assert refusal(full) == "This room is for 4 people, and as many are in it; tell the instructor."


def _stopped(room: RoomServer, visitor: Visitor, of_what: str) -> str:
    """Wait until the hub has stopped somebody's server, and return why."""
    until = time.monotonic() + 40
    while True:
        lines = [
            line for line in room.log.splitlines() if f" WARNING {visitor.name}: " in line and of_what in line
        ]
        if lines and visitor.web.get(f"{room.address}/user/{visitor.name}/api").status_code == 424:
            return lines[-1].partition(f"{visitor.name}: ")[2]
        assert time.monotonic() < until, room.log[-2000:]
        time.sleep(0.2)
