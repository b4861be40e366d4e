"""One source, three guests: a core module that aborts, a component that aborts, a component that unwinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from labkit.guests import Std, Toolchain, find_toolchains, guest
from labkit.host import Counter, Engine, Instance, Limits, Outcome, Program, Store
from tests.guests.running import built

MIB = 2**20
Make = Callable[..., Instance]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def made(engine: Engine) -> Iterator[Make]:
    """Makes an instance of a guest in a store of its own."""
    stores: list[Store] = []

    def make(name: str, *, memory: int | None = None) -> Instance:
        stores.append(Store(engine, Counter(), limits=Limits(memory=memory)))
        return stores[-1].instantiate(Program.from_bytes(name, built(guest(name))))

    yield make
    for store in stores:
        store.close()


def panicked(line: str) -> dict[str, object]:
    """The `panic-error` of the line of the source that has this text."""
    lines = guest("process-unwind").source.splitlines()
    found = next((n, text) for n, text in enumerate(lines, 1) if line in text)
    return {"file": "process-unwind/src/lib.rs", "line": found[0], "column": found[1].index(line) + 1}


def test_the_source_is_the_same_for_all_and_so_is_what_surrounds_it_in_components() -> None:
    ledger, abort, unwind = (guest(f"process-{name}").path for name in ("ledger", "abort", "unwind"))
    assert (ledger / "src/lib.rs").read_bytes() == (unwind / "src/lib.rs").read_bytes()
    for file in ("src/lib.rs", "src/abi.rs", "src/abi/caught.rs", "wit/world.wit"):
        assert (abort / file).read_bytes() == (unwind / file).read_bytes()


def test_a_guest_that_unwinds_is_made_by_a_toolchain_that_says_so(toolchain: Toolchain) -> None:
    assert guest("process-unwind").std == Std("wasm32-wasip2", "unwind")
    ids = [made.id for made in find_toolchains(guest("process-unwind"))][:1]
    # It takes the linker and the libc of Rust's own target, as a current libc does.
    assert ids == [f"{toolchain.version}, wasm32-wasip2, build-std, panic=unwind"] * toolchain.current_libc


def test_an_aborted_core_module_answers_and_is_wrong(made: Make) -> None:
    book = made("process-ledger")
    assert book.call("transfer", 40).value == 100
    assert book.call("transfer", 60).panic == "panicked at process-ledger/src/lib.rs:41:9: amount too large: 60"
    assert "cannot recursively acquire mutex" in (book.call("total").panic or "")
    assert book.call("transfer-plain", 60).kind == "trapped"
    assert book.call("total-plain").value == 40
    assert book.call("note", 60).kind == "trapped"
    assert "RefCell already mutably borrowed" in (book.call("notes").panic or "")
    assert book.call("open").value == 1


def test_its_stack_leaks_until_a_trivial_call_fails(made: Make) -> None:
    book = made("process-ledger")
    seen = []
    for _ in range(5):
        seen += [book.call("dive", 60), book.call("add", 1, 2)]
    assert [outcome.code or outcome.value for outcome in seen] == [
        *("unreachable", 3) * 4,
        *("memory-out-of-bounds", "memory-out-of-bounds"),
    ]


def test_an_unwound_panic_is_a_value_and_the_instance_goes_on(made: Make) -> None:
    book = made("process-unwind")
    assert book.call("transfer", 40).value == 100
    refused = book.call("transfer-plain", 60)
    assert refused.kind == "guest-error"
    assert refused.error == {"message": "amount too large: 60", **panicked('panic!("amount')}
    assert (refused.stdout, refused.stderr) == ("", "")
    assert book.call("total").value == 100


def test_what_unwinding_puts_right_and_what_it_does_not(made: Make) -> None:
    book = made("process-unwind")
    for export in ("transfer", "transfer-plain", "note"):
        assert book.call(export, 60).kind == "guest-error"
    poisoned = "called `Result::unwrap()` on an `Err` value: PoisonError { .. }"
    assert book.call("total").error["message"] == poisoned
    assert [book.call(export).value for export in ("open", "notes", "total-plain")] == [0, 0, 40]


def test_its_stack_does_not_leak(made: Make) -> None:
    book = made("process-unwind")
    for _ in range(50):
        assert book.call("dive", 60).error["message"] == "nothing down here"
    assert book.call("add", 1, 2).value == 3


def test_a_thousand_caught_panics_leak_no_memory(made: Make) -> None:
    book = made("process-unwind", memory=2 * MIB)
    assert {book.call("note", 60).kind for _ in range(20_000)} == {"guest-error"}
    assert book.call("note", 1).value == 1


def test_the_same_source_that_aborts_closes_its_store(made: Make) -> None:
    book = made("process-abort")
    assert book.call("transfer-plain", 60).kind == "trapped"
    assert book.call("total-plain").kind == "refused"


@pytest.mark.parametrize("name", ["process-abort", "process-unwind"])
@pytest.mark.parametrize(
    ("export", "args", "code"),
    [("load", (100,), "unreachable"), ("recurse", (), "stack-overflow"), ("stop", (), "unreachable")],
)
def test_what_cannot_be_unwound_traps_in_both(made: Make, name, export, args, code) -> None:
    book = made(name, memory=32 * MIB)
    hard: Outcome = book.call(export, *args)
    assert (hard.kind, hard.code, hard.panic) == ("trapped", code, None)
    assert book.call("add", 1, 2).kind == "refused"


def test_a_panic_that_leaves_the_guest_is_a_trap_and_says_so(made: Make) -> None:
    book = made("process-unwind")
    escaped = book.call("escape", 60)
    assert (escaped.kind, escaped.code, escaped.message) == ("trapped", None, "thrown Wasm exception")
    assert escaped.panic is not None
    assert escaped.panic.endswith("amount too large: 60")
    assert book.call("add", 1, 2).kind == "refused"


def test_a_panic_in_a_function_that_must_not_unwind_aborts(made: Make) -> None:
    stopped = made("process-unwind").call("escape-from-c", 60)
    assert (stopped.kind, stopped.code) == ("trapped", "unreachable")
    assert "panic in a function that cannot unwind" in (stopped.panic or "")
