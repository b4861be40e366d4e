"""The stop button ends a runaway guest within a second, and the notebook goes on."""

import time

import pytest
from jupyter_client.manager import start_new_kernel

SETUP = """
%load_ext labkit
from labkit import Lab
lab = Lab(seconds=None)
instance = lab.store().instantiate(lab.build({guest!r}))
"""


@pytest.mark.parametrize("guest", ["counter-component", "counter-core"])
def test_the_stop_button_ends_a_runaway_guest_and_the_notebook_goes_on(guest):
    manager, client = start_new_kernel()
    try:
        assert run(client, SETUP.format(guest=guest))["status"] == "ok"
        client.execute('instance.call("spin")')
        time.sleep(1)
        pressed = time.monotonic()
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=20)["content"]
        assert time.monotonic() - pressed < 1
        assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
        kind = "assert lab.trace.steps[-1].outcome.message == 'interrupted', lab.trace.steps[-1]"
        assert run(client, kind)["status"] == "ok"
        assert run(client, "lab.store().instantiate(instance.program).call('count').unwrap()")["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client, code: str) -> dict[str, object]:
    """The kernel's reply to a cell."""
    client.execute(code)
    return client.get_shell_msg(timeout=60)["content"]
