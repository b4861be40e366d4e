"""Explanations come from history and release: each sentence here is asserted whole."""

import msgspec
import pytest

from labkit.errors import LabkitError
from labkit.host import Cause, Engine, EngineSettings, Limits, Outcome, Program, Store
from labkit.record import Trace, explain
from tests.host.wat import CALLS_HOST, CORE_CALLS_HOST, CORE_COUNTER, CORE_EXITS, CORE_START_TRAPS, COUNTER

counter = Program.from_wat("counter", COUNTER)
core_counter = Program.from_wat("core-counter", CORE_COUNTER)


def on_release(trace: Trace, version: str) -> Trace:
    return msgspec.structs.replace(trace, runtime=version)


def test_a_refused_call_names_the_step_the_trap_and_the_release(engine, recorder):
    with Store(engine, recorder) as store:
        instance = store.instantiate(counter)
        instance.call("crash")
        instance.call("count")
    found = explain(recorder.trace(), 3)
    assert found.sentence == (
        "Step 3 was refused because step 2 (`unreachable` in counter) poisoned store 1; "
        "since Wasmtime 42 that holds for every component in the store."
    )
    assert found.because == (
        "After a trap a guest's state is undefined, so the runtime does not let it be entered again.",
    )
    assert found.advice == "Drop the store, make a new one, and the instance in it."
    assert found.sources[0].endswith("/wasmtime/issues/11086")


def test_a_trap_says_how_far_it_reaches(engine, recorder):
    with Store(engine, recorder) as store:
        store.instantiate(counter).call("crash")
        store.instantiate(core_counter).call("crash")
    trace = recorder.trace()
    assert explain(trace, 2).sentence == "Step 2 trapped with `unreachable` in `boom` of counter."
    assert explain(trace, 2).because == (
        "Store 1 is poisoned from here on: no component in it can be called any more.",
    )
    assert explain(trace, 4).because == ("Store 1 had been poisoned before, by step 2.",)
    older = on_release(trace, "41.0.0")
    assert explain(older, 2).because == ("Instance 1 is poisoned from here on; others in store 1 are not.",)
    assert explain(older, 2).advice == "Drop instance 1 and make a new one."


def test_a_store_dropped_at_the_end_is_no_remedy_and_one_dropped_in_between_is(engine, recorder):
    with Store(engine, recorder) as store:
        store.instantiate(counter).call("crash")
    assert explain(recorder.trace(), 2).advice == "Drop store 1 and go on in a new one."
    with Store(engine, recorder) as store:
        store.instantiate(counter).call("count")
    assert explain(recorder.trace(), 2).advice == (
        "The host dropped store 1 right after this step, which is the remedy."
    )


def test_a_new_instance_in_a_poisoned_store_is_explained_before_and_after_its_call(engine, recorder):
    with Store(engine, recorder) as store:
        store.instantiate(counter).call("crash")
        store.instantiate(counter).call("count")
    trace = recorder.trace()
    assert explain(trace, 3).sentence == (
        "Step 3 made instance 2 in store 1, which step 2 had poisoned: instantiating succeeds and hides the "
        "mistake, the first call will be refused."
    )
    assert explain(trace, 4).because[0] == (
        "Instance 2 was made in step 3, after the trap: a new instance does not help in the same store."
    )


def test_a_bystander_is_told_that_it_never_trapped(engine, recorder):
    with Store(engine, recorder) as store:
        bystander = store.instantiate(counter)
        store.instantiate(counter).call("crash")
        bystander.call("count")
    assert explain(recorder.trace(), 4).because[0] == (
        "Instance 1 itself never trapped; it shares the store with one that did."
    )


def test_a_core_instance_that_answers_after_a_trap_is_warned_about(engine, recorder):
    with Store(engine, recorder) as store:
        core = store.instantiate(core_counter)
        core.call("crash")
        core.call("count")
    found = explain(recorder.trace(), 3)
    assert found.sentence == (
        "Step 3 returned 1 although step 2 trapped in store 1: core-counter is a core module, and Wasmtime lets "
        "a core instance be called after a trap."
    )
    assert found.because == ("What the trap interrupted may stay half done in its memory.",)


def test_a_start_function_that_traps(engine, recorder):
    with Store(engine, recorder) as store:
        store.instantiate(Program.from_wat("starts-badly", CORE_START_TRAPS)).call("ok")
    trace = recorder.trace()
    assert explain(trace, 1).sentence == (
        "Step 1 trapped with `unreachable` in `boom` of starts-badly while its start function ran, "
        "so there is no instance."
    )
    assert explain(trace, 2).sentence == (
        "Step 2 was refused because step 1 failed to instantiate starts-badly: there is nothing to call."
    )


def test_a_host_exception(engine, recorder):
    def full():
        raise OSError("the disk is full")

    with Store(engine, recorder, imports={"ask": full}) as store:
        instance = store.instantiate(Program.from_wat("asks", CALLS_HOST))
        instance.call("go")
        instance.call("ok")
    trace = recorder.trace()
    assert (
        explain(trace, 2).sentence == "Step 2 stopped because host function ask raised OSError: the disk is full."
    )
    assert explain(trace, 3).sentence.startswith(
        "Step 3 was refused because step 2 (OSError in a host function in asks) poisoned store 1;"
    )


