"""The native path: as right as the public one, nothing leaks, and nothing that goes wrong is a crash."""

from __future__ import annotations

import gc
import re
import threading
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import wasmtime

from labkit.cost import public
from labkit.cost.engines import Knobs, make_engine
from labkit.cost.native.call import PHASES
from labkit.cost.native.component import Component
from labkit.cost.native.core import Core
from labkit.cost.native.library import library
from labkit.errors import ArgumentError, ClosedError, LabkitError, ProgramError, UnknownNameError
from labkit.host import Program
from tests.cost.native_guests import COMPONENT, CORE, STILLBORN

Make = Callable[..., Core | Component]


def core(knobs: Knobs | None = None, program: Program = CORE) -> Core:
    return Core(make_engine(knobs or Knobs()), program)


def component(knobs: Knobs | None = None, program: Program = COMPONENT) -> Component:
    return Component(make_engine(knobs or Knobs()), program)


both = pytest.mark.parametrize("make", [core, component])


@both
def test_a_fresh_call_has_a_store_of_its_own(make: Make) -> None:
    fresh = make().fresh("count")
    assert [(fresh.run(), fresh.result()) for _ in range(3)] == [(True, 1)] * 3


@both
def test_a_live_instance_goes_on(make: Make) -> None:
    with make().live("count") as live:
        assert [(live.run(), live.result()) for _ in range(3)] == [(True, 1), (True, 2), (True, 3)]
        assert live.another()
        assert (live.run(), live.result()) == (True, 1)
        assert live.renew()
        assert (live.run(), live.result()) == (True, 1)


@both
@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(pooling=True),
        Knobs(copy_on_write=False),
        Knobs(pooling=True, keep_resident=2**20),
        Knobs(compiling="single-pass"),
    ],
    ids=["pooling", "no copy-on-write", "keep resident", "single pass"],
)
def test_it_does_so_in_every_engine(make: Make, knobs: Knobs) -> None:
    fresh = make(knobs).fresh("double", 21.0)
    assert [(fresh.run(), fresh.result()) for _ in range(5)] == [(True, 42.0)] * 5


@pytest.mark.parametrize(
    ("make", "export", "args", "answer"),
    [
        (core, "mixed", (1, 2, 0.5), 3.5),
        (core, "mixed", (-(2**31), 2**40, 0.0), 2.0**40 - 2**31),
        (core, "pair", (), (7, 8)),
        (component, "small", (-128,), -128),
        (component, "nothing", (), None),
        (component, "text", (), None),
    ],
)
def test_numbers_cross_as_they_are(make: Make, export: str, args: tuple[Any, ...], answer: Any) -> None:
    fresh = make().fresh(export, *args)
    assert (fresh.run(), fresh.result()) == (True, answer)


@both
def test_a_trap_is_told_and_the_next_call_is_sound(make: Make) -> None:
    program = make()
    trapping = program.fresh("trap", 0)
    assert [trapping.run() for _ in range(3)] == [False] * 3
    assert trapping.failures.count == 3
    assert trapping.failures.text == "wasm trap: wasm `unreachable` instruction executed"
    sound = program.fresh("trap", 5)
    assert (sound.run(), sound.result(), sound.failures.count) == (True, 5, 0)


def test_a_trap_leaves_a_core_instance_callable_and_poisons_a_component() -> None:
    answers = {}
    for make in (core, component):
        with make().live("trap", 5) as live:
            trap = live.calling(0)
            answers[make.__name__] = (trap(), live.run(), live.renew(), live.run())
    assert answers == {"core": (False, True, True, True), "component": (False, False, True, True)}


@both
def test_what_does_not_start_is_told(make: Make) -> None:
    program = make(program=STILLBORN[make.__name__])
    fresh = program.fresh("count")
    assert (fresh.run(), fresh.failures.text) == (False, "wasm trap: wasm `unreachable` instruction executed")
    sentence = "stillborn cannot be instantiated: wasm trap: wasm `unreachable` instruction executed."
    with pytest.raises(ProgramError, match=f"^{re.escape(sentence)}$"):
        fresh.laps()
    with pytest.raises(ProgramError, match=f"^{re.escape(sentence)}$"):
        program.live("count")


@both
def test_a_pool_that_is_full_is_told(make: Make) -> None:
    with make(Knobs(pooling=True)).live("count") as live:
        made = 1
        while live.another():
            made += 1
            assert made < 10_000
        assert re.search(r"maximum concurrent .*limit of \d+ .*reached", live.failures.text)
        # The store that it is in goes on, and gives everything back when it goes.
        assert live.run()
        assert live.renew()
        assert live.run()


@both
def test_an_instance_that_could_not_be_made_anew_is_not_called(make: Make) -> None:
    program = make(Knobs(pooling=True))
    with program.live("count") as filling, program.live("count") as live:
        while filling.another():
            pass
        live.close()
        while filling.another():
            pass
        assert not live.renew()
        with pytest.raises(ClosedError):
            live.run()


