"""What people are told about a component that panicked, each claim put to the test.

Each test bears the name of a claim of `labkit/claims/ledger` that is run; `tests/claims` sees to that. The ledger
tries the claims by scenario under many releases, these tests by hand under the lab's own.
"""

import threading
from statistics import median

import pytest

from labkit import Lab
from labkit.host import Cause

GOOD, BAD = 10.0, 101.0


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def guest(lab):
    return lab.build("process-panic")


@pytest.fixture(scope="module")
def fixed(lab):
    return lab.build("process-result")


def test_later_calls_fail__valid_input_fails_too_on_the_same_instance(lab, guest):
    instance = lab.store().instantiate(guest)
    assert instance.call("process-input", BAD).kind == "trapped"
    assert instance.call("process-input", GOOD).kind == "refused"


def test_panic_is_a_trap__and_not_an_error_value(lab, guest):
    outcome = lab.store().instantiate(guest).call("process-input", BAD)
    assert (outcome.kind, outcome.code, outcome.error) == ("trapped", "unreachable", None)


def test_dead_for_good__nothing_clears_a_panicked_instance(lab, guest):
    instance = lab.store().instantiate(guest)
    blamed = instance.call("process-input", BAD).step
    for export, args in (("process-input", [GOOD]), ("calls", []), ("process-input", [GOOD])):
        assert instance.call(export, *args).cause == Cause("poisoned", blamed, "store")


def test_reinstantiate_is_enough__no_longer_in_the_same_store(lab, guest):
    store = lab.store()
    store.instantiate(guest).call("process-input", BAD)
    again = store.instantiate(guest)
    assert (again.outcome.kind, again.call("process-input", GOOD).kind) == ("returned", "refused")


def test_store_must_go__even_for_instances_that_never_trapped(lab, guest):
    store = lab.store()
    bystander = store.instantiate(guest)
    store.instantiate(guest).call("process-input", BAD)
    assert bystander.call("process-input", GOOD).kind == "refused"
    assert lab.store().instantiate(guest).call("process-input", GOOD).unwrap() == 20.0


def test_typed_errors__leave_the_instance_healthy(lab, fixed):
    instance = lab.store().instantiate(fixed)
    bad, good = instance.call("process-input", BAD), instance.call("process-input", GOOD)
    assert (bad.kind, bad.error, good.value) == ("guest-error", "input-too-large", 20.0)


def test_recompiling_is_dear__it_works_and_costs_many_times_a_fresh_store(lab, guest):
    with lab.runner(guest, "recompile") as runner:
        assert [runner.call("process-input", x).kind for x in (GOOD, BAD, GOOD)] == [
            "returned",
            "trapped",
            "returned",
        ]
    report = lab.costs(guest, policies=["keep", "fresh-store", "recompile"], seconds=2.0)
    cost = {one.policy: one.median_us for one in report.costs}
    assert cost["recompile"] > 10 * cost["fresh-store"]


def test_rebuild_works__when_it_drops_the_store(lab, guest):
    with lab.runner(guest, "rebuild-on-trap") as runner:
        assert [runner.call("process-input", x).kind for x in (GOOD, BAD, GOOD)] == [
            "returned",
            "trapped",
            "returned",
        ]
    with lab.runner(guest, "fresh-instance") as runner:
        assert [runner.call("process-input", x).kind for x in (GOOD, BAD, GOOD)] == [
            "returned",
            "trapped",
            "refused",
        ]


def test_own_errors_need_no_rebuild__dropping_the_instance_for_them_is_waste(lab, fixed):
    used = {}
    for drop in (False, True):
        with lab.runner(fixed, "rebuild-on-trap", drop_on_error=drop) as runner:
            for number in (GOOD, BAD, GOOD):
                runner.call("process-input", number)
            used[drop] = (runner.counts.stores, runner.call("calls").unwrap())
    assert used == {False: (1, 2), True: (2, 1)}


@pytest.mark.parametrize(
    ("number", "panic"),
    [
        (100.0, "index out of bounds: the len is 10 but the index is 10"),
        (-1.0, "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"),
    ],
)
def test_hidden_panics__in_indexing_and_unwrap(lab, number, panic):
    instance = lab.store().instantiate(lab.build("process-unwrap"))
    assert instance.call("process-input", BAD).kind == "guest-error"
    outcome = instance.call("process-input", number)
    assert outcome.kind == "trapped"
    assert outcome.panic is not None
    assert outcome.panic.endswith(panic)


def test_cleanup_needs_no_return__a_host_resource_stays_held_after_a_trap(lab):
    held: set[str] = set()
    imports = {"log": lambda text: None, "acquire": held.add, "release": held.discard}
    with lab.runner(lab.build("process-lock"), "rebuild-on-trap", imports=imports) as runner:
        runner.call("process-input", GOOD)
        assert held == set()
        runner.call("process-input", BAD)
        assert held == {"buffer"}


def test_lent_lock_stays_locked__and_a_new_store_does_not_free_it(lab):
    lock = threading.Lock()

    def acquire(name):
        if not lock.acquire(blocking=False):
            raise RuntimeError(f"{name} is locked")

    imports = {"log": lambda text: None, "acquire": acquire, "release": lambda name: lock.release()}
    with lab.runner(lab.build("process-lock"), "rebuild-on-trap", imports=imports) as runner:
        outcomes = [runner.call("process-input", number) for number in (GOOD, BAD, GOOD)]
        assert runner.counts.stores == 2
    assert [outcome.kind for outcome in outcomes] == ["returned", "trapped", "host-error"]
    assert (outcomes[2].raised, outcomes[2].message) == ("RuntimeError", "buffer is locked")


def test_catching_restores_nothing__in_the_guest(lab, guest):
    instance = lab.store().instantiate(guest)
    caught = []
    for number in (BAD, GOOD, GOOD):
        try:
            instance.call("process-input", number).unwrap()
        except Exception as error:
            caught.append(str(error))
    assert len(caught) == 3
    assert caught[2].startswith("expected a returned value, but the call was refused: poisoned by step")


def test_callers_fail_together__also_the_one_in_flight(lab):
    inside, called = threading.Event(), threading.Event()

    def log(_text):
        inside.set()
        called.wait()

    imports = {"log": log, "acquire": lambda name: None, "release": lambda name: None}
    shared = lab.store(imports).instantiate(lab.build("process-lock"))
    alice = threading.Thread(target=shared.call, args=("process-input", BAD), kwargs={"caller": "alice"})
    alice.start()
    inside.wait()
    threading.Timer(0.1, called.set).start()
    outcome = shared.call("process-input", GOOD, caller="bob")
    alice.join()
    assert (outcome.kind, outcome.cause and outcome.cause.kind) == ("refused", "poisoned")


def test_user_errors_are_no_traps__they_cost_more_and_lose_the_state(lab, guest, fixed):
    import time

    took: dict[str, list[float]] = {"panics": [], "answers": []}
    with lab.runner(guest, "rebuild-on-trap") as panics, lab.runner(fixed, "rebuild-on-trap") as answers:
        for _ in range(100):
            for name, runner in (("panics", panics), ("answers", answers)):
                runner.call("process-input", GOOD)
                started = time.perf_counter()
                runner.call("process-input", BAD)
                took[name].append(time.perf_counter() - started)
        assert (panics.counts.stores, answers.counts.stores) == (100, 1)
        assert (panics.call("calls").unwrap(), answers.call("calls").unwrap()) == (0, 100)
    assert median(took["panics"]) > median(took["answers"])
