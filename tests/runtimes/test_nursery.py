"""Warm children: nothing that happens to a prepared process shows, and nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from labkit.record import Trace
from labkit.runtimes import ChildLimits, Nursery, Runtime, run_in_child
from tests.runtimes.conftest import PROGRAMS, story
from tests.runtimes.test_child import left_by

TOKEN = "LABKIT_TEST"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def token(monkeypatch):
    """What every process of this test's children inherits, and no other."""
    mark = secrets.token_hex(8)
    monkeypatch.setenv(TOKEN, mark)
    return mark


@pytest.fixture
def nursery(token):
    with Nursery() as nursery:
        yield nursery
    assert left_by(token) == []


def run(nursery: Nursery, exports: str = "count", version: str = "50.0.1", **more: object) -> Trace:
    scenario = story("counter", *exports.split())
    return run_in_child(scenario, PROGRAMS, Runtime(version), nursery=nursery, **more)  # type: ignore[arg-type]  # options


def values(trace: Trace) -> list[object]:
    return [step.outcome.value for step in trace if step.do == "call"]


def prepared(token: str) -> list[psutil.Process]:
    """The prepared processes that are alive."""
    found = []
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(TOKEN) == token and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_a_release_has_one_prepared_process_whoever_asks(nursery, token):
    with ThreadPoolExecutor(4) as pool:
        traces = list(pool.map(lambda _: run(nursery, "count count"), range(8)))
    assert [values(trace) for trace in traces] == [[1, 2]] * 8
    assert len(prepared(token)) == 1
    assert run(nursery, version="41.0.0").runtime == "41.0.0"
    assert len(prepared(token)) == 2


def test_a_change_of_the_environment_reaches_the_next_child(nursery, monkeypatch, token):
    run(nursery)
    monkeypatch.setenv(TOKEN, token + "-changed")
    run(nursery)
    assert len(prepared(token + "-changed")) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_prepared_process_that_is_killed_or_stopped_is_not_missed(nursery, token, number):
    run(nursery)
    (process,) = prepared(token)
    process.send_signal(number)
    assert values(run(nursery, "count count")) == [1, 2]
    assert not process.is_running()
    assert values(run(nursery)) == [1]
    assert len(prepared(token)) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_the_same_while_its_child_runs(nursery, token, number):
    run(nursery)
    (process,) = prepared(token)

    def strike() -> None:
        while not process.children():
            pass
        process.send_signal(number)

    striker = threading.Thread(target=strike)
    striker.start()
    assert values(run(nursery, " ".join(["count"] * 3000)))[-1] == 3000
    striker.join()


def test_a_forked_copy_of_this_process_has_plain_children(nursery, token):
    run(nursery)
    assert len(nursery.launches(["python"], {})) == 2
    pid = os.fork()
    if pid == 0:
        os._exit(len(nursery.launches(["python"], {})))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def test_after_close_children_are_plain_and_no_descriptor_is_left(token):
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208  # a pseudo folder
    nursery = Nursery()
    run(nursery)
    nursery.close()
    assert (set(os.listdir("/proc/self/fd")), prepared(token)) == (before, [])  # noqa: PTH208
    assert values(run(nursery)) == [1]
    assert prepared(token) == []


def test_one_childs_leftovers_are_killed_and_its_siblings_live(nursery, misbehaving, token):
    misbehaving("fork")
    with ThreadPoolExecutor(2) as pool:
        calm = pool.submit(run, nursery, " ".join(["count"] * 3000))
        assert run(nursery, "spin").steps[-1].outcome.signal == "SIGABRT"
        assert values(calm.result())[-1] == 3000
    assert left_by(token) == prepared(token)


HANGS = """
import sys
from pathlib import Path
from labkit.runtimes import Nursery, Runtime, run, run_in_child
from tests.runtimes.conftest import PROGRAMS, story
run._ENTRY = (str(Path("tests/runtimes/misbehaving_child.py").resolve()), "hang")
nursery = Nursery()
run_in_child(story("counter", "count"), PROGRAMS, Runtime("50.0.1"), nursery=nursery)
print("ready", flush=True)
run_in_child(story("counter", "spin"), PROGRAMS, Runtime("50.0.1"), nursery=nursery)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_when_the_owner_dies_everything_goes(token, number):
    command = [sys.executable, "-c", HANGS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as owner:
        assert owner.stdout.readline() == b"ready\n"
        while len(left := left_by(token)) < 3:
            assert owner.poll() is None
        owner.send_signal(number)
        owner.communicate()
    gone, alive = psutil.wait_procs(left, timeout=10)
    assert (len(gone), alive) == (3, [])


def test_limits_hold_as_they_do_for_a_plain_child(nursery, misbehaving):
    misbehaving("hang")
    for _ in range(2):
        outcome = run(nursery, "spin", limits=ChildLimits(seconds=1)).steps[-1].outcome
        assert (outcome.kind, outcome.message) == ("timed-out", "the child ran longer than its limit of 1 s")
