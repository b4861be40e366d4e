"""What each reuse policy does to the same calls: answers, stores made, state kept."""

import threading
import time

import pytest

from labkit.errors import ArgumentError, ClosedError, UnknownNameError
from labkit.host import Counter, Engine, Program
from labkit.record import Recorder
from labkit.reuse import POLICY_NAMES, Counts, Knobs, Runner
from tests.host.wat import CALLS_HOST, COUNTER

counter = Program.from_wat("counter", COUNTER)
STORY = ("count", "count", "crash", "count", "count")


@pytest.fixture
def engine():
    with Engine() as engine:
        yield engine


def play(engine: Engine, policy: str, exports=STORY, **knobs) -> tuple[list[object], Counts]:
    """The value of every call, or its outcome kind, and what the policy used."""
    with Runner(engine, Counter(), counter, policy=policy, knobs=Knobs(**knobs)) as runner:
        outcomes = [runner.call(export) for export in exports]
    return [o.value if o.kind == "returned" else o.kind for o in outcomes], runner.counts


@pytest.mark.parametrize(
    ("policy", "answers", "counts"),
    [
        ("keep", [1, 2, "trapped", "refused", "refused"], Counts(calls=5, stores=1, instances=1)),
        ("fresh-instance", [1, 1, "trapped", "refused", "refused"], Counts(calls=5, stores=1, instances=5)),
        ("rebuild-on-trap", [1, 2, "trapped", 1, 2], Counts(calls=5, stores=2, instances=2)),
        ("fresh-store", [1, 1, "trapped", 1, 1], Counts(calls=5, stores=5, instances=5)),
        ("recompile", [1, 1, "trapped", 1, 1], Counts(calls=5, stores=5, instances=5, compiles=5)),
        ("pool", [1, 1, "trapped", 1, 2], Counts(calls=5, stores=5, instances=5)),
    ],
)
def test_the_same_calls_under_every_policy(engine, policy, answers, counts):
    assert play(engine, policy) == (answers, counts)


def test_every_policy_has_a_story_of_its_own():
    assert set(POLICY_NAMES) == {"keep", "fresh-instance", "rebuild-on-trap", "fresh-store", "recompile", "pool"}


@pytest.mark.parametrize("policy", ["keep", "rebuild-on-trap"])
def test_an_instance_is_replaced_after_its_last_permitted_call(engine, policy):
    answers, counts = play(engine, policy, ["count"] * 5, max_reuse=2)
    assert (answers, counts.stores) == ([1, 2, 1, 2, 1], 3)


def test_a_pooled_instance_is_replaced_after_its_last_permitted_call(engine):
    answers, counts = play(engine, "pool", ["count"] * 5, pool_size=1, max_reuse=2)
    assert (answers, counts.stores) == ([1, 2, 1, 2, 1], 3)


def test_an_instance_idle_for_too_long_is_replaced(engine):
    with Runner(engine, Counter(), counter, policy="keep", knobs=Knobs(idle_timeout=0.05)) as runner:
        assert [runner.call("count").value, runner.call("count").value] == [1, 2]
        time.sleep(0.1)
        assert runner.call("count").value == 1


def test_a_host_exception_makes_rebuild_on_trap_rebuild(engine):
    asks = Program.from_wat("asks", CALLS_HOST)

    def full():
        raise OSError("the disk is full")

    with Runner(engine, Counter(), asks, policy="rebuild-on-trap", imports={"ask": full}) as runner:
        assert [runner.call("go").kind, runner.call("ok").kind] == ["host-error", "returned"]
        assert runner.counts.stores == 2


def test_dropping_the_instance_for_a_guests_own_error_is_waste(engine):
    fails = Program.from_wat(
        "fails",
        """(component
          (core module $m
            (global $n (mut i32) (i32.const 0))
            (func (export "fail") (result i32) i32.const 1)
            (func (export "count") (result i32)
              (global.set $n (i32.add (global.get $n) (i32.const 1))) global.get $n))
          (core instance $i (instantiate $m))
          (func (export "fail") (result (result)) (canon lift (core func $i "fail")))
          (func (export "count") (result u32) (canon lift (core func $i "count"))))""",
    )
    for drop, kept, stores in ((False, 2, 1), (True, 1, 2)):
        knobs = Knobs(drop_on_error=drop)
        with Runner(engine, Counter(), fails, policy="rebuild-on-trap", knobs=knobs) as runner:
            runner.call("count")
            assert runner.call("fail").kind == "guest-error"
            assert (runner.call("count").value, runner.counts.stores) == (kept, stores)


def test_callers_in_flight_fail_with_the_one_that_panicked(engine):
    """Threads share the kept instance: they take turns, and after one trap every other turn is refused."""
    recorder = Recorder(engine.release.version)
    outcomes: dict[str, list[str]] = {}
    ready = threading.Barrier(5)
    crashed = threading.Event()

    with Runner(engine, recorder, counter, policy="keep") as runner:

        def call(name: str) -> None:
            kinds = outcomes[name] = [runner.call("count", caller=name).kind]
            ready.wait()
            if name == "mallory":
                kinds.append(runner.call("crash", caller=name).kind)
                crashed.set()
            else:
                crashed.wait()
                kinds.append(runner.call("count", caller=name).kind)

        threads = [threading.Thread(target=call, args=(n,)) for n in ("alice", "bob", "carol", "dave", "mallory")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes.pop("mallory") == ["returned", "trapped"]
    assert list(outcomes.values()) == [["returned", "refused"]] * 4
    steps = [step for step in recorder.trace() if step.outcome and step.outcome.kind == "refused"]
    assert {step.outcome.cause.step for step in steps if step.outcome and step.outcome.cause} == {7}


def test_many_threads_on_a_pool_never_meet_in_one_instance(engine):
    with Runner(engine, Counter(), counter, policy="pool", knobs=Knobs(pool_size=3)) as runner:
        kinds: list[str] = []

        def work() -> None:
            kinds.extend(runner.call("crash" if i % 7 == 3 else "count").kind for i in range(60))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(set(kinds)) == ["returned", "trapped"]
    assert kinds.count("trapped") == 4 * 9


def test_wrong_use_is_one_sentence(engine):
    with pytest.raises(
        UnknownNameError, match=r"There is no reuse policy named 'fresh'; did you mean fresh-store or"
    ):
        Runner(engine, Counter(), counter, policy="fresh")
    with pytest.raises(ArgumentError, match=r"pool_size must be at least 1, not 0\."):
        Knobs(pool_size=0)
    runner = Runner(engine, Counter(), counter)
    runner.close()
    with pytest.raises(ClosedError, match=r"This runner is closed; make another one with lab\.runner\(\)\."):
        runner.call("count")
    with Runner(engine, Counter(), counter) as runner, pytest.raises(UnknownNameError, match="did you mean count"):
        runner.call("cuont")


def test_a_misspelt_export_does_not_cost_the_live_instance(engine):
    with Runner(engine, Counter(), counter, policy="rebuild-on-trap") as runner:
        runner.call("count")
        with pytest.raises(UnknownNameError):
            runner.call("nothing")
        assert runner.call("count").value == 2


def test_the_time_of_compiling_again_counts_in_the_step_that_did_it(engine):
    recorder = Recorder(engine.release.version)
    for policy in ("fresh-store", "recompile"):
        with Runner(engine, recorder, counter, policy=policy) as runner:
            for _ in range(9):
                runner.call("count")
    made = [step for step in recorder.trace() if step.do == "instantiate" and step.us]
    fresh, again = (sorted(step.us for step in made if step.recompiled is flag)[4] for flag in (False, True))
    assert again > 2 * fresh
