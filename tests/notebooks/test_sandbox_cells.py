"""Cells that die in a sandbox: the kernel lives on, and the cell says what happened."""

from __future__ import annotations

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from tests.notebooks.test_interrupt import wait_for

SETUP = "%load_ext labkit\nfrom labkit import Lab, expect\nlab = Lab()\nkept = 'here'"

MIX = """\
import wasmtime
config = wasmtime.Config()
wasmtime._bindings.wasmtime_config_async_support_set(config.ptr(), True)
engine = wasmtime.Engine(config)
print("so far", end="")
wasmtime.Instance(wasmtime.Store(engine), wasmtime.Module(engine, "(module)"), [])
"""

PANIC = "panicked at crates/wasmtime/src/runtime/instance.rs:122:9: assertion failed: !store.0.async_support()"

# A prepared process stays in the root folder, and may stay; a sandbox has a folder of its own.
STRAYS = """
import contextlib, psutil
def strays():
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if process.cwd() != "/":
                found.append(process)
    return found
"""


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


@pytest.fixture(scope="module")
def cells():
    """Runs cells after each other in one kernel, and gives the last one back."""
    notebook = nbformat.v4.new_notebook()
    client = NotebookClient(notebook, timeout=120, allow_errors=True)

    def run(*sources: str) -> nbformat.NotebookNode:
        for source in sources:
            notebook.cells.append(nbformat.v4.new_code_cell(source))
            client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
        return notebook.cells[-1]

    with client.setup_kernel():
        run(SETUP)
        yield run
        assert shown(run("kept")) == ["'here'"]


