"""However guests interleave, an awaited call ends as a synchronous one does, unless it is cancelled."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit.host import Engine, Program, Store
from labkit.record import Recorder

# What a guest does, one after the other: it computes, asks the host for something, or ends badly.
ACTIONS = st.one_of(
    st.tuples(st.just("loop"), st.integers(1, 2000)),
    st.tuples(st.just("ask"), st.integers(0, 50)),
    st.tuples(st.just("raise"), st.integers(0, 50)),
    st.tuples(st.just("trap"), st.just(0)),
    st.tuples(st.just("deep"), st.just(0)),
)
WEIGHTED = st.one_of(ACTIONS, st.tuples(st.just("ask"), st.integers(0, 50)))


@dataclass(frozen=True)
class Guest:
    """A program, the turns of the loop that each answer of the host takes, and after how many it is cancelled."""

    component: bool
    actions: tuple[tuple[str, int], ...]
    naps: tuple[int, ...]
    patience: int | None

    @property
    def program(self) -> Program:
        body = "\n".join(_INSTRUCTIONS[name].format(n=n) for name, n in self.actions)
        return Program.from_wat("guest", (_COMPONENT if self.component else _CORE).format(body=body))

    @property
    def path(self) -> str:
        return "ask" if self.component else "host#ask"


_INSTRUCTIONS = {
    "loop": """
      (local.set $n (i32.const {n}))
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $again (local.get $n)))""",
    "ask": "(local.set $sum (i32.add (local.get $sum) (call $ask (i32.const {n}))))",
    "raise": "(local.set $sum (call $ask (i32.add (i32.const 1000) (i32.const {n}))))",
    "trap": "unreachable",
    "deep": "(call $deep)",
}
_MODULE = """
    (import "host" "ask" (func $ask (param i32) (result i32)))
    (func $deep (call $deep) (call $deep))
    (func (export "go") (result i32) (local $sum i32) (local $n i32) {body} (local.get $sum))
"""
_CORE = f"(module {_MODULE})"
_COMPONENT = f"""
(component
  (import "ask" (func $ask (param "x" u32) (result u32)))
  (core func $ask_core (canon lower (func $ask)))
  (core module $m {_MODULE})
  (core instance $i (instantiate $m (with "host" (instance (export "ask" (func $ask_core))))))
  (func (export "go") (result u32) (canon lift (core func $i "go"))))
"""

GUESTS = st.builds(
    Guest,
    component=st.booleans(),
    actions=st.lists(WEIGHTED, max_size=6).map(tuple),
    naps=st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple),
    patience=st.one_of(st.none(), st.none(), st.integers(0, 30)),
)


def answer(x):
    """What the host says: the same, whether somebody waits for it or not."""
    if x >= 1000:
        raise OSError(f"no answer to {x}")
    return x * x


def ends(recorder):
    """What a trace says of its call, but for when."""
    step = recorder.trace().step(2)
    return step.outcome, step.host_calls


def run_synchronously(engine, guest):
    recorder = Recorder("50.0.1")
    with Store(engine, recorder, imports={guest.path: answer}) as store:
        store.instantiate(guest.program).call("go")
    return ends(recorder)


async def run_asynchronously(engine, guest):
    recorder = Recorder("50.0.1")
    naps = list(guest.naps)

    async def answer_later(x):
        for _ in range(naps[0]):
            await asyncio.sleep(0)
        naps.append(naps.pop(0))
        return answer(x)

    with Store(engine, recorder, imports={guest.path: answer_later}) as store:
        call = asyncio.create_task((await store.instantiate_async(guest.program)).call_async("go"))
        if guest.patience is not None:
            for _ in range(guest.patience):
                await asyncio.sleep(0)
            call.cancel()
        await asyncio.wait([call])
        if call.cancelled() and len(recorder.trace()) == 1:
            return None, ()
    return ends(recorder)


@pytest.fixture(scope="module")
def engine():
    with Engine() as engine:
        yield engine
        assert len(engine.tasks) == 0
        assert engine.suspended == {}


def comparable(outcome):
    """An outcome, with the functions that were on the stack.

    Not with their offsets, which tell whether there was a tick just then, and not for an error of the host, of
    which a component may not be told.
    """
    functions = () if outcome.kind == "host-error" else tuple(frame.func_index for frame in outcome.frames)
    return outcome.kind, outcome.value, outcome.code, outcome.raised, outcome.message, functions


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(guests=st.lists(GUESTS, min_size=1, max_size=5))
def test_guests_end_as_they_would_one_by_one(engine, guests):
    async def story():
        return await asyncio.gather(*(run_asynchronously(engine, guest) for guest in guests))

    for guest, (outcome, host_calls) in zip(guests, asyncio.run(story()), strict=True):
        expected, expected_calls = run_synchronously(engine, guest)
        if guest.patience is not None and (outcome is None or outcome.code == "cancelled"):
            # It got as far as it got, and up to there it is the same.
            answered = [call for call in host_calls if call.returned is not None]
            assert tuple(answered) == expected_calls[: len(answered)]
        else:
            assert (comparable(outcome), host_calls) == (comparable(expected), expected_calls)
