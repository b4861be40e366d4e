"""What is kept of tries and passes: across restarts, with two kernels at once, in a damaged file."""

import json
import os
import subprocess
import sys

import pytest

from labkit.errors import UnknownNameError
from labkit.workshop import Overview, Progress, exercises, overview

HOST, GUEST = "01-write-the-host", "01-mend-the-guest"
ANSWER = """
from labkit.workshop import exercise

def serve(lab, guest, inputs):
    return [lab.store().instantiate(guest).call("process-input", number).value for number in inputs]

exercise("01-write-the-host").check(None)
exercise("01-write-the-host").check(serve)
"""
COUNT = """
import sys
from labkit.workshop import Progress
progress = Progress()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(40):
    progress.tried("shared", passed=False)
    progress.tried(sys.argv[1], passed=False)
"""


@pytest.fixture
def kernel(tmp_path):
    """Start Python in a process of its own, with the state of this test."""

    def start(source, *args):
        return subprocess.Popen(
            [sys.executable, "-c", source, *args],
            env=os.environ | {"LABKIT_STATE": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "progress.json")


def test_progress_survives_the_process_that_made_it(kernel, progress):
    with kernel(ANSWER) as process:
        assert process.wait(60) == 0
    assert (progress.of(HOST).tries, progress.of(HOST).passed) == (2, True)


def test_two_kernels_at_once_lose_no_try(kernel, progress):
    with kernel(COUNT, "one") as one, kernel(COUNT, "other") as other:
        assert [process.stdout.readline() for process in (one, other)] == ["ready\n"] * 2
        for process in (one, other):
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.wait(60) for process in (one, other)] == [0, 0]
    assert {name: record.tries for name, record in progress.all().items()} == {
        "shared": 80,
        "one": 40,
        "other": 40,
    }


def test_a_damaged_file_is_set_aside(progress, tmp_path):
    (tmp_path / "progress.json").write_text('{"01-write-the-host": 7}')
    assert progress.all() == {}
    assert (tmp_path / "progress.damaged").read_text() == '{"01-write-the-host": 7}'
    assert progress.tried(HOST, passed=True).passed
    assert json.loads((tmp_path / "progress.json").read_text()) == {HOST: {"tries": 1, "passed": True}}


def test_the_overview_of_a_notebook_says_what_is_passed_and_what_is_next(progress):
    mine = Overview(progress, "01-poisoned-component")
    assert mine.sentence == "0 of 3 exercises passed. Next: “Predict who can still be called”."
    progress.update(HOST, tries=1, hints=1)
    progress.update(GUEST, tries=2, passed=True, gave_up=True)
    assert repr(mine).splitlines() == [
        "1 of 3 exercises passed. Next: “Write the host that survives this guest”.",
        "  ○ Predict who can still be called (01-predict-the-store): open",
        "  ◐ Write the host that survives this guest (01-write-the-host): tried once, 1 hint",
        "  ✔ Change the guest so that the host need not care (01-mend-the-guest): passed, solution seen",
    ]
    for standing in mine.standings:
        progress.update(standing.id, passed=True)
    assert mine.sentence == "3 of 3 exercises passed. That is all of them."


def test_the_overview_of_all_leads_to_the_exercises_of_each_notebook(progress):
    everything = Overview(progress)
    progress.update(HOST, tries=1, passed=True)
    shown = everything._repr_html_()
    for notebook in {exercise.notebook for exercise in exercises().values()}:
        assert f'<a href="{notebook}.ipynb#Your-turn">{notebook}</a>' in shown
    assert "<td>1 of 3</td>" in shown
    assert (
        f"1 of {len(exercises())} exercises passed. Next: “Predict who can still be called”, in notebook" in shown
    )
    assert repr(everything).splitlines()[1] == "01-poisoned-component: 1 of 3"


def test_one_notebook_or_everything_can_be_started_over(progress):
    for name in (HOST, GUEST, "02-runs-again", "gone-since"):
        progress.update(name, tries=1, passed=True)
    Overview(progress).reset(HOST)
    assert set(progress.all()) == {GUEST, "02-runs-again", "gone-since"}
    Overview(progress, "01-poisoned-component").reset_all()
    assert set(progress.all()) == {"02-runs-again", "gone-since"}
    Overview(progress).reset_all()
    assert progress.all() == {}
    with pytest.raises(UnknownNameError, match="did you mean 01-write-the-host"):
        Overview(progress).reset("01-write-a-host")


def test_a_notebook_is_named_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_STATE", str(tmp_path))
    assert overview("5").notebook == overview("05").notebook == "05-recovery"
    with pytest.raises(UnknownNameError, match="There is no notebook with exercises named '00'"):
        overview("00")
