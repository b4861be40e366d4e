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
                          "since Wasmtime 42 that holds for every component in the store."),
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


MENDED = """
(component
  (core module $guest
    (memory (export "memory") 1)
    (global $calls (mut i32) (i32.const 0))
    (func (export "process-input") (param $input f64) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      {})
    (func (export "calls") (result i32)
      {}))
  (core instance $core (instantiate $guest))
  (type $error (enum "input-too-large"))
  (export $exported "guest-error" (type $error))
  (func (export "process-input") (param "input" f64) (result (result f64 (error $exported)))
    (canon lift (core func $core "process-input") (memory (core memory $core "memory"))))
  (func (export "calls") (result u32) (canon lift (core func $core "calls"))))
"""
"""The exercise's guest in WAT, so that it takes no toolchain: what is left open answers a number, and counts."""

REFUSES = "(i32.store8 (i32.const 0) (i32.const 1)) (i32.const 0)"
ANSWERS = """(if (result i32) (f64.{} (local.get $input) (f64.const 100))
  (then {})
  (else (i32.store8 (i32.const 0) (i32.const 0))
        (f64.store (i32.const 8) (f64.mul (local.get $input) (f64.const {})))
        (i32.const 0)))"""
COUNTS = "(global.get $calls)"


@pytest.mark.parametrize(
    ("process_input", "calls", "finding"),
    [
        (ANSWERS.format("ge", REFUSES, 2), COUNTS,
         "For 100.0 the guest should return 200.0; the call answered with its own error 'input-too-large'."),
        (ANSWERS.format("gt", REFUSES, 3), COUNTS,
         "For 10.0 the guest should return 20.0; the call returned 30.0."),
        (REFUSES, COUNTS,
         "For 10.0 the guest should return 20.0; the call answered with its own error 'input-too-large'."),
        (ANSWERS.format("gt", "unreachable", 2), COUNTS,
         "For 100.5 the guest should answer `input-too-large`; the call trapped: unreachable."),
        (ANSWERS.format("gt", "(f64.store (i32.const 8) (f64.const 0)) (i32.store8 (i32.const 0) (i32.const 0)) "
                              "(i32.const 0)", 2), COUNTS,
         "For 100.5 the guest should answer `input-too-large`; the call returned 0.0."),
        ("(drop (i32.trunc_f64_s (local.get $input)))" + ANSWERS.format("gt", REFUSES, 2), COUNTS,
         "For 1e+300 the guest should answer `input-too-large`; the call trapped: integer-overflow."),
        (ANSWERS.format("gt", REFUSES, 2), "unreachable",
         "Afterwards `calls` should say how many were answered; it trapped: unreachable."),
    ],
)  # fmt: skip
def test_a_guest_that_is_not_mended_is_told_for_which_number(process_input, calls, finding):
    findings = check_for("mended-guest")(build_cell("process-unwrap", MENDED.format(process_input, calls)))
    assert [found.text for found in findings if not found.passed] == [finding]


def test_a_guest_in_another_language_may_be_right_too():
    mended = MENDED.format(ANSWERS.format("gt", REFUSES, 2), COUNTS)
    assert all(found.passed for found in check_for("mended-guest")(build_cell("process-unwrap", mended)))
