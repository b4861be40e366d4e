"""Answers to the exercises of notebook 01, right and wrong, and what each is told."""

import pytest

from labkit.magics import build_cell
from labkit.workshop.checks import check_for
from tests.workshop.answers import shipped_answer


def by_runner(lab, guest, inputs):
    with lab.runner(guest, "rebuild-on-trap") as runner:
        return [runner.call("process-input", number).value for number in inputs]


def by_fresh_store(lab, guest, inputs):
    return tuple(lab.store().instantiate(guest).call("process-input", number).value for number in inputs)


@pytest.mark.parametrize("serve", [by_runner, by_fresh_store])
def test_every_right_host_passes(serve):
    assert all(finding.passed for finding in check_for("surviving-host")(serve))


def by_new_instance(lab, guest, inputs):
    store = lab.store()
    return [store.instantiate(guest).call("process-input", number).value for number in inputs]


def by_recompiling(lab, guest, inputs):
    with lab.runner(guest, "recompile") as runner:
        return [runner.call("process-input", number).value for number in inputs]


def by_unwrapping(lab, guest, inputs):
    return [lab.store().instantiate(guest).call("process-input", number).unwrap() for number in inputs]


@pytest.mark.parametrize(
    ("serve", "finding"),
    [
        (by_new_instance, "Step 6 was refused because step 4 (`unreachable` in process-panic) poisoned store 1; "
                          "since Wasmtime 42 that holds for every instance in the store."),
        (by_recompiling, "It works, but the guest was compiled again, which a new store does not need."),
        (by_unwrapping, "Your function raised OutcomeError: expected a returned value, but the call trapped: "
                        "unreachable (panicked at process-panic/src/lib.rs:12:9: input too large: 101)."),
        (lambda lab, guest, inputs: None, "It should return a list of answers; it returned None."),
        (lambda lab, guest, inputs: [1.0], "5 inputs need 5 answers; there are 1."),
        (lambda lab, guest, inputs: [20.0, None, 40.0, None, 60.0],
         "No guest was called: use the `lab` and the `guest` you are given."),
        (7, "Give the check your function: `check(serve)`, without calling it."),
    ],
)  # fmt: skip
def test_a_wrong_host_is_told_what_is_wrong(serve, finding):
    findings = check_for("surviving-host")(serve)
    assert finding in [found.text for found in findings if not found.passed]


def test_a_guest_that_still_panics_is_told_for_which_number():
    findings = check_for("mended-guest")(
        build_cell("process-unwrap", shipped_answer("01-mend-the-guest").partition("\n")[2])
    )
    assert [found.passed for found in findings] == [False]
    assert findings[0].text.startswith("For 100.0 the guest should return 200.0; the call trapped: unreachable")
