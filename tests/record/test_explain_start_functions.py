"""Explanations of start functions: each sentence is asserted whole."""

from labkit.cli.load import program
from labkit.record import explain, find_scenario
from labkit.reuse import play
from labkit.views import timeline_reading


def test_a_start_function_that_waits_is_told_where_waiting_is_allowed():
    trace = play(find_scenario("04-start-function"), program)
    found = explain(trace, 1)
    assert found.sentence == (
        "Step 1 trapped with `cannot-block-sync-task` in `begin` of start-waits while its start function ran, "
        "so there is no instance."
    )
    assert found.because == (
        "A start function runs within the instantiation, which is no task that could be suspended meanwhile.",
        "Store 1 is poisoned from here on: no component in it can be called any more.",
    )
    assert found.advice == (
        "Let the start function note at most what is to be done; export the work as an async function and await "
        "it once there is an instance."
    )
    assert found.sources[0].endswith("/wasmtime/issues/12391")


def test_so_is_a_plain_export_that_waits():
    trace = play(find_scenario("04-start-function/init-plain"), program)
    found = explain(trace, 2)
    assert found.sentence == "Step 2 trapped with `cannot-block-sync-task` in `wait-for` of init-later."
    assert found.because[0] == (
        "A plain export is a synchronous task and may not wait before it returns, however the host calls it."
    )
    assert found.advice == "Export it as an async function, and await it in a new store."


def test_a_host_function_that_fails_a_start_function_fails_the_instantiation():
    found = explain(play(find_scenario("04-start-function/indirect-failure"), program), 1)
    assert found.sentence == (
        "Step 1 stopped while its start function ran, because host function fetch raised ScenarioError: "
        "the rates are not there yet; there is no instance."
    )


def test_what_a_failed_start_function_did_to_others_stays_done():
    trace = play(find_scenario("04-start-function/imported-memory"), program)
    assert explain(trace, 3).because[0] == (
        "What it has done to instance 1 until then stays done: instantiating is no transaction."
    )
    assert timeline_reading(trace) == "Step 3 trapped, yet store 1 still answers: step 4 returned."


def test_the_reading_of_an_instance_that_never_came_to_be():
    assert timeline_reading(play(find_scenario("04-start-function"), program)) == (
        "Step 1 trapped while its start function ran: there is no instance to call."
    )