@both
def test_an_export_that_is_missing_is_named(make: Make) -> None:
    program = make()
    with pytest.raises(UnknownNameError, match=rf"^There is no export of {make.__name__} named 'dubble'; did you"):
        program.fresh("dubble", 1.0)
    with pytest.raises(UnknownNameError):
        program.live("dubble", 1.0)


@pytest.mark.parametrize(
    ("make", "export", "args", "sentence"),
    [
        (core, "memory", (), "memory of core is no function."),
        (core, "double", (), "double of core takes 1 argument, not 0."),
        (core, "double", ("ten",), "double of core takes (f64), not ('ten',)."),
        (core, "trap", (2**31,), "trap of core takes (i32), not (2147483648,)."),
        (core, "trap", (1.5,), "trap of core takes (i32), not (1.5,)."),
        (
            core,
            "reference",
            (1,),
            "The native path passes numbers only, and reference of core takes or gives something else.",
        ),
        (component, "double", (None,), "double of component takes (f64), not (None,)."),
        (component, "small", (128,), "small of component takes (s8), not (128,)."),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_runs(
    make: Make, export: str, args: tuple[Any, ...], sentence: str
) -> None:
    with pytest.raises(ArgumentError, match=f"^{re.escape(sentence)}$"):
        make().fresh(export, *args)


def test_bytes_that_the_runtime_refuses_are_told() -> None:
    broken = Program.from_bytes("broken", CORE.wasm[:8] + b"\x01\x01\xff")
    with pytest.raises(ProgramError, match=r"^broken is rejected by the runtime: .+\.$"):
        core(program=broken)


@both
def test_a_closed_instance_is_not_called(make: Make) -> None:
    live = make().live("count")
    live.close()
    live.close()
    for use in (live.run, live.another):
        with pytest.raises(ClosedError, match=r"^The store of this native call is closed; prepare another one\.$"):
            use()


@both
def test_a_call_belongs_to_its_thread(make: Make) -> None:
    program = make()
    fresh, live = program.fresh("count"), program.live("count")
    refused: list[str] = []

    def elsewhere() -> None:
        for use in (fresh.run, fresh.laps, live.run, live.renew):
            try:
                use()
            except LabkitError as error:
                refused.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert refused == ["A native call belongs to the thread that prepared it; prepare one in each thread."] * 4
    assert fresh.run()
    live.close()


@both
def test_threads_with_calls_of_their_own_do_not_disturb_each_other(make: Make) -> None:
    program = make(Knobs(pooling=True))
    wrong: list[Any] = []

    def work(number: int) -> None:
        fresh = program.fresh("double", float(number))
        answers = {(fresh.run(), fresh.result()) for _ in range(2000)}
        if answers != {(True, 2.0 * number)}:
            wrong.append((number, answers, fresh.failures.text))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@both
def test_phases_are_those_of_one_call(make: Make) -> None:
    took = make().fresh("double", 1.0).laps()
    assert len(took) == len(PHASES)
    assert all(ns > 0 for ns in took)


@pytest.mark.parametrize(
    ("make", "export", "args"),
    [(core, "trap", (0,)), (core, "double", (1.0,)), (component, "trap", (0,)), (component, "text", ())],
    ids=["core traps", "core returns", "component traps", "component returns a text of 60 kB"],
)
def test_nothing_leaks(make: Make, export: str, args: tuple[Any, ...]) -> None:
    """A leak of one trap, store or text per call would be megabytes."""
    fresh = make(Knobs(pooling=True)).fresh(export, *args)
    for _ in range(2000):
        fresh.run()
    gc.collect()
    before = psutil.Process().memory_info().rss
    for _ in range(20_000):
        fresh.run()
    assert psutil.Process().memory_info().rss - before < 2 * 2**20


def test_a_live_instance_that_nobody_closes_goes_with_its_last_reference() -> None:
    program = core(Knobs(pooling=True))
    # More than there are places for, had each kept its own.
    for _ in range(2000):
        assert program.live("count").run()


@both
def test_the_public_interface_gives_the_same(make: Make) -> None:
    program = make()
    for export, args in (("double", (3.0,)), ("count", ()), ("trap", (0,)), ("trap", (4,))):
        ours, theirs = program.fresh(export, *args), public.fresh(program, export, *args)
        assert (ours.run(), ours.result() if ours.run() else None) == (theirs.run(), theirs.result())
    with pytest.raises(ProgramError, match=r"^stillborn cannot be instantiated: wasm trap: .* executed\.$"):
        public.live(make(program=STILLBORN[make.__name__]), "count")
    with public.live(program, "trap", 5) as live:
        trap = live.calling(0)
        assert (live.run(), trap(), live.renew(), live.another(), live.run()) == (True, False, True, True, True)
    with pytest.raises(ClosedError):
        live.run()


def test_only_declared_functions_are_called() -> None:
    with pytest.raises(LabkitError, match=r"^wasmtime_nonsense is no function that the native path declares\.$"):
        library()["wasmtime_nonsense"]
    assert wasmtime.Engine()