def test_an_exit_and_a_time_limit(engine, recorder):
    with Store(engine, recorder, limits=Limits(seconds=0.1)) as store:
        store.instantiate(Program.from_wat("exits", CORE_EXITS)).call("quit")
        store.instantiate(core_counter).call("spin")
    trace = recorder.trace()
    assert explain(trace, 2).sentence == "Step 2 ended because exits exited with status 3."
    assert explain(trace, 4).sentence == (
        "Step 4 was stopped by the host: the call ran longer than its limit of 0.1 s."
    )


def test_a_closed_store(engine, recorder):
    store = Store(engine, recorder)
    instance = store.instantiate(counter)
    store.close()
    instance.call("count")
    assert explain(recorder.trace(), 2).sentence == (
        "Step 2 was refused because store 1 had been closed, and its instances with it."
    )


@pytest.mark.parametrize(
    ("cause", "version", "sentence"),
    [
        (
            Cause("re-entrance", 2),
            "48.0.0",
            "Step 3 was refused because step 2 was still inside store 1: a host function called back into the "
            "component that had called it, which Wasmtime 48 does not allow.",
        ),
        (
            Cause("post-return", 2),
            "41.0.0",
            "Step 3 was refused because `post_return` had not been called after step 2; Wasmtime 39 to 41 want it "
            "after every call, later releases do it themselves.",
        ),
        (
            Cause("poisoned", 2, "instance"),
            "41.0.0",
            "Step 3 was refused because step 2 (`unreachable` in counter) poisoned instance 1; up to Wasmtime 41 "
            "that holds for this instance only, not for the others in store 1.",
        ),
        (
            Cause("unknown"),
            "50.0.1",
            "Step 3 was refused with “wasm trap: cannot enter component instance”, and nothing in this trace "
            "accounts for it.",
        ),
    ],
)
def test_one_text_has_several_causes(engine, recorder, cause, version, sentence):
    with Store(engine, recorder) as store:
        instance = store.instantiate(counter)
        instance.call("crash")
        instance.call("count")
    trace = recorder.trace()
    last = trace.steps[-1]
    assert last.outcome is not None
    retold = msgspec.structs.replace(last, outcome=msgspec.structs.replace(last.outcome, cause=cause))
    trace = msgspec.structs.replace(trace, runtime=version, steps=(*trace.steps[:-1], retold))
    assert explain(trace, 3).sentence == sentence


def test_a_step_that_is_not_there(engine, recorder):
    with Store(engine, recorder) as store:
        store.instantiate(counter)
    with pytest.raises(LabkitError, match=r"This trace has no step 9; it has steps 1 to 1\."):
        explain(recorder.trace(), 9)


def test_every_kind_of_outcome_has_an_explanation(engine, recorder):
    from labkit.host import KINDS

    with Store(engine, recorder) as store:
        store.instantiate(counter).call("count")
    trace = recorder.trace()
    for kind in KINDS:
        step = msgspec.structs.replace(trace.steps[-1], outcome=Outcome(kind))
        changed = msgspec.structs.replace(trace, steps=(*trace.steps[:-1], step))
        assert explain(changed, 2).sentence.startswith("Step 2 ")


def test_a_store_without_room(engine, recorder):
    with Store(engine, recorder, limits=Limits(memory=65536)) as store:
        store.instantiate(Program.from_wat("big", "(module (memory 3))"))
    assert explain(recorder.trace(), 1).sentence == (
        "Step 1 was refused because store 1 has no room for another big: memory minimum size of 3 pages exceeds "
        "memory limits."
    )


ISSUE_ASYNC = "https://github.com/bytecodealliance/wasmtime/issues/9515"
BECAUSE_ASYNC = (
    "Since Wasmtime 42 that rule belongs to the store: it holds for every guest, whatever it imports.",
    "No guest was entered, so nothing is poisoned. Up to Wasmtime 41 the same mistake aborts the process.",
)


def test_a_store_that_wants_asynchronous_calls_names_the_step_that_made_it_so(engine, recorder):
    async def ask(_number):
        return 1

    with Store(engine, recorder, imports={"host#ask": ask}) as store:
        instance = store.instantiate(core_counter)
        store.instantiate(Program.from_wat("asks", CORE_CALLS_HOST))
        instance.call("count")
    linked, called = explain(recorder.trace(), 2), explain(recorder.trace(), 3)
    assert linked.sentence == (
        "Step 2 was refused because store 1 wants asynchronous calls: "
        "this very step linked an asynchronous host function into it."
    )
    assert called.sentence == (
        "Step 3 was refused because store 1 wants asynchronous calls: "
        "step 2 linked an asynchronous host function into it."
    )
    assert linked.because == called.because == BECAUSE_ASYNC
    assert called.advice == (
        "Link a synchronous host function in a new store, or instantiate and call asynchronously."
    )
    assert called.sources == (ISSUE_ASYNC,)


def test_a_store_whose_epochs_yield(recorder):
    with Engine(EngineSettings(epoch_yield=True)) as engine, Store(engine, recorder) as store:
        store.instantiate(core_counter)
    found = explain(recorder.trace(), 1)
    assert found.sentence == (
        "Step 1 was refused because store 1 wants asynchronous calls: its guests yield to the host, "
        "the export is an async function, or the engine is made for async."
    )
    assert found.advice == "Stop guests by a deadline instead of yielding, or call them asynchronously."
