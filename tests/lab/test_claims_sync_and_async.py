"""What people are told about mixing synchronous and asynchronous, each claim put to the test.

Each test bears the name of a claim of `labkit/claims/ledger` that is run; `tests/claims` sees to that. The ledger
tries the claims by scenario under many releases. These tests do the same by hand, under the lab's own release as
far as it can, and in children under 41, where each mix is the end of the process.
"""

import asyncio
import time

import pytest

from labkit import Lab
from labkit.errors import UnsafeError
from labkit.host import Cause, Engine, EngineSettings

FAMILY = "03-sync-and-async"
WANTS_ASYNC = "store configuration requires that `*_async` functions are used instead"


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def guest(lab):
    return lab.build("host-log")


@pytest.fixture(scope="module")
def counter(lab):
    return lab.build("counter-core")


async def log_later(number):
    await asyncio.sleep(0)


def last_under_41(lab, variant=""):
    """The last outcome of a variant under Wasmtime 41."""
    return lab.run(f"{FAMILY}/{variant}" if variant else FAMILY, runtime="41.0.0").steps[-1].outcome


def awaited(lab, program, log, export="run"):
    """An export of `program`, instantiated and called asynchronously with `log` as host function."""

    async def main():
        with lab.store(imports={"host#log": log}) as store:
            instance = await store.instantiate_async(program)
            return await instance.call_async(export)

    return asyncio.run(main())


def test_sync_host_function_panics__on_no_release(lab, guest):
    seen = []
    assert awaited(lab, guest, seen.append).value == 7
    assert seen == [7]
    assert last_under_41(lab, "sync-host-function").value == 7


def test_async_engine_needs_async_instantiate__up_to_41(lab, guest):
    assert last_under_41(lab).signal == "SIGABRT"
    with Lab() as own:
        assert own.store(imports={"host#log": print}).instantiate(guest).outcome.ok


def test_start_function_aborts__up_to_41(lab):
    assert last_under_41(lab, "start-function").signal == "SIGABRT"
    seen = []
    started = lab.store(imports={"host#log": seen.append}).instantiate(lab.build("host-start"))
    assert (started.call("ready").value, seen) == (1, [1])


def test_async_engine_needs_async_calls__up_to_41(lab, guest):
    assert last_under_41(lab, "sync-call-after-await").signal == "SIGABRT"

    async def made():
        return await lab.store(imports={"host#log": print}).instantiate_async(guest)

    assert asyncio.run(made()).call("pure").value == 5


def test_async_host_function_aborts__up_to_41(lab, guest):
    assert last_under_41(lab, "async-host-function").signal == "SIGABRT"
    outcome = lab.store(imports={"host#log": log_later}).instantiate(guest).outcome
    assert (outcome.kind, outcome.message) == ("refused", WANTS_ASYNC)


def test_rule_of_the_store__holds_for_guests_that_import_nothing(lab, guest, counter):
    store = lab.store(imports={"host#log": log_later})
    bystander = store.instantiate(counter)
    assert bystander.call("count").value == 1
    linked = store.instantiate(guest).outcome.step
    assert bystander.call("count").cause == Cause("async-required", linked)
    assert asyncio.run(bystander.call_async("count")).value == 2
    assert lab.store().instantiate(counter).call("count").value == 1


def test_drop_async__the_synchronous_set_up_is_answered(lab, guest):
    seen = []
    instance = lab.store(imports={"host#log": seen.append}).instantiate(guest)
    assert [instance.call("run").value for _ in range(3)] == [7] * 3
    assert last_under_41(lab, "all-sync").value == 5


def test_running_loop_needs_no_async_engine__a_plain_call_is_answered(lab, guest):
    async def handler():
        return lab.store(imports={"host#log": print}).instantiate(guest).call("run")

    assert asyncio.run(handler()).value == 7


def test_blocking_stalls_the_loop__for_as_long_as_it_blocks(lab, guest):
    ticks = []

    async def tick():
        while True:
            ticks.append(time.perf_counter())
            await asyncio.sleep(0.005)

    async def main():
        ticking = asyncio.create_task(tick())
        instance = await lab.store(imports={"host#log": lambda _: time.sleep(0.2)}).instantiate_async(guest)
        await asyncio.sleep(0.02)
        before = len(ticks)
        await instance.call_async("run")
        during = len(ticks) - before
        ticking.cancel()
        return during

    assert asyncio.run(main()) == 0


def run_nested(_number):
    coroutine = asyncio.sleep(0)
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()


def run_on_the_running_loop(_number):
    coroutine = asyncio.sleep(0)
    try:
        asyncio.get_running_loop().run_until_complete(coroutine)
    finally:
        coroutine.close()


def wait_for_the_own_loop(_number):
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), asyncio.get_running_loop()).result(0.1)


@pytest.mark.parametrize(
    ("log", "raised"),
    [
        (run_nested, "RuntimeError"),
        (run_on_the_running_loop, "RuntimeError"),
        (wait_for_the_own_loop, "TimeoutError"),
    ],
)
def test_nested_loop_fails__under_a_running_loop(lab, guest, log, raised):
    outcome = awaited(lab, guest, log)
    assert (outcome.kind, outcome.raised) == ("host-error", raised)


def test_mixed_wasi__works_until_a_guest_waits(lab):
    kinds = [step.outcome.kind for step in lab.run(f"{FAMILY}/mixed-wasi", runtime=lab.runtime)]
    assert kinds == ["returned", "returned", "aborted"]
    with pytest.raises(UnsafeError):
        Engine(EngineSettings(wasi="async"))
    both = lab.run(f"{FAMILY}/mixed-wasi-both").steps[0].outcome
    assert (both.message, both.cause) == ("map entry `error` defined twice", Cause("linked-twice"))


def test_awaiting_frees_the_loop__not_from_synchronous_wasi(lab):
    step = lab.run(f"{FAMILY}/sync-wasi-awaited").steps[-1]
    assert step.gap_ms * 1000 > 0.9 * step.us


def test_panic_not_error__up_to_41(lab):
    assert last_under_41(lab).message.startswith("panicked at ")
    assert lab.run(f"{FAMILY}/async-host-function").steps[2].outcome.kind == "refused"


def test_names_changed__in_the_words_of_the_runtime(lab):
    variant = f"{FAMILY}/sync-call-of-async-host-function"
    old, new = (lab.run(variant, runtime=version).steps[1].outcome for version in ("41.0.0", lab.runtime))
    assert "must use `call_async`" in old.message
    assert new.message == WANTS_ASYNC


def test_state_across_await__is_what_others_may_have_changed(lab, guest):
    account = {"balance": 100}

    async def spend(number):
        balance = account["balance"]
        await asyncio.sleep(0.1)
        account["balance"] = balance - number

    async def customer():
        instance = await lab.store(imports={"host#log": spend}).instantiate_async(guest)
        await instance.call_async("run")

    async def both():
        await asyncio.gather(customer(), customer())

    asyncio.run(both())
    assert account["balance"] == 93
