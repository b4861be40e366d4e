"""What the trace knows of caught panics and of memory that ran out, and what is said about them."""

from __future__ import annotations

import pickle

import pytest

from labkit import Lab, read_trace
from labkit.errors import OutcomeError, PanicError
from labkit.host import MemoryUse, Outcome
from labkit.record import explain

MIB = 2**20
CAUGHT = {"message": "amount too large: 60", "file": "src/lib.rs", "line": 41, "column": 9}


@pytest.fixture
def lab():
    with Lab(memory=32 * MIB) as lab:
        yield lab


def test_unwrapping_a_caught_panic_raises_it():
    outcome = Outcome("guest-error", error=CAUGHT)
    with pytest.raises(PanicError) as raised:
        outcome.unwrap()
    error = raised.value
    assert (error.message, error.file, error.line, error.column) == tuple(CAUGHT.values())
    assert str(error) == "amount too large: 60 (src/lib.rs:41:9)"
    assert error.backtrace is None
    assert outcome.describe() == "answered with a panic it had caught: amount too large: 60 (src/lib.rs:41:9)"


def test_it_keeps_a_backtrace_and_can_be_pickled():
    error = Outcome("guest-error", error={**CAUGHT, "backtrace": "0: transfer"}).caught_panic
    again = pickle.loads(pickle.dumps(error))
    assert (again.place, again.backtrace) == ("src/lib.rs:41:9", "0: transfer")


@pytest.mark.parametrize(
    "error", ["input-too-large", {"message": "no place"}, {**CAUGHT, "colour": "red"}, None], ids=str
)
def test_other_errors_are_no_panics(error):
    outcome = Outcome("guest-error", error=error)
    assert outcome.caught_panic is None
    with pytest.raises(OutcomeError) as raised:
        outcome.unwrap()
    assert not isinstance(raised.value, PanicError)


def test_a_caught_panic_is_explained_by_its_place(lab):
    outcome = lab.store().instantiate(lab.build("process-unwind")).call("note", 60)
    place = outcome.caught_panic.place
    assert str(lab.explain(outcome)) == "\n".join(
        [
            f"Step 2 panicked at {place} and answered with that: “amount too large: 60” is an ordinary value.",
            "  • The guest unwound its stack and caught the panic where the host had called in: destructors ran.",
            "  • Instance 1 goes on, and what the panic left half written in plain data stays so.",
        ]
    )


def test_memory_that_ran_out_is_known_from_the_limit_the_size_and_the_backtrace(lab):
    outcome = lab.store().instantiate(lab.build("process-ledger")).call("load", 100)
    assert (outcome.kind, outcome.code, outcome.panic) == ("trapped", "unreachable", None)
    assert outcome.memory.limit == 32 * MIB
    assert 30 * MIB < outcome.memory.size <= 32 * MIB
    said = lab.explain(outcome)
    assert said.sentence.startswith(
        "Step 2 trapped because process-ledger ran out of its 32 MiB, of which it had 3"
    )
    assert said.sentence.endswith(" MiB when it asked for more.")


def test_a_components_memory_is_hidden_and_its_limit_is_not(lab):
    outcome = lab.store().instantiate(lab.build("process-unwind")).call("load", 100)
    assert outcome.memory == MemoryUse(32 * MIB)
    assert lab.explain(outcome).sentence == (
        "Step 2 trapped because process-unwind ran out of its 32 MiB when it asked for more."
    )


def test_the_explanation_does_not_read_the_guests_words(lab):
    trace = lab.run("05-recovery/out-of-memory")
    silent = trace.to_json().replace("memory allocation", "something")
    assert explain(read_trace(silent), 3) == explain(trace, 3)


def test_another_unreachable_is_not_taken_for_it(lab):
    outcome = lab.store().instantiate(lab.build("process-ledger")).call("stop")
    assert outcome.memory.size < 2 * MIB
    assert lab.explain(outcome).sentence == "Step 2 trapped with `unreachable` in `stop` of process-ledger."