def shown(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell displays, as plain text."""
    return [output.data["text/plain"] for output in cell.outputs if "data" in output]


def said(cell: nbformat.NotebookNode, stream: str) -> str:
    return "".join(output.text for output in cell.outputs if output.get("name") == stream)


def error(cell: nbformat.NotebookNode) -> tuple[str, str, list[str]]:
    """The one error a cell ends with."""
    (found,) = [output for output in cell.outputs if output.output_type == "error"]
    return found.ename, found.evalue, found.traceback


@pytest.mark.parametrize(
    "cell",
    [
        f"%%sandbox --wasmtime 41.0.0 box\n{MIX}",
        f"with lab.sandboxed(wasmtime='41.0.0') as box:\n{indented(MIX)}",
    ],
)
def test_an_abort_of_the_runtime_is_a_result(cells, cell):
    ran = cells(cell)
    assert shown(ran) == [f"aborted SIGABRT in a sandbox under Wasmtime 41.0.0; the notebook lives on. {PANIC}"]
    assert "the notebook lives on" in ran.outputs[-1].data["text/html"]
    assert said(ran, "stdout") == "so far"
    assert "assertion failed: !store.0.async_support()" in said(ran, "stderr")
    assert "Fatal Python error" not in said(ran, "stderr")
    assert shown(cells("box.outcome.kind, box.outcome.signal, box.stdout, kept")) == [
        "('aborted', 'SIGABRT', 'so far', 'here')"
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "import ctypes\nctypes.string_at(0)",
            "aborted SIGSEGV in a sandbox under Wasmtime 50.0.1; the notebook lives on. "
            "Fatal Python error: Segmentation fault",
        ),
        (
            "import os\nos._exit(3)",
            "aborted exit status 3 in a sandbox under Wasmtime 50.0.1; the notebook lives on.",
        ),
    ],
)
def test_other_ways_to_die(cells, body, text):
    assert shown(cells(f"%%sandbox\n{body}")) == [text]


def test_limits_of_time_and_memory(cells):
    assert shown(cells("%%sandbox --seconds 1\nwhile True: pass")) == [
        "timed-out in a sandbox under Wasmtime 50.0.1; the notebook lives on. "
        "the child ran longer than its limit of 1 s"
    ]
    swell = "import time\nkept = bytes(range(256)) * 4000000\ntime.sleep(60)"
    assert shown(cells(f"%%sandbox --memory 300MiB\n{swell}")) == [
        "aborted SIGKILL in a sandbox under Wasmtime 50.0.1; the notebook lives on. "
        "the child used more than 300 MiB of memory"
    ]


def test_plain_data_goes_in_and_comes_back(cells):
    cells("import math\nnumbers, blob, table = [1.5, math.nan], b'\\0\\xff', {(1, 'a'): {2: None}}")
    ran = cells("%%sandbox\nback = (math.isnan(numbers[1]), blob, table, 2**100)\nnumbers += [kept]\nback[:2]")
    assert shown(ran) == ["(True, b'\\x00\\xff')"]
    assert shown(cells("back == (True, blob, table, 2**100), numbers[0], numbers[2]")) == ["(True, 1.5, 'here')"]


def test_what_the_lab_inside_did_is_a_trace_and_its_data_comes_back(cells):
    cells("%%sandbox --wasmtime 41.0.0 box\nstore = lab.store()\ncounter = lab.build('counter-component')")
    assert shown(cells("counter.name, sorted(box.names)")) == ["('counter-component', ['counter'])"]
    ran = cells(
        "with lab.sandboxed('41.0.0') as box:\n"
        "    instance = lab.store().instantiate(counter)\n"
        "    instance.call('count')\n"
    )
    assert shown(ran) == ["returned 1"]
    assert shown(cells("box.trace.runtime, [step.outcome.kind for step in box.trace]")) == [
        "('41.0.0', ['returned', 'returned'])"
    ]


def test_the_step_in_which_it_died_is_the_last_of_the_trace(cells):
    ran = cells(
        "with lab.sandboxed() as box:\n"
        "    import os\n"
        '    ask = lab.program(\'(module (import "host" "die" (func)) (func (export "go") (call 0)))\')\n'
        "    lab.store({'host#die': os.abort}).instantiate(ask).call('go')\n",
        "[(step.do, step.outcome.kind, step.outcome.signal) for step in box.trace]",
    )
    assert shown(ran) == ["[('instantiate', 'returned', None), ('call', 'aborted', 'SIGABRT')]"]


@pytest.mark.parametrize(
    "cell",
    [
        "%%sandbox\n\ndef divide(n):\n    return 1 / n\ndivide(0)",
        "# first\nwith lab.sandboxed():\n    def divide(n):\n        return 1 / n\n    divide(0)",
    ],
)
def test_an_exception_is_the_cells_own(cells, cell):
    name, text, lines = error(cells(cell))
    assert (name, text) == ("ZeroDivisionError", "division by zero")
    assert [line.strip() for line in lines if "~" not in line and "^" not in line] == [
        "Traceback (most recent call last):",
        'File "<sandbox>", line 5, in <module>',
        "divide(0)",
        'File "<sandbox>", line 4, in divide',
        "return 1 / n",
        "ZeroDivisionError: division by zero",
    ]


def test_a_mistake_in_the_syntax_is_shown_at_its_line(cells):
    name, _, lines = error(cells("%%sandbox\nx = 1\nx ="))
    assert (name, lines[0].strip(), lines[1].strip()) == ("SyntaxError", 'File "<sandbox>", line 3', "x =")


def test_a_name_that_cannot_go_along_is_told_only_when_it_is_missed(cells):
    cells("store = lab.store()")
    assert shown(cells("%%sandbox\nif False:\n    store\n'fine'")) == ["'fine'"]
    name, text, _ = error(cells("%%sandbox\nstore.close()"))
    assert (name, text) == (
        "NameError",
        "name 'store' is not defined; store is a Store, which cannot go into a sandbox; make it inside.",
    )


def test_output_and_values_are_those_of_a_cell(cells):
    ran = cells("%%sandbox\nimport sys\nprint('out')\nprint('err', file=sys.stderr)\nobject")
    assert (said(ran, "stdout"), said(ran, "stderr"), shown(ran)) == ("out\n", "err\n", ["<class 'object'>"])
    assert cells("%%sandbox\n'quiet';").outputs == []
    assert shown(cells("%%sandbox\nimport asyncio\nawait asyncio.sleep(0, 'waited')")) == ["'waited'"]


def test_blocks_within_other_statements(cells):
    assert shown(cells("for i in range(2):\n    with lab.sandboxed():\n        i * 10")) == ["0", "10"]
    name, text, _ = error(cells("def later():\n    with lab.sandboxed():\n        pass\nlater()"))
    assert (name, text) == (
        "LabkitError",
        "`with lab.sandboxed():` works in a notebook cell after `%load_ext labkit`, outside of functions and "
        "alone in its `with`; elsewhere call lab.sandbox(source) with the code as text.",
    )


def test_options_that_are_none(cells):
    usage = "write %%sandbox [--wasmtime 41.0.0] [--seconds 60] [--memory 2GiB] [NAME]."
    for line, problem in (
        ("--memory lots", "argument --memory: 'lots' is no size such as 512MiB"),
        ("--seconds nan", "argument --seconds: 'nan' is no number of seconds"),
        ("two words", "unrecognized arguments: words"),
    ):
        assert error(cells(f"%%sandbox {line}\n1"))[1] == f"{problem}; {usage}"


def test_the_stop_button_ends_the_sandbox_and_the_notebook_goes_on(tmp_path):
    started = tmp_path / "started"
    manager, client = start_new_kernel()

    def reply_to(message: str) -> dict[str, object]:
        while True:
            reply = client.get_shell_msg(timeout=60)
            if reply["parent_header"]["msg_id"] == message:
                return reply["content"]

    def reply(code: str) -> dict[str, object]:
        return reply_to(client.execute(code, stop_on_error=False))

    try:
        assert reply(SETUP)["status"] == "ok"
        endless = f"import pathlib\npathlib.Path({str(started)!r}).touch()\nwhile True: pass"
        message = client.execute(f"%%sandbox\n{endless}", stop_on_error=False)
        wait_for(started)
        manager.interrupt_kernel()
        answer = reply_to(message)
        assert (answer["status"], answer["ename"]) == ("error", "KeyboardInterrupt")
        assert answer["traceback"] == ["KeyboardInterrupt: the sandbox was stopped"]
        assert reply(f"{STRAYS}assert psutil.wait_procs(strays(), timeout=10)[1] == []")["status"] == "ok"
        assert reply("assert kept == 'here'")["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
