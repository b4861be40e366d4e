"""Answers to the exercise of notebook 05, right and wrong, and what each is told."""

import pytest

from labkit.workshop.checks import check_for


def answers(outcomes):
    return [o.caught_panic.message if o.caught_panic else o.value for o in outcomes]


def by_runner(lab, guest, calls):
    with lab.runner(guest, "rebuild-on-trap") as runner:
        return answers(runner.call(*call) for call in calls)


def by_guard(lab, guest, calls):
    guard = lab.guarded(guest)
    guard.on_abort(lambda _abort: guard.schedule_reinit())
    return answers(guard.call(*call) for call in calls)


def always_anew(lab, guest, calls):
    return answers(lab.store().instantiate(guest).call(*call) for call in calls)


def drops_on_any_error(lab, guest, calls):
    with lab.runner(guest, "rebuild-on-trap", drop_on_error=True) as runner:
        return answers(runner.call(*call) for call in calls)


def never_anew(lab, guest, calls):
    instance = lab.store().instantiate(guest)
    return answers(instance.call(*call) for call in calls)


def raises(lab, guest, calls):
    return [lab.store().instantiate(guest).call(*call).unwrap() for call in calls]


@pytest.mark.parametrize("serve", [by_runner, by_guard])
def test_more_than_one_way_is_right(serve):
    assert all(finding.passed for finding in check_for("recovering-host")(serve))


@pytest.mark.parametrize(
    ("serve", "told"),
    [
        (always_anew, "Call 3, note(1), should give 2; yours gave 1."),
        (drops_on_any_error, "Call 3, note(1), should give 2; yours gave 1."),
        (never_anew, "Call 5, note(1), should give 1; yours gave None."),
        (raises, "amount too large: 60 (process-unwind/src/lib.rs:41:9)"),
        (lambda lab, guest, calls: None, "It should return a list of 6 answers, one per call."),
        ("serve", "Give the check your function: `check(serve)`, without calling it."),
    ],
)
def test_a_host_that_loses_too_much_or_stops_is_told_where(serve, told):
    (found,) = check_for("recovering-host")(serve)
    assert (found.passed, found.text) == (False, told)


def test_a_store_for_nothing_is_found():
    def spare(lab, guest, calls):
        lab.store().instantiate(guest)
        return by_guard(lab, guest, calls)

    assert [finding.passed for finding in check_for("recovering-host")(spare)] == [True, True, False]
