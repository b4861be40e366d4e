"""An instance of a core module that is given another one's memory, or whatever else that one exports."""

import asyncio

import pytest

from labkit.errors import ArgumentError, ProgramError
from labkit.host import Counter, Program, Store
from tests.host.wat import COUNTER

KEEPER = Program.from_wat(
    "keeper",
    """(module
      (memory (export "memory") 1) (global (export "global") i32 (i32.const 5))
      (table (export "table") 1 funcref)
      (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
      (func (export "peek") (result i32) (i32.load (i32.const 0))))""",
)
BORROWS = Program.from_wat(
    "borrows",
    """(module
      (import "keeper" "memory" (memory 1)) (import "keeper" "global" (global $five i32))
      (import "keeper" "table" (table 1 funcref))
      (import "keeper" "double" (func $double (param i32) (result i32)))
      (import "host" "ask" (func $ask (result i32)))
      (func (export "poke") (i32.store (i32.const 0) (call $double (i32.add (global.get $five) (call $ask))))))""",
)
component = Program.from_wat("counter", COUNTER)


@pytest.fixture
def store(engine):
    with Store(engine, Counter(), imports={"host#ask": lambda: 16}) as store:
        yield store


def test_what_one_instance_exports_answers_the_imports_of_another(store):
    keeper = store.instantiate(KEEPER)
    borrower = store.instantiate(BORROWS, given={"keeper": keeper})
    assert borrower.call("poke").unwrap() is None
    assert keeper.call("peek").unwrap() == 42


def test_the_next_instance_of_the_same_program_is_given_its_own(store):
    first, second = store.instantiate(KEEPER), store.instantiate(KEEPER)
    store.instantiate(BORROWS, given={"keeper": first}).call("poke")
    assert (first.call("peek").unwrap(), second.call("peek").unwrap()) == (42, 0)
    store.instantiate(BORROWS, given={"keeper": second}).call("poke")
    assert second.call("peek").unwrap() == 42


def test_asynchronously_too_with_a_coroutine_beside_it(engine):
    async def ask():
        await asyncio.sleep(0)
        return 16

    async def story():
        with Store(engine, Counter(), imports={"host#ask": ask}) as store:
            keeper = await store.instantiate_async(KEEPER)
            borrower = await store.instantiate_async(BORROWS, given={"keeper": keeper})
            await borrower.call_async("poke")
            assert (await keeper.call_async("peek")).unwrap() == 42

    asyncio.run(story())


def test_a_memory_that_nobody_gives_is_one_sentence(store):
    with pytest.raises(ProgramError) as raised:
        store.instantiate(BORROWS)
    assert str(raised.value) == (
        "borrows imports keeper#memory, a memory, which only another instance of the same store has; "
        "pass one with given={'keeper': …}."
    )


def test_who_has_nothing_to_give_is_named(engine, store):
    keeper = store.instantiate(KEEPER)
    with Store(engine, Counter()) as other, pytest.raises(ArgumentError) as elsewhere:
        other.instantiate(BORROWS, given={"keeper": keeper})
    assert str(elsewhere.value) == "borrows cannot use instance 1 of keeper, which is in another store."
    with pytest.raises(ArgumentError) as unused:
        store.instantiate(BORROWS, given={"keeper": keeper, "kepper": keeper})
    assert str(unused.value) == "borrows imports nothing from 'kepper'; it imports from keeper, host."
    with pytest.raises(ProgramError) as lacking:
        store.instantiate(BORROWS, given={"host": keeper})
    assert str(lacking.value) == "borrows imports host#ask, and instance 1 of keeper does not export that."
    with pytest.raises(ArgumentError) as wrong_kind:
        store.instantiate(component, given={"keeper": keeper})
    assert str(wrong_kind.value) == "counter is a component; only core modules take what another instance exports."
    with pytest.raises(ArgumentError) as no_module:
        store.instantiate(BORROWS, given={"keeper": store.instantiate(component)})
    assert (
        str(no_module.value) == "borrows cannot use instance 2 of counter, which has no exports of a core module."
    )
