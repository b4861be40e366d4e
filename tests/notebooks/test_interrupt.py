"""The stop button ends a runaway guest within a second, and the notebook goes on."""

import time
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from labkit.runtimes import own_version

SETUP = """
%load_ext labkit
import pathlib, time
from labkit import Lab
lab = Lab(seconds=None)
instance = lab.store().instantiate(lab.build({guest!r}))
"""

RUNAWAY = """
pathlib.Path({started!r}).touch()
try:
    instance.call("spin")
finally:
    pathlib.Path({ended!r}).write_text(str(time.time()))
"""


@pytest.mark.parametrize("guest", ["counter-component", "counter-core"])
def test_the_stop_button_ends_a_runaway_guest_and_the_notebook_goes_on(guest, tmp_path):
    started, ended = tmp_path / "started", tmp_path / "ended"
    manager, client = start_new_kernel()
    try:
        assert run(client, SETUP.format(guest=guest))["status"] == "ok"
        client.execute(RUNAWAY.format(started=str(started), ended=str(ended)), stop_on_error=False)
        wait_for(started)
        time.sleep(0.5)
        pressed = time.time()
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=60)["content"]
        assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
        assert float(ended.read_text()) - pressed < 1
        kind = "assert lab.trace.steps[-1].outcome.message == 'interrupted', lab.trace.steps[-1]"
        assert run(client, kind)["status"] == "ok"
        assert run(client, "lab.store().instantiate(instance.program).call('count').unwrap()")["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


MATRIX = """
from labkit import Limits, Scenario
from labkit.record import ScenarioStep

def scenario(name, export):
    steps = (ScenarioStep(export=export),)
    return Scenario(id=name, title=name, guest="counter-core", steps=steps, limits=Limits(seconds=None))

view = lab.matrix([scenario("quick", "count"), scenario("endless", "spin")], wasmtime={own!r})
"""

LEFT = """
import psutil
assert view.told() == (
    "2 rows under 1 release: 1 of 2 cells played.\\n"
    "Stopped before the end; make the matrix again to play what is missing."
), view.told()
# A prepared process works in the root folder, a child in one of its own.
assert [child.pid for child in psutil.Process().children(recursive=True) if child.cwd() != "/"] == []
"""


def test_the_stop_button_ends_a_matrix_and_keeps_what_is_there():
    manager, client = start_new_kernel()
    try:
        assert run(client, SETUP.format(guest="counter-core"))["status"] == "ok"
        client.execute(MATRIX.format(own=own_version()), stop_on_error=False)
        while _progress(client.get_iopub_msg(timeout=60)) != 1:
            pass
        manager.interrupt_kernel()
        assert client.get_shell_msg(timeout=30)["content"]["status"] == "ok"
        assert run(client, LEFT)["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _progress(message) -> object:
    """The progress bar's value, where a message of the kernel tells it."""
    return message["content"].get("data", {}).get("state", {}).get("value")


def run(client, code: str) -> dict[str, object]:
    """The kernel's reply to a cell."""
    # After an error the kernel would drop for a moment whatever it is sent.
    client.execute(code, stop_on_error=False)
    return client.get_shell_msg(timeout=60)["content"]


def wait_for(file: Path) -> None:
    """Return once the file is there."""
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline, "the cell never started"
        time.sleep(0.01)
