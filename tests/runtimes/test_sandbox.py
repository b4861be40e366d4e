"""Sandboxes outside of notebooks: what goes in, what comes out, and what nobody can break."""

from __future__ import annotations

import math
import signal
import threading
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import ChildLimits, Lab, LabkitError, find_scenario
from labkit.host import Outcome, Program
from labkit.runtimes.sandbox import SandboxError
from labkit.runtimes.values import NotPlainError, pack, unpack
from tests.runtimes.conftest import PROGRAMS
from tests.runtimes.test_child import strays, token  # noqa: F401  # a fixture

MIX = """
import wasmtime
print("before")
config = wasmtime.Config()
wasmtime._bindings.wasmtime_config_async_support_set(config.ptr(), True)
engine = wasmtime.Engine(config)
wasmtime.Instance(wasmtime.Store(engine), wasmtime.Module(engine, "(module)"), [])
"""


@pytest.fixture(scope="module")
def lab():
    with Lab(seconds=0.2) as lab:
        yield lab


@pytest.mark.parametrize("version", ["20.0.0", "41.0.0"])
def test_an_abort_is_an_outcome_and_what_was_printed_is_kept(lab, version, capfd):
    result = lab.sandbox(MIX, wasmtime=version)
    assert (result.runtime, result.outcome.kind, result.outcome.signal) == (version, "aborted", "SIGABRT")
    assert result.outcome.message.startswith("panicked at crates/wasmtime/src/runtime/instance.rs:")
    printed = capfd.readouterr()
    assert (result.stdout, printed.out) == ("before\n", "before\n")
    assert printed.err.strip() == result.stderr
    assert repr(result) == f"<sandbox under Wasmtime {version}: aborted the process: SIGABRT>"
    result.check()


def test_the_lab_inside_has_the_limits_of_the_one_outside(lab):
    body = "lab.store().instantiate(core).call('spin')"
    result = lab.sandbox(body, names={"core": PROGRAMS["core-counter"]}, wasmtime="20.0.0")
    assert result.value.message == "the call ran longer than its limit of 0.2 s"
    assert [step.outcome.kind for step in result.trace] == ["returned", "timed-out"]
    assert result.trace.runtime == "20.0.0"


def test_what_was_open_when_the_time_was_up_is_timed_out():
    body = "lab.store().instantiate(core).call('spin')"
    with Lab(seconds=None) as lab:
        result = lab.sandbox(body, names={"core": PROGRAMS["core-counter"]}, limits=ChildLimits(seconds=1))
    stopped = Outcome("timed-out", message="the child ran longer than its limit of 1 s")
    assert (result.outcome, result.trace.steps[-1].outcome) == (stopped, stopped)


def test_an_exception_has_its_own_name_when_it_is_asked_for(lab):
    result = lab.sandbox("x = 1\n{}['no']")
    assert result.outcome == Outcome("host-error", raised="KeyError", message="'no'")
    assert result.names == {}
    with pytest.raises(SandboxError) as caught:
        result.check()
    assert type(caught.value).__name__ == "KeyError"
    assert caught.value._render_traceback_()[-1] == "KeyError: 'no'"


def test_source_that_is_none(lab):
    assert lab.sandbox("x = 1\nreturn x").failure.lines[0].strip() == 'File "<sandbox>", line 2'
    assert lab.sandbox("x = '\0'").outcome.kind == "host-error"


def test_labkits_own_errors_are_one_sentence(lab):
    result = lab.sandbox("lab.build('nothing')")
    assert (result.outcome.raised, len(result.failure.lines)) == ("UnknownNameError", 1)


def test_a_body_that_leaves_is_an_exception(lab):
    assert lab.sandbox("import sys; sys.exit(2)").outcome == Outcome(
        "host-error", raised="SystemExit", message="2"
    )


@pytest.mark.parametrize("noise", ["b'garbage' * 100", "b'\\0\\0\\0\\1\\xc1'", "b'\\xff' * 9"])
def test_a_process_that_reports_nonsense_is_not_believed(lab, noise):
    result = lab.sandbox(f"import os\nos.write(3, {noise})\nos.abort()", echo=False)
    assert (result.outcome.kind, result.outcome.signal) == ("aborted", "SIGABRT")


def test_nothing_that_was_started_outlives_it(lab, token):  # noqa: F811
    quiet = "stdin=-3, stdout=-3, stderr=-3, start_new_session=True"
    result = lab.sandbox(
        f"import os, subprocess\nsubprocess.Popen(['sleep', '1234'], {quiet})\nos.fork()\nos.abort()"
    )
    assert result.outcome.signal == "SIGABRT"
    assert strays(token) == []


def test_a_body_whose_prepared_process_is_killed_is_not_begun_again(lab, tmp_path):
    lab.sandbox("1")
    mine = Path(tmp_path / "begun")

    def strike() -> None:
        while not mine.exists():
            pass
        for process in psutil.Process().children():
            if "labkit.sandboxed" in process.cmdline() and process.cwd() == "/":
                process.send_signal(signal.SIGKILL)

    striker = threading.Thread(target=strike)
    striker.start()
    result = lab.sandbox(f"open({str(mine)!r}, 'a').write('x')\nwhile True: pass")
    striker.join()
    assert (result.outcome, mine.read_text()) == (Outcome("aborted", signal="SIGKILL"), "x")
    assert lab.sandbox("2").value == 2


def test_outside_of_cells_the_block_says_what_to_do_there(lab):
    says = r"elsewhere call lab\.sandbox\(source\) with the code as text\.$"
    with pytest.raises(LabkitError, match=says), lab.sandboxed():
        raise AssertionError("never run")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


@given(PLAIN)
def test_plain_data_survives_the_way(value):
    try:
        packed = pack(value)
    except NotPlainError:
        pytest.fail(f"{value!r} is plain")
    assert repr(unpack(packed)) == repr(value)


def test_so_does_the_labs_own(lab):
    scenario = find_scenario("01-poisoned-component")
    trace = lab.run("01-poisoned-component")
    for value in (scenario, trace, trace.steps[1].outcome, PROGRAMS["counter"], {"program": PROGRAMS["counter"]}):
        assert unpack(pack(value)) == value
    assert math.isnan(unpack(pack(Outcome("returned", value=math.nan))).value)


def test_what_is_more_than_its_value_stays():
    class Special(list):
        pass

    endless: list[object] = []
    endless.append(endless)
    for value, text in ((Special(), "a Special"), (endless, "something nested too deeply"), ({1}, "a set")):
        with pytest.raises(NotPlainError, match=f"^{text}$"):
            pack(value)
    assert isinstance(unpack(pack(Program.from_wat("tiny", "(module)"))), Program)
