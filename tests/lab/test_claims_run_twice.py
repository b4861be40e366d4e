"""What people are told about commands that are run twice, each claim put to the test.

Each test bears the name of a claim of `labkit/claims/ledger` that is run; `tests/claims` sees to that. The ledger
tries the claims by scenario under many releases, these tests by hand under the lab's own.
"""

import pytest

from labkit import Lab, Wasi
from labkit.host import Cause

RUN = "wasi:cli/run"
ADA = Wasi(args=("hello", "Ada"), stdin="first\nsecond\n", folder={"notes.txt": "one\ntwo\n"})


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def command(lab):
    return lab.build("command-hello")


def ended(lab, command, status):
    """A store in which a command has exited with `status`, and the outcome."""
    store = lab.store(wasi=Wasi(args=("hello", "Ada", status)))
    return store, store.instantiate(command).call(RUN)


def test_second_run_traps__before_main(lab, command):
    instance = lab.store(wasi=ADA).instantiate(command)
    first, second = instance.call(RUN), instance.call(RUN)
    assert (first.kind, second.kind, second.code, second.stdout) == ("returned", "trapped", "unreachable", "")


def test_python_runs_again__and_its_module_remembers(lab):
    trace = lab.run("02-run-twice/python")
    calls = [step.outcome for step in trace if step.do == "call"]
    assert [outcome.stdout for outcome in calls] == [
        f"run {n}: Hello, Ada\nstandard input: {line}\n" for n, line in enumerate(("first", "second", "third"), 1)
    ]
    assert {(outcome.kind, outcome.stderr) for outcome in calls} == {("returned", "")}


def test_message_misleads__about_both_calls(lab, command):
    instance = lab.store(wasi=ADA).instantiate(command)
    _, second, third = (instance.call(RUN) for _ in range(3))
    assert second.message == "wasm trap: wasm `unreachable` instruction executed"
    assert third.message == "wasm trap: cannot enter component instance"
    assert third.cause == Cause("poisoned", second.step, "store")


def test_new_store_per_run__runs_everything_and_compiles_once(lab, command):
    with lab.runner(command, "fresh-store", wasi=ADA) as runner:
        outputs = {runner.call(RUN).stdout for _ in range(5)}
    assert outputs == {"run 1: Hello, Ada\nstandard input: first\nnotes.txt: one\n"}
    assert (runner.counts.stores, runner.counts.compiles) == (5, 0)


def test_new_instance_is_enough__until_something_traps(lab, command):
    store = lab.store(wasi=ADA)
    assert [store.instantiate(command).call(RUN).kind for _ in range(3)] == ["returned"] * 3
    used = store.instantiate(command)
    assert [used.call(RUN).kind for _ in range(2)] == ["returned", "trapped"]
    assert store.instantiate(command).call(RUN).kind == "refused"


def test_store_carries_state__in_its_streams(lab, command):
    with lab.runner(command, "fresh-instance", wasi=ADA) as runner:
        read = [runner.call(RUN).stdout.splitlines()[1:] for _ in range(2)]
    assert read == [["standard input: first", "notes.txt: one"], ["standard input: second", "notes.txt: one"]]


def test_service_world__is_called_as_often_as_wanted(lab):
    service = lab.store().instantiate(lab.build("reusable-runner"))
    assert service.call("process", "early").error == "not-initialised"
    assert service.call("init").kind == "returned"
    assert [service.call("process", "again").value for _ in range(3)] == ["AGAIN (1)", "AGAIN (2)", "AGAIN (3)"]
    assert service.call("init").error == "already-initialised"
    assert [service.call("shutdown").kind for _ in range(2)] == ["returned", "guest-error"]


def test_globals_are_fragile__and_make_the_second_run_another_one(lab):
    instance = lab.store(wasi=ADA).instantiate(lab.build("command-export"))
    assert [instance.call(RUN).stdout.splitlines() for _ in range(2)] == [
        ["initialising the greeting", "run 1: Hello, Ada", "standard input: first", "notes.txt: one"],
        ["run 2: Hello, Ada", "standard input: second", "notes.txt: two"],
    ]


def test_load_what_you_built__the_trace_holds_the_digest(lab, command):
    other = lab.build("command-export")
    assert command.digest != other.digest
    for program in (command, other):
        assert lab.store(wasi=ADA).instantiate(program).call(RUN).kind == "returned"
    digests = {program.name: program.digest for program in lab.trace.programs}
    assert (digests["command-hello"], digests["command-export"]) == (command.digest, other.digest)


@pytest.mark.parametrize(
    ("name", "kinds"), [("command-hello", ["returned", "trapped"]), ("command-export", ["returned", "returned"])]
)
def test_not_every_command__has_the_guard(lab, name, kinds):
    instance = lab.store(wasi=ADA).instantiate(lab.build(name))
    assert [instance.call(RUN).kind for _ in range(2)] == kinds


def test_exit_closes_the_store__with_status_0_too(lab, command):
    store, outcome = ended(lab, command, "0")
    assert (outcome.kind, outcome.status) == ("exited", 0)
    assert store.instantiate(command).call(RUN).cause == Cause("poisoned", outcome.step, "store")


@pytest.mark.parametrize(("asked", "heard"), [("0", 0), ("1", 1), ("3", 1)])
def test_statuses_are_lost__but_for_success(lab, command, asked, heard):
    assert ended(lab, command, asked)[1].status == heard
