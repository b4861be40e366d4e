"""Asynchronous calls in a notebook, on the event loop that its kernel is running."""

import time

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from tests.notebooks.test_interrupt import wait_for

IMPORTS = """
import asyncio
from labkit import Lab

WAT = '''(module
  (import "host" "slow" (func $slow (param i32) (result i32)))
  (func (export "ask") (param i32) (result i32) (call $slow (local.get 0)))
  (func (export "spin") (loop br 0))
  (func (export "ok") (result i32) i32.const 7))'''

lab = Lab(seconds=None)
said = []

async def slow(x):
    for n in range(2):
        said.append((x, n))
        await asyncio.sleep(0)
    return 10 * x

async def instance():
    return await lab.store(imports={"host#slow": slow}).instantiate_async(lab.program(WAT))
"""

CELLS = [
    IMPORTS,
    "one, other = [await instance() for _ in range(2)]",
    "[o.unwrap() for o in await asyncio.gather(one.call_async('ask', 1), other.call_async('ask', 2))]",
    "said",
    "later = asyncio.create_task(one.call_async('ask', 3))",
    "(await later).unwrap()",
    """
try:
    await asyncio.wait_for(one.call_async('spin'), 0.1)
except TimeoutError:
    print(lab.trace.steps[-1].outcome.describe())
""",
    "(await one.call_async('ok')).unwrap()",
    "one.call('ok').describe()",
]


def test_cells_await_guests_on_the_loop_that_is_running():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown = [
        output["data"]["text/plain"] if "data" in output else output["text"]
        for cell in notebook.cells
        for output in cell.outputs
    ]
    assert shown == [
        "[10, 20]",
        "[(1, 0), (2, 0), (1, 1), (2, 1)]",
        "30",
        "timed out: the call was cancelled\n",
        "7",
        "'was refused: async-required since step 1'",
    ]


def reply(client, cell):
    """The kernel's reply to a cell; what it still had to say before is passed over."""
    while True:
        message = client.get_shell_msg(timeout=60)
        if message["parent_header"]["msg_id"] == cell:
            return message["content"]


def run(client, code):
    """Run a cell and return the kernel's reply."""
    # After an error the kernel would drop for a moment whatever it is sent.
    return reply(client, client.execute(code, stop_on_error=False))


RUNAWAY = """
import pathlib, time
pathlib.Path({started!r}).touch()
try:
    await one.call_async({export!r}, *{args!r})
finally:
    pathlib.Path({ended!r}).write_text(str(time.time()))
"""


@pytest.mark.parametrize(("export", "args"), [("spin", ()), ("ask", (1,))])
def test_the_stop_button_ends_an_awaited_call_and_the_notebook_goes_on(export, args, tmp_path):
    started, ended = tmp_path / "started", tmp_path / "ended"
    manager, client = start_new_kernel()
    try:
        # With nothing at all to do, a kernel's loop does not notice the button, whatever is awaited.
        forever = "async def slow(x):\n    while True:\n        await asyncio.sleep(0.05)"
        assert run(client, f"{IMPORTS}\n{forever}")["status"] == "ok"
        assert run(client, "one = await instance()")["status"] == "ok"
        runaway = RUNAWAY.format(started=str(started), ended=str(ended), export=export, args=args)
        cell = client.execute(runaway, stop_on_error=False)
        wait_for(started)
        time.sleep(0.3)
        pressed = time.time()
        manager.interrupt_kernel()
        assert reply(client, cell)["status"] == "error"
        assert float(ended.read_text()) - pressed < 1
        assert run(client, "assert lab.trace.steps[-1].outcome.code == 'cancelled'")["status"] == "ok"
        assert run(client, "assert (await one.call_async('ok')).unwrap() == 7")["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
